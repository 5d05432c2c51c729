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
    public async Task Write_OfAFrame_TellsWhenItIsWrittenAndNotBefore(int length)
    {
        var pool = new BufferPool(4 * 1024 * 1024, poison: true);
        var written = new TaskCompletionSource();
        BufferLease payload = await pool.RentAsync(length, CancellationToken.None);
        using OutgoingFrame frame = OutgoingFrame.Chunk(TestFrames.Header(FrameType.Chunk), new byte[32], payload, written);

        Task write = WriteAsync();
        Assert.False(written.Task.IsCompleted);
        _stream.Gate.SetResult();
        await write.WithinDeadline();

        Assert.True(written.Task.IsCompletedSuccessfully);

        async Task WriteAsync()
        {
            await _writer.WriteAsync(frame, CancellationToken.None);
            frame.Dispose();
            await _writer.FlushAsync(CancellationToken.None);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Frame_ThatIsNotWritten_TellsThatToo(bool isKeptByTheWriter)
    {
        var pool = new BufferPool(4 * 1024 * 1024, poison: true);
        var written = new TaskCompletionSource();
        OutgoingFrame frame = OutgoingFrame.Chunk(TestFrames.Header(FrameType.Chunk), new byte[32], await pool.RentAsync(100, CancellationToken.None), written);

        if (isKeptByTheWriter)
        {
            await _writer.WriteAsync(frame, CancellationToken.None);
        }

        frame.Dispose();
        _writer.Abandon();

        Assert.True(written.Task.IsCanceled);
    }
}
