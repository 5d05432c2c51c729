using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Hashing;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>A node with a good certificate that sends what it must not. Nothing leaves the location, and the destination goes on serving others.</summary>
public sealed class LyingSourceTests
{
    [Theory]
    [InlineData("up")]
    [InlineData("beneath")]
    [InlineData("absolute")]
    [InlineData("dot")]
    [InlineData("doubled")]
    [InlineData("nul")]
    [InlineData("empty")]
    [InlineData("second-result")]
    [InlineData("same-name")]
    [InlineData("file-as-folder")]
    [InlineData("through-own-link")]
    [InlineData("staging")]
    public async Task Page_WithAWrongName_IsRefusedWhole(string lie)
    {
        // Arrange
        await using Cluster cluster = await Cluster.StartAsync();
        string canary = Files.Write(cluster.Folder["canary", "file"], 100);
        await using LyingSource source = await LyingSource.JoinAsync(cluster);
        TransferResource submitted = await cluster.SubmitAsync("lies:anything", "dst:");
        await source.OpenAsync();

        // Act
        source.Send(FrameType.ManifestPage, PageOf(lie, cluster.Folder["canary"]));

        // Assert
        TransferResource done = await cluster.EndOfAsync(submitted.Id);
        Assert.Equal(TransferState.Failed, done.State);
        Assert.Contains(done.Problem!.Reason, new[] { Reason.ProtocolViolation, Reason.NameRefused });
        Assert.NotEqual(0, done.ExitCode);
        await AssertUntouchedAsync(cluster, canary);
    }

    [Fact]
    public async Task File_BeneathALinkOfTheDestination_IsNotWrittenThroughIt()
    {
        // Arrange: a user of the destination has a link there that leads out of the location.
        await using Cluster cluster = await Cluster.StartAsync();
        string canary = Files.Write(cluster.Folder["canary", "file"], 100);
        Directory.CreateDirectory(Path.Combine(cluster.Target, "out"));
        Directory.CreateSymbolicLink(Path.Combine(cluster.Target, "out", "way"), cluster.Folder["canary"]);
        await using LyingSource source = await LyingSource.JoinAsync(cluster);
        TransferResource submitted = await cluster.SubmitAsync("lies:out", "dst:", conflict: ConflictPolicy.Overwrite);
        await source.OpenAsync();

        // Act
        byte[] page = ForgedPage.Encode(ForgedPage.Folder("out"), ForgedPage.Folder("out/way"), ForgedPage.File("out/way/file", 3));
        source.Send(FrameType.ManifestPage, page);
        await source.NextAsync(FrameType.HaveBits);
        SendPack(source, entry: 2, "new"u8);
        source.Send(FrameType.ManifestSeal, new ManifestSealBody(new ManifestSeal(1, 3, 1, 1, 3, ManifestCodec.HashOf(page))).ToArray());

        // Assert
        await source.EndAsync(entries: 3);
        TransferResource done = await cluster.EndOfAsync(submitted.Id);
        Assert.Equal((0L, 4), (done.Progress.FilesPublished, done.ExitCode));
        await AssertUntouchedAsync(cluster, canary);
    }

    [Fact]
    public async Task Chunks_ThatDoNotFitThePlan_AreRefused()
    {
        // Arrange
        await using Cluster cluster = await Cluster.StartAsync(new()
        {
            Alpha = options => options with { Transfers = options.Transfers with { BadChunkLimit = 5 } },
        });
        string canary = Files.Write(cluster.Folder["canary", "file"], 100);
        await using LyingSource source = await LyingSource.JoinAsync(cluster);
        TransferResource submitted = await cluster.SubmitAsync("lies:file", "dst:");
        await source.OpenAsync();
        byte[] page = ForgedPage.Encode(ForgedPage.File("file", 3));

        // Act: before its page, beyond the plan, of another length, then with another digest than its bytes.
        SendPack(source, entry: 0, "new"u8);
        Assert.Equal(NackReason.OutOfRange, await NackAsync(source));
        source.Send(FrameType.ManifestPage, page);
        await source.NextAsync(FrameType.HaveBits);
        SendPack(source, entry: 0, "new"u8, chunk: 7);
        Assert.Equal(NackReason.OutOfRange, await NackAsync(source));
        SendPack(source, entry: 0, "longer"u8);
        Assert.Equal(NackReason.WrongLength, await NackAsync(source));
        SendPack(source, entry: 0, "new"u8, digestOf: "old"u8);
        Assert.Equal(NackReason.Corrupt, await NackAsync(source));
        Assert.Empty(Files.Names(cluster.Target));

        // Assert: what fits is taken all the same.
        SendPack(source, entry: 0, "new"u8);
        await source.NextAsync(FrameType.Ack);
        source.Send(FrameType.ManifestSeal, new ManifestSealBody(new ManifestSeal(1, 1, 1, 1, 3, ManifestCodec.HashOf(page))).ToArray());
        await source.EndAsync(entries: 1);
        TransferResource done = await cluster.EndOfAsync(submitted.Id);
        Assert.Equal((TransferState.Completed, 1L), (done.State, done.Progress.FilesPublished));
        Assert.Equal("new", File.ReadAllText(Path.Combine(cluster.Target, "file")));
        await AssertUntouchedAsync(cluster, canary, "file");
    }

    private static byte[] PageOf(string lie, string outside) => lie switch
    {
        "up" => ForgedPage.Encode(ForgedPage.File("../canary/file")),
        "beneath" => ForgedPage.Encode(ForgedPage.Folder("tree"), ForgedPage.File("tree/../../canary/file")),
        "absolute" => ForgedPage.Encode(ForgedPage.File($"{outside}/file")),
        "dot" => ForgedPage.Encode(ForgedPage.Folder("tree"), ForgedPage.File("tree/./file")),
        "doubled" => ForgedPage.Encode(ForgedPage.Folder("tree"), ForgedPage.File("tree//file")),
        "nul" => ForgedPage.Encode(ForgedPage.File("fi\0le")),
        "empty" => ForgedPage.Encode(ForgedPage.File(string.Empty)),
        "second-result" => ForgedPage.Encode(ForgedPage.File("file"), ForgedPage.File("other")),
        "same-name" => ForgedPage.Encode(ForgedPage.Folder("tree"), ForgedPage.File("tree/file"), ForgedPage.File("tree/file")),
        "file-as-folder" => ForgedPage.Encode(ForgedPage.Folder("tree"), ForgedPage.File("tree/file"), ForgedPage.File("tree/file/file")),
        "through-own-link" => ForgedPage.Encode(ForgedPage.Folder("tree"), ForgedPage.Link("tree/way", outside), ForgedPage.File("tree/way/file")),
        "staging" => ForgedPage.Encode(ForgedPage.Folder(".clustertransfer"), ForgedPage.File(".clustertransfer/lock")),
        _ => throw new ArgumentOutOfRangeException(nameof(lie)),
    };

    private static void SendPack(LyingSource source, uint entry, ReadOnlySpan<byte> bytes, uint chunk = 0, ReadOnlySpan<byte> digestOf = default)
    {
        ReadOnlySpan<byte> hashed = digestOf.IsEmpty ? bytes : digestOf;
        Digest digest = PackDigest.Compute([new PackMemberDigest(new EntryIndex(entry), hashed.Length, Blake3.Hash(hashed))]);
        byte[] prefix = new byte[ChunkPrefix.LengthOf(packed: true, 0)];
        ChunkPrefix.Write(prefix, packed: true, digest, []);
        source.Send(FrameType.Chunk, [.. prefix, .. bytes], entry, chunk, bytes.Length, FrameFlags.Packed);
    }

    private static async Task<NackReason> NackAsync(LyingSource source)
    {
        (_, byte[] body) = await source.NextAsync(FrameType.Nack);
        Assert.True(NackBody.TryRead(body, out NackBody? nack));
        return nack.Reason;
    }

    private static async Task AssertUntouchedAsync(Cluster cluster, string canary, params string[] arrived)
    {
        Assert.Equal(Files.Bytes(100), File.ReadAllBytes(canary));
        Assert.Equal(["file"], Files.Names(Path.GetDirectoryName(canary)!));
        Assert.Equal(arrived, Files.Names(cluster.Target).Where(name => !name.StartsWith("out", StringComparison.Ordinal)));

        // The destination goes on serving others.
        Files.Write(Path.Combine(cluster.Source, "honest"), 10);
        Assert.Equal(TransferState.Completed, (await cluster.CopyAsync("src:honest", "dst:")).State);
    }
}
