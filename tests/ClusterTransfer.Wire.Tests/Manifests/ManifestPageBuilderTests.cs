using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Wire.Tests.Manifests;

public sealed class ManifestPageBuilderTests
{
    [Fact]
    public void Build_OfAFullPageOfShortPaths_HasTheMostEntries()
    {
        ManifestPageBuilder builder = New();
        int added = 0;
        while (builder.TryAdd(Pages.File($"{added}", 1)))
        {
            added++;
        }

        Assert.Equal(ManifestLimits.MaxEntriesPerPage, added);
        Assert.True(ManifestCodec.TryDecode(ManifestCodec.Encode(builder.Build()), out _, out _));
    }

    [Fact]
    public void Build_OfAFullPageOfLongPaths_CanBeEncoded()
    {
        ManifestPageBuilder builder = New();
        string folder = string.Join('/', Enumerable.Repeat(new string('d', 250), 15));
        int added = 0;
        while (builder.TryAdd(Pages.Link($"{added:d9}/{folder}", new string('t', 4095))))
        {
            added++;
        }

        Assert.InRange(added, 100, 150);
        Assert.Equal(added, builder.Count);
        Assert.InRange(ManifestCodec.Encode(builder.Build()).Length, 1_000_000, ManifestLimits.MaxEncodedPage);
    }

    [Fact]
    public void TryAdd_BeyondTheChunksOfAPage_GoesToTheNext()
    {
        const long Half = (long)ManifestLimits.MaxChunksPerPage / 2 * ChunkSizes.Max;
        ManifestPageBuilder builder = New();
        Assert.True(builder.TryAdd(Pages.File("a", Half)));
        Assert.True(builder.TryAdd(Pages.File("b", Half)));
        Assert.False(builder.TryAdd(Pages.File("c", 1)));
        Assert.True(builder.TryAdd(Pages.Folder("d")));
        Assert.Equal(new PagePlan(builder.Build()).ChunkCount, builder.ChunkCount);
    }

    [Fact]
    public void TryAdd_OfAFileThatFitsNoPage_IsRefusedByAnEmptyOne() => Assert.False(New().TryAdd(Pages.File("a", long.MaxValue)));

    [Fact]
    public void TryAdd_AtTheEndOfIndices_IsRefused()
    {
        var entries = new ManifestPageBuilder(0, uint.MaxValue - 1, 0, Pages.Base, default);
        Assert.True(entries.TryAdd(Pages.Folder("a")));
        Assert.False(entries.TryAdd(Pages.Folder("b")));
        Assert.True(ManifestCodec.TryDecode(ManifestCodec.Encode(entries.Build()), out _, out _));

        var chunks = new ManifestPageBuilder(0, 0, uint.MaxValue - 1, Pages.Base, default);
        Assert.True(chunks.TryAdd(Pages.File("a", 1)));
        Assert.False(chunks.TryAdd(Pages.File("b", Pages.Base)));
        Assert.True(ManifestCodec.TryDecode(ManifestCodec.Encode(chunks.Build()), out _, out _));
    }

    private static ManifestPageBuilder New() => new(0, 0, 0, Pages.Base, default);
}
