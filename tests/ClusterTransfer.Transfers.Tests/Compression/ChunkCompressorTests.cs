using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Compression;
using ClusterTransfer.Wire.Compression;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Tests.Compression;

/// <summary>Row TE-12: which chunks of a session are compressed, and by which codec.</summary>
public sealed class ChunkCompressorTests
{
    private const int MiB = 1024 * 1024;

    private static readonly PeerCodecs All = new(HelloFeatures.Lz4 | HelloFeatures.Zstandard);

    private readonly VirtualTime _time = new();
    private readonly LinkMeter _link;
    private readonly List<CodecChange> _changes = [];
    private double _idle = 2;

    public ChunkCompressorTests() => _link = new LinkMeter(_time);

    [Fact]
    public void Compress_OnASlowLink_TakesZstandardByItselfAndSaysSo()
    {
        ChunkCompressor compressor = Compressor(CompressionMode.Auto);
        Move(bytesPerSecond: 125e6);
        byte[] chunk = Text(MiB);
        byte[] before = [.. chunk];

        PayloadCodec codec = compressor.Compress(chunk, All, out int length);

        SkipUnlessAvailable();
        Assert.Equal(PayloadCodec.Zstandard, codec);
        Assert.InRange(length, 1, MiB / 2);
        byte[] restored = new byte[MiB];
        Assert.True(NativeCodec.Of(codec)!.TryDecompress(chunk.AsSpan(0, length), restored));
        Assert.Equal(before, restored);
        CodecChange change = Assert.Single(_changes);
        Assert.Equal((PayloadCodec.None, PayloadCodec.Zstandard), (change.Before, change.After));
        Assert.Equal(125e6, change.LinkBytesPerSecond, 1e6);
        Assert.Equal((1, 0, MiB - length), (compressor.Counters.ChunksZstandard, compressor.Counters.ChunksLz4, compressor.Counters.BytesSaved));
    }

    [Fact]
    public void Compress_BeforeTheLinkIsKnown_LeavesTheChunk()
    {
        AssertLeft(Compressor(CompressionMode.Auto), Text(MiB), All);
        Assert.Empty(_changes);
    }

    [Fact]
    public void Compress_OnAFastLink_LeavesTheChunk()
    {
        Move(bytesPerSecond: 2e9);
        AssertLeft(Compressor(CompressionMode.Auto), Text(MiB), All);
    }

    [Fact]
    public void Compress_WithoutAFreeProcessor_LeavesTheChunk()
    {
        _idle = 0;
        Move(bytesPerSecond: 25e6);
        AssertLeft(Compressor(CompressionMode.Auto), Text(MiB), All);
    }

    [Fact]
    public void Compress_OfNoise_LeavesTheChunk()
    {
        Move(bytesPerSecond: 25e6);
        byte[] noise = new byte[MiB];
        new Random(1).NextBytes(noise);
        AssertLeft(Compressor(CompressionMode.Auto), noise, All);
        AssertLeft(Compressor(CompressionMode.Lz4), noise, All);
        AssertLeft(Compressor(CompressionMode.Zstandard), noise, All);
    }

    [Fact]
    public void Compress_WhenTheLinkBecomesFast_StopsAndSaysSo()
    {
        SkipUnlessAvailable();
        ChunkCompressor compressor = Compressor(CompressionMode.Auto);
        Move(bytesPerSecond: 25e6);
        Assert.NotEqual(PayloadCodec.None, compressor.Compress(Text(MiB), All, out _));

        Move(bytesPerSecond: 3e9, seconds: 20);

        AssertLeft(compressor, Text(MiB), All);
        Assert.Equal([PayloadCodec.Zstandard, PayloadCodec.None], _changes.Select(change => change.After));
    }

    // The connections are held up by a slow disk behind them: fewer bytes on the wire move no file faster.
    [Fact]
    public void Compress_WhenFilesMoveNoFaster_StopsForAMinute()
    {
        SkipUnlessAvailable();
        ChunkCompressor compressor = Compressor(CompressionMode.Auto);
        Move(bytesPerSecond: 100e6);
        Assert.NotEqual(PayloadCodec.None, compressor.Compress(Text(MiB), All, out _));

        Move(bytesPerSecond: 40e6, seconds: 15, rawPerByte: 2.5);
        AssertLeft(compressor, Text(MiB), All);
        Move(bytesPerSecond: 100e6, seconds: 50);
        AssertLeft(compressor, Text(MiB), All);

        Move(bytesPerSecond: 100e6, seconds: 15);
        Assert.NotEqual(PayloadCodec.None, compressor.Compress(Text(MiB), All, out _));
    }

    [Fact]
    public void Compress_WhileFilesMoveFaster_GoesOn()
    {
        SkipUnlessAvailable();
        ChunkCompressor compressor = Compressor(CompressionMode.Auto);
        Move(bytesPerSecond: 100e6);
        Assert.NotEqual(PayloadCodec.None, compressor.Compress(Text(MiB), All, out _));

        for (int i = 0; i < 10; i++)
        {
            Move(bytesPerSecond: 100e6, seconds: 15, rawPerByte: 2.5);
            Assert.NotEqual(PayloadCodec.None, compressor.Compress(Text(MiB), All, out _));
        }

        Assert.Single(_changes);
    }

    [Fact]
    public void Compress_ByConfiguration_AsksNeitherLinkNorProcessors()
    {
        SkipUnlessAvailable();
        _idle = 0;
        Assert.Equal(PayloadCodec.Lz4, Compressor(CompressionMode.Lz4).Compress(Text(MiB), All, out _));
        Assert.Equal(PayloadCodec.Zstandard, Compressor(CompressionMode.Zstandard).Compress(Text(MiB), All, out _));
    }

    [Fact]
    public void Compress_ByConfigurationNone_LeavesTheChunk()
    {
        Move(bytesPerSecond: 25e6);
        AssertLeft(Compressor(CompressionMode.None), Text(MiB), All);
    }

    [Theory]
    [InlineData(CompressionMode.Auto)]
    [InlineData(CompressionMode.Lz4)]
    [InlineData(CompressionMode.Zstandard)]
    public void Compress_ForAPeerWithoutCodecs_LeavesTheChunk(CompressionMode mode)
    {
        Move(bytesPerSecond: 25e6);
        AssertLeft(Compressor(mode), Text(MiB), new PeerCodecs(HelloFeatures.All));
    }

    [Fact]
    public void Compress_ForAPeerWithOneCodec_TakesThat()
    {
        SkipUnlessAvailable();
        Move(bytesPerSecond: 25e6);
        Assert.Equal(PayloadCodec.Lz4, Compressor(CompressionMode.Auto).Compress(Text(MiB), new PeerCodecs(HelloFeatures.Lz4), out _));
    }

    [Fact]
    public void Compress_WithoutALibrary_LeavesTheChunk()
    {
        Move(bytesPerSecond: 25e6);
        var none = new CompressionServices { Codecs = [], IdleProcessors = () => 2 };
        AssertLeft(new ChunkCompressor(CompressionMode.Zstandard, none, _time, _link, _changes.Add), Text(MiB), All);
    }

    [Fact]
    public void Compress_OfAShortChunk_LeavesIt()
    {
        Move(bytesPerSecond: 25e6);
        AssertLeft(Compressor(CompressionMode.Zstandard), Text(4095), All);
        AssertLeft(Compressor(CompressionMode.Zstandard), [], All);
    }

    private static void SkipUnlessAvailable() =>
        Assert.SkipUnless(NativeCodec.Lz4.IsAvailable && NativeCodec.Zstandard.IsAvailable, "this system has not both codecs");

    private static byte[] Text(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)"the quick brown fox jumps over the lazy dog, again and again. "[i % 62])];

    private static void AssertLeft(ChunkCompressor compressor, byte[] chunk, PeerCodecs peer)
    {
        byte[] before = [.. chunk];
        long saved = compressor.Counters.BytesSaved;

        Assert.Equal(PayloadCodec.None, compressor.Compress(chunk, peer, out int length));
        Assert.Equal(before.Length, length);
        Assert.Equal(before, chunk);
        Assert.Equal(saved, compressor.Counters.BytesSaved);
    }

    private ChunkCompressor Compressor(CompressionMode mode) =>
        new(mode, new CompressionServices { IdleProcessors = () => _idle }, _time, _link, _changes.Add);

    private void Move(double bytesPerSecond, int seconds = 2, double rawPerByte = 1)
    {
        for (int i = 0; i < seconds * 10; i++)
        {
            _link.Queued();
            _time.Advance(TimeSpan.FromMilliseconds(100));
            _link.Left((int)(bytesPerSecond / 10), (int)(bytesPerSecond * rawPerByte / 10));
        }
    }
}
