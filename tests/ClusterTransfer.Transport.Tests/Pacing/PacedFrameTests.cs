using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Tests.Support;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Tests.Pacing;

/// <summary>Frames whose payload is let go part by part.</summary>
public sealed class PacedFrameTests : IDisposable
{
    private const int Length = 1024 * 1024;

    private readonly ManualTime _time = new();
    private readonly ConnectionCounters _counters = new();
    private readonly ManualPacer _pacer = new();
    private readonly MemoryStream _stream = new();
    private readonly Liveness _liveness;
    private readonly FrameWriter _writer;

    public PacedFrameTests()
    {
        _liveness = new Liveness(_time, new DataPlaneOptions());
        _writer = new FrameWriter(_stream, _liveness, _counters);
    }

    public void Dispose()
    {
        _pacer.Dispose();
        _stream.Dispose();
    }

    [Fact]
    public async Task Payload_IsWrittenAsFarAsThePacerLetsIt()
    {
        var written = new TaskCompletionSource();
        using OutgoingFrame frame = await FrameAsync(written);
        await _writer.WriteAsync(TestFrames.Credit(1), CancellationToken.None);
        Task write = _writer.WriteAsync(frame, CancellationToken.None).AsTask();

        Assert.Equal(Length, await _pacer.NextQuestionAsync().WithinDeadline());
        _pacer.Allow(100_000);
        Assert.Equal(Length - 100_000, await _pacer.NextQuestionAsync().WithinDeadline());

        // What was kept of other frames, and all that is allowed, is out while it waits.
        await Eventually.TrueAsync(() => _counters.Snapshot().BytesSent > 100_000, "the part is out");
        Assert.InRange(_stream.Length, 100_000, 100_000 + 200);
        Assert.False(written.Task.IsCompleted);

        _pacer.Allow(Length);
        await write.WithinDeadline();
        await _writer.FlushAsync(CancellationToken.None);
        Assert.True(written.Task.IsCompletedSuccessfully);
        byte[] sent = _stream.ToArray();
        Assert.Equal(frame.Payload.ToArray(), sent[^Length..]);
    }

    [Fact]
    public async Task Wait_ForTokens_IsNotTakenForAPeerThatDoesNotRead()
    {
        using OutgoingFrame frame = await FrameAsync();
        Task write = _writer.WriteAsync(frame, CancellationToken.None).AsTask();
        await _pacer.NextQuestionAsync().WithinDeadline();
        _pacer.Allow(10_000);
        await _pacer.NextQuestionAsync().WithinDeadline();
        await Eventually.TrueAsync(() => _counters.Snapshot().BytesSent > 10_000, "the part is out");

        for (int i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _liveness.FrameReceived();
            Assert.NotEqual(LivenessVerdict.PeerNotReading, _liveness.Check());
        }

        _pacer.Allow(Length);
        await write.WithinDeadline();
    }

    [Fact]
    public async Task Write_ThatIsCancelledWhileItWaits_EndsAtOnce()
    {
        using OutgoingFrame frame = await FrameAsync();
        using var stopping = new CancellationTokenSource();
        Task write = _writer.WriteAsync(frame, stopping.Token).AsTask();
        await _pacer.NextQuestionAsync().WithinDeadline();

        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write.WithinDeadline());
    }

    [Fact]
    public async Task Frame_RecalledInTheQueue_GivesItsMemoryBackAndIsPassedOver()
    {
        var written = new TaskCompletionSource();
        using OutgoingFrame frame = await FrameAsync(written);

        frame.Recall();

        Assert.True(frame.Payload.IsEmpty);
        Assert.True(_pacer.IsDisposed);
        await Assert.ThrowsAsync<FrameRecalledException>(() => written.Task.WithinDeadline());
        await _writer.WriteAsync(frame, CancellationToken.None);
        await _writer.FlushAsync(CancellationToken.None);
        Assert.Equal(0, _stream.Length);
    }

    [Fact]
    public async Task Frame_RecalledWhileItIsWritten_GoesOn()
    {
        var written = new TaskCompletionSource();
        using OutgoingFrame frame = await FrameAsync(written);
        Task write = _writer.WriteAsync(frame, CancellationToken.None).AsTask();
        await _pacer.NextQuestionAsync().WithinDeadline();

        frame.Recall();

        _pacer.Allow(Length);
        await write.WithinDeadline();
        await _writer.FlushAsync(CancellationToken.None);
        Assert.True(written.Task.IsCompletedSuccessfully);
        Assert.Equal(frame.Payload.ToArray(), _stream.ToArray()[^Length..]);
    }

    [Fact]
    public async Task Frame_OwnsItsPacer()
    {
        OutgoingFrame frame = await FrameAsync();

        frame.Dispose();

        Assert.True(_pacer.IsDisposed);
    }

    [Fact]
    public async Task Pings_BehindAChunkThatWaits_LeaveRoomForOthers()
    {
        var options = new DataPlaneOptions { ControlQueueFrames = 8 };
        using var pump = new SendPump(_writer, _counters, options, _time);
        using var stopping = new CancellationTokenSource();
        Task running = pump.RunAsync(stopping.Token);
        await pump.SendChunkAsync(await FrameAsync(), CancellationToken.None);
        await _pacer.NextQuestionAsync().WithinDeadline();

        Assert.True(pump.TrySendPing(new PingBody(1), FrameFlags.None));
        Assert.True(pump.TrySendPing(new PingBody(1), FrameFlags.Reply));
        for (ulong i = 2; i < 20; i++)
        {
            Assert.False(pump.TrySendPing(new PingBody(i), i % 2 == 0 ? FrameFlags.None : FrameFlags.Reply));
        }

        for (int i = 0; i < 6; i++)
        {
            Assert.True(pump.TrySend(TestFrames.Credit(i)));
        }

        _pacer.Allow(Length);
        await Eventually.TrueAsync(() => _counters.Snapshot().FramesSent == 9, "all are out");
        Assert.True(pump.TrySendPing(new PingBody(21), FrameFlags.None));
        await Eventually.TrueAsync(() => _counters.Snapshot().FramesSent == 10, "the ping is out");
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WithinDeadline());
    }

    private async Task<OutgoingFrame> FrameAsync(TaskCompletionSource? written = null)
    {
        var pool = new BufferPool(4 * 1024 * 1024, poison: true);
        BufferLease payload = await pool.RentAsync(Length, CancellationToken.None);
        new Random(1).NextBytes(payload.Memory.Span);
        return OutgoingFrame.Chunk(TestFrames.Header(FrameType.Chunk), new byte[32], payload, written, _pacer);
    }
}
