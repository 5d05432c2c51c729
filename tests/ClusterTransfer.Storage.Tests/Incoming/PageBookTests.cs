using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Incoming;

/// <summary>What it costs to find something in a manifest whose pages do not all fit in memory.</summary>
public sealed class PageBookTests
{
    private readonly List<long> _read = [];

    [Fact]
    public void FindPath_WhereverItIs_ReadsOnePage()
    {
        ManualSource source = Tree();
        PageBook book = BookOf(source);

        // From the end, so that what was added last is of no help.
        foreach ((ManifestEntry entry, _) in source.Entries.Reverse())
        {
            _read.Clear();

            Assert.Equal(entry.Mode, book.FindPath(entry.Path)?.Mode);
            Assert.InRange(_read.Count, 0, 1);
        }

        Assert.True(book.Count > 20);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("tree/00")]
    [InlineData("tree/07/b")]
    [InlineData("tree/07.5")]
    [InlineData("tree/99")]
    [InlineData("u")]
    public void FindPath_OfNoEntry_IsNull(string path) => Assert.Null(BookOf(Tree()).FindPath(ManualSource.PathOf(path)));

    [Fact]
    public void FindPath_WithoutPages_IsNull() => Assert.Null(new PageBook((_, _) => []).FindPath(ManualSource.PathOf("tree")));

    private static ManualSource Tree()
    {
        var source = new ManualSource { PageSize = 3 };
        source.Folder("tree");
        for (int i = 1; i <= 40; i++)
        {
            source.Folder($"tree/{i:00}", 0x1c0 + i).File($"tree/{i:00}/a", [1]);
        }

        return source;
    }

    private PageBook BookOf(ManualSource source)
    {
        List<byte[]> encoded = source.Encoded;
        var book = new PageBook((offset, _) =>
        {
            _read.Add(offset);
            return encoded[(int)offset];
        });
        for (int i = 0; i < encoded.Count; i++)
        {
            ManifestPage page = source.Pages[i];
            var plan = new PagePlan(page);
            book.Add(new IncomingPage(page, plan.ChunkCount, ManifestCodec.HashOf(encoded[i]), i, encoded[i].Length), new LoadedPage(page, plan));
        }

        return book;
    }
}
