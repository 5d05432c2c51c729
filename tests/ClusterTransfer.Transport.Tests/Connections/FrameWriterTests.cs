using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Tests.Support;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Tests.Connections;

/// <summary>What counts as sent, on a stream that takes bytes only when the test says so.</summary>
public sealed class FrameWriterTests : IDisposable
{
    private readonly GatedStream _stream = new();
    private readonly ConnectionCounters _counters = new();
    private readonly FrameWriter _writer;

    public FrameWriterTests() => _writer = new FrameWriter(_stream, new Liveness(new ManualTime(), new DataPlaneOptions()), _counters);

    public void Dispose() => _stream.Dispose();

    [Fact]
    public async Task Write_OfSmallFrames_CountsThemOnceTheyAreWrittenOut()
    {
        await _writer.WriteAsync(TestFrames.Credit(1), CancellationToken.None);
        await _writer.WriteAsync(TestFrames.Credit(2), CancellationToken.None);
        ValueTask flush = _writer.FlushAsync(CancellationToken.None);

        Assert.Equal(0, _counters.Snapshot().FramesSent);
        _stream.Gate.SetResult();
        await flush.AsTask().WithinDeadline();

        Assert.Equal(2, _counters.Snapshot().FramesSent);
    }

    [Fact]
    public async Task Write_OfALargeFrame_CountsItWithItsLastByte()
    {
        await _writer.WriteAsync(TestFrames.Credit(1), CancellationToken.None);
        ValueTask write = _writer.WriteAsync(
            OutgoingFrame.Control(TestFrames.Header(FrameType.Chunk), new byte[1024 * 1024]), CancellationToken.None);

        Assert.Equal(0, _counters.Snapshot().FramesSent);
        _stream.Gate.SetResult();
        await write.AsTask().WithinDeadline();
        await _writer.FlushAsync(CancellationToken.None);

        Assert.Equal(2, _counters.Snapshot().FramesSent);
    }

    [Theory]
    [InlineData(100)]           // kept until there is more
    [InlineData(1024 * 1024)]
    public async Task Write_OfAFrame_TellsThatItIsWrittenOnceAndNotBefore(int length)
    {
        var pool = new BufferPool(4 * 1024 * 1024, poison: true);
        int told = 0;
        BufferLease payload = await pool.RentAsync(length, CancellationToken.None);
        using OutgoingFrame frame = OutgoingFrame.Chunk(TestFrames.Header(FrameType.Chunk), new byte[32], payload, () => told++);

        Task write = WriteAsync();
        Assert.Equal(0, told);
        _stream.Gate.SetResult();
        await write.WithinDeadline();
        await _writer.WriteAsync(TestFrames.Credit(2), CancellationToken.None);
        await _writer.FlushAsync(CancellationToken.None);

        Assert.Equal(1, told);

        async Task WriteAsync()
        {
            await _writer.WriteAsync(frame, CancellationToken.None);
            await _writer.FlushAsync(CancellationToken.None);
        }
    }
}
