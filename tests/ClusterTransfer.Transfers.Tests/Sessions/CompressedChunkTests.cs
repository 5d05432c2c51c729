using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Wire.Compression;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Hashing;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>Compressed chunks at both ends: what is restored is checked as any other, and what cannot be restored is refused as damaged.</summary>
public sealed class CompressedChunkTests
{
    private const FrameFlags NoSuchCodec = FrameFlags.Lz4 | FrameFlags.Zstandard;

    private static readonly byte[] Content = [.. Enumerable.Range(0, Manifests.MiB).Select(i => (byte)(i / 1000))];

    private static readonly ManifestPage Page = new(
        0, 0, 0, Manifests.MiB, default, [new ManifestEntry(EntryKind.Folder, Manifests.Path("tree"), 0, 0x1ed, 0, default, default), Manifests.Entry("tree/a", Manifests.MiB)]);

    [Theory]
    [InlineData(PayloadCodec.Lz4, FrameFlags.Lz4)]
    [InlineData(PayloadCodec.Zstandard, FrameFlags.Zstandard)]
    public async Task Chunk_CompressedByThePeer_IsRestoredAndStored(PayloadCodec codec, FrameFlags flag)
    {
        await using SessionBench bench = await DestinationAsync();
        ConnectionHandle connection = await ReadyAsync(bench);

        await bench.SendChunkAsync(connection, 0, Blake3.Hash(Content), Compressed(codec), flag, Content.Length);

        (_, byte[] body) = await bench.NextAsync(FrameType.Ack);
        Assert.True(AckBody.TryRead(body, out AckBody? ack));
        Assert.Equal([0u], ack.Chunks);
    }

    [Theory]
    [InlineData(PayloadCodec.Lz4, FrameFlags.Lz4)]
    [InlineData(PayloadCodec.Zstandard, FrameFlags.Zstandard)]
    public async Task Chunk_WhoseRestoredBytesAreOthers_IsRefusedAsCorrupt(PayloadCodec codec, FrameFlags flag)
    {
        await using SessionBench bench = await DestinationAsync();
        ConnectionHandle connection = await ReadyAsync(bench);

        await bench.SendChunkAsync(connection, 0, Samples.SomeDigest, Compressed(codec), flag, Content.Length);

        Assert.Equal(NackReason.Corrupt, await RefusalAsync(bench));
    }

    [Theory]
    [InlineData(PayloadCodec.Lz4, FrameFlags.Lz4, 0)]               // not all of it
    [InlineData(PayloadCodec.Zstandard, FrameFlags.Zstandard, 0)]
    [InlineData(PayloadCodec.Lz4, FrameFlags.Zstandard, -1)]        // not what it says it is
    [InlineData(PayloadCodec.Zstandard, FrameFlags.Lz4, -1)]
    [InlineData(PayloadCodec.Zstandard, NoSuchCodec, -1)]
    public async Task Chunk_ThatCannotBeRestored_IsRefusedAsCorrupt(PayloadCodec codec, FrameFlags flags, int cut)
    {
        await using SessionBench bench = await DestinationAsync();
        ConnectionHandle connection = await ReadyAsync(bench);
        byte[] sent = Compressed(codec);
        sent = cut < 0 ? sent : sent[..(sent.Length / 2)];

        await bench.SendChunkAsync(connection, 0, Blake3.Hash(Content), sent, flags, Content.Length);

        Assert.Equal(NackReason.Corrupt, await RefusalAsync(bench));
    }

    [Fact]
    [Trait("row", "A13")]
    public async Task Chunk_ThatBecomesLongerThanPlanned_IsRefused()
    {
        await using SessionBench bench = await DestinationAsync();
        ConnectionHandle connection = await ReadyAsync(bench);

        // Its header admits to more than the plan has, and it really is as long.
        byte[] bomb = new byte[16 * Manifests.MiB];
        byte[] sent = new byte[Manifests.MiB];
        NativeCodec zstandard = Of(PayloadCodec.Zstandard);
        sent = sent[..zstandard.Compress(bomb, sent)];
        await bench.SendChunkAsync(connection, 0, Blake3.Hash(bomb), sent, FrameFlags.Zstandard, bomb.Length);

        Assert.Equal(NackReason.WrongLength, await RefusalAsync(bench));
    }

    [Theory]
    [InlineData(CompressionMode.Lz4, HelloFeatures.Lz4, FrameFlags.Lz4)]
    [InlineData(CompressionMode.Zstandard, HelloFeatures.Zstandard, FrameFlags.Zstandard)]
    [InlineData(CompressionMode.Zstandard, HelloFeatures.Lz4, FrameFlags.None)]
    [InlineData(CompressionMode.None, HelloFeatures.Lz4 | HelloFeatures.Zstandard, FrameFlags.None)]
    public async Task Source_ByItsPolicy_SendsWhatThePeerReads(CompressionMode mode, HelloFeatures peer, FrameFlags expected)
    {
        Of(PayloadCodec.Lz4);
        Of(PayloadCodec.Zstandard);
        await using SessionBench bench = SessionBench.Create(
            new SessionOptions { ActivePages = 1, ChunkSize = Manifests.MiB }, request: Samples.Request with { Policies = new() { Compression = mode } });
        bench.PeerFeatures = HelloFeatures.All | peer;
        await File.WriteAllBytesAsync(Path.Combine(bench.SourceFolder, "big"), Content, TestContext.Current.CancellationToken);
        await bench.OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        bench.Say(connection, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());
        bench.Say(connection, FrameType.Credit, new CreditBody(64 * Manifests.MiB).ToArray());
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(connection, page, plan, chunk => chunk.IsPacked);

        (FrameHeader header, byte[] body) = await bench.NextAsync(FrameType.Chunk);

        Assert.Equal(expected, header.Flags);
        Assert.Equal(Content.Length, header.RawLength);
        Assert.True(ChunkPrefix.TryRead(body, packed: false, out ChunkPrefix prefix));
        Assert.Equal(Blake3.Hash(Content), prefix.Digest);
        byte[] restored = body[prefix.Length..];
        if (expected != FrameFlags.None)
        {
            byte[] sent = restored;
            restored = new byte[Content.Length];
            Assert.True(Of(expected == FrameFlags.Lz4 ? PayloadCodec.Lz4 : PayloadCodec.Zstandard).TryDecompress(sent, restored));
        }

        Assert.Equal(Content, restored);
    }

    private static NativeCodec Of(PayloadCodec codec)
    {
        NativeCodec? native = NativeCodec.Of(codec);
        Assert.SkipWhen(native is null, $"this system has no {codec}");
        return native;
    }

    private static byte[] Compressed(PayloadCodec codec)
    {
        byte[] compressed = new byte[Content.Length];
        return compressed[..Of(codec).Compress(Content, compressed)];
    }

    private static async Task<SessionBench> DestinationAsync()
    {
        SessionBench bench = SessionBench.Create(new SessionOptions(), Model.Control.SessionRole.Destination);
        await bench.OpenAsync();
        return bench;
    }

    private static async Task<ConnectionHandle> ReadyAsync(SessionBench bench)
    {
        ConnectionHandle connection = await bench.JoinAsync();
        bench.Say(connection, FrameType.ManifestPage, ManifestCodec.Encode(Page));
        await bench.NextAsync(FrameType.HaveBits);      // which pages it has, said as a greeting
        await bench.NextAsync(FrameType.HaveBits);      // what it has of this one
        return connection;
    }

    private static async Task<NackReason> RefusalAsync(SessionBench bench)
    {
        (_, byte[] body) = await bench.NextAsync(FrameType.Nack);
        Assert.True(NackBody.TryRead(body, out NackBody? nack));
        return nack.Reason;
    }
}
