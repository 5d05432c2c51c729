using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Tests.Support;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Tests.Connections;

/// <summary>Rows N9, N10 and A14: how bytes become frames, however they are cut, and what is refused.</summary>
public sealed class FrameReaderTests
{
    private const int MaxChunkBody = 2 * 1024 * 1024;
    private readonly BufferPool _pool = new(4 * 1024 * 1024, poison: true);

    private static byte[] ThreeFrames =>
    [
        .. TestFrames.Encode(TestFrames.Header(FrameType.Credit, wireLength: 8), new CreditBody(5).ToArray()),
        .. TestFrames.Encode(TestFrames.Header(FrameType.Chunk, 9, 1000, 1032), Body(1032)),
        .. TestFrames.Encode(TestFrames.Header(FrameType.ManifestSeal), []),
    ];

    [Theory]
    [Trait("row", "N10")]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(38)]
    [InlineData(100_000)]
    public async Task Read_InSlices_GivesTheSameFrames(int slice) => await AssertThreeFramesAsync(new SlicingStream(ThreeFrames, slice));

    [Fact]
    [Trait("row", "N10")]
    public async Task Read_WithTheStreamSplitAtEachByte_GivesTheSameFrames()
    {
        for (int split = 1; split <= ThreeFrames.Length; split++)
        {
            await AssertThreeFramesAsync(new SlicingStream(ThreeFrames, split, 1 << 20));
        }
    }

    [Fact]
    [Trait("row", "N10")]
    public async Task Read_WithTheStreamEndingAtEachByte_NeverGivesAPartOfAFrame()
    {
        int firstEnd = FrameHeader.Size + 8;
        int secondEnd = firstEnd + FrameHeader.Size + 1032;
        for (int length = 0; length < ThreeFrames.Length; length++)
        {
            FrameReader reader = Reader(new SlicingStream(ThreeFrames[..length], 1 << 20));
            FrameRead read = await NextAsync(reader);
            while (read.Kind == FrameReadKind.Frame)
            {
                read = await NextAsync(reader);
            }

            bool between = length == 0 || length == firstEnd || length == secondEnd;
            Assert.Equal(between ? FrameReadKind.EndOfStream : FrameReadKind.Truncated, read.Kind);
            Assert.Equal(0, _pool.Outstanding);
        }
    }

    [Fact]
    [Trait("row", "N6")]
    public async Task Read_WithAnyBitOfTheHeaderFlipped_IsCorrupt()
    {
        for (int bit = 0; bit < FrameHeader.Size * 8; bit++)
        {
            byte[] bytes = ThreeFrames;
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));

            FrameRead read = await NextAsync(Reader(new SlicingStream(bytes, 1 << 20)));

            Assert.Equal(FrameReadKind.Corrupt, read.Kind);
        }

        Assert.Equal(0, _pool.Outstanding);
    }

    [Theory]
    [Trait("row", "N9")]
    [InlineData((FrameType)99, 10)]
    [InlineData(FrameType.Credit, 70_000)]
    [InlineData(FrameType.ManifestPage, 1_100_000)]
    [InlineData(FrameType.Chunk, MaxChunkBody + 1)]
    [InlineData(FrameType.Chunk, 5 * 1024 * 1024)]
    [InlineData(FrameType.Chunk, FrameLimits.AnyBody)]
    public async Task Read_OfAFrameThatIsNotTaken_SkipsItWithoutRenting(FrameType type, int length)
    {
        byte[] bytes = [.. TestFrames.Encode(TestFrames.Header(type, 4, wireLength: length), new byte[length]), .. ThreeFrames];
        FrameReader reader = Reader(new SlicingStream(bytes, 1000, 1 << 20));

        FrameRead read = await NextAsync(reader);

        Assert.Equal(FrameReadKind.Refused, read.Kind);
        Assert.Equal(4u, read.Header.Chunk.Value);
        await AssertThreeFramesAsync(reader);
    }

    [Theory]
    [Trait("row", "N9")]
    [InlineData(FrameLimits.AnyBody + 1)]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public async Task Read_OfALengthBeyondAnyFrame_IsCorruptAtOnce(int length)
    {
        FrameRead read = await NextAsync(Reader(new SlicingStream(TestFrames.Encode(TestFrames.Header(FrameType.Chunk, wireLength: length), []), 1 << 20)));

        Assert.Equal(FrameReadKind.Corrupt, read.Kind);
        Assert.Equal(0, _pool.Waits + _pool.Outstanding);
    }

    [Fact]
    public async Task Read_OfAChunkOfAFile_PutsItsPayloadOnAPage()
    {
        const int Payload = 1024 * 1024;
        byte[] body = Body(ChunkPrefix.LengthOf(packed: false, 0) + Payload);
        byte[] bytes = [.. TestFrames.Encode(TestFrames.Header(FrameType.Chunk, 5, Payload, body.Length), body), .. ThreeFrames];
        FrameReader reader = Reader(new SlicingStream(bytes, 1000, 1 << 20));

        FrameRead read = await reader.ReadAsync(_pool, MaxChunkBody, receiver: null, CancellationToken.None);

        using (BufferLease lease = read.Body!)
        {
            Assert.Equal(body, lease.Memory.ToArray());
            PagedMemory.AssertOnPage(lease.Memory[ChunkPrefix.LengthOf(packed: false, 0)..]);
        }

        await AssertThreeFramesAsync(reader);
    }

    [Fact]
    public async Task ReadSmall_ThenRead_LosesNothingBetween()
    {
        FrameReader reader = Reader(new SlicingStream([.. TestFrames.Encode(FrameType.Ping, new PingBody(3)), .. ThreeFrames], 1 << 20));

        (FrameRead read, ReadOnlyMemory<byte> body) = await reader.ReadSmallAsync(CancellationToken.None);

        Assert.Equal(FrameType.Ping, read.Header.Type);
        Assert.Equal(8, body.Length);
        await AssertThreeFramesAsync(reader);
    }

    [Fact]
    public async Task ReadSmall_OfALongBody_IsRefused()
    {
        byte[] bytes = TestFrames.Encode(TestFrames.Header(FrameType.Hello, wireLength: 5000), new byte[5000]);

        (FrameRead read, _) = await Reader(new SlicingStream(bytes, 1 << 20)).ReadSmallAsync(CancellationToken.None);

        Assert.Equal(FrameReadKind.Corrupt, read.Kind);
    }

    private static FrameReader Reader(Stream stream) => new(stream, new Liveness(TimeProvider.System, new DataPlaneOptions()), new ConnectionCounters());

    private static byte[] Body(int length)
    {
        byte[] body = new byte[length];
        new Random(1).NextBytes(body);
        return body;
    }

    private async ValueTask<FrameRead> NextAsync(FrameReader reader)
    {
        FrameRead read = await reader.ReadAsync(_pool, MaxChunkBody, receiver: null, CancellationToken.None);
        read.Body?.Dispose();
        return read;
    }

    private Task AssertThreeFramesAsync(Stream stream) => AssertThreeFramesAsync(Reader(stream));

    private async Task AssertThreeFramesAsync(FrameReader reader)
    {
        foreach ((FrameType type, byte[] body) in ((FrameType, byte[])[])
            [(FrameType.Credit, new CreditBody(5).ToArray()), (FrameType.Chunk, Body(1032)), (FrameType.ManifestSeal, [])])
        {
            FrameRead read = await reader.ReadAsync(_pool, MaxChunkBody, receiver: null, CancellationToken.None);
            using BufferLease? lease = read.Body;
            Assert.Equal(FrameReadKind.Frame, read.Kind);
            Assert.Equal(type, read.Header.Type);
            Assert.Equal(body, lease!.Memory.ToArray());
        }

        Assert.Equal(FrameReadKind.EndOfStream, (await NextAsync(reader)).Kind);
        Assert.Equal(0, _pool.Outstanding);
    }
}
