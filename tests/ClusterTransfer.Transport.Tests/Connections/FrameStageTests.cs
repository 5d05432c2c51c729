using ClusterTransfer.Model.Stages;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Pacing;
using ClusterTransfer.Transport.Records;
using ClusterTransfer.Transport.Tests.Support;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Tests.Connections;

/// <summary>Where a frame is on its way out is counted, while it is there.</summary>
public sealed class FrameStageTests : IDisposable
{
    private const int Length = 1024 * 1024;
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(3);

    private readonly ManualTime _time = new();
    private readonly StageClock _clock;
    private readonly GatedStream _network = new();

    public FrameStageTests() => _clock = new StageClock(_time);

    public void Dispose() => _network.Dispose();

    [Fact]
    public async Task Frame_InTheQueue_WaitsForItsConnection()
    {
        OutgoingFrame frame = await FrameAsync();
        _time.Advance(Slow);
        Assert.Equal(Slow, Spent(ChunkPhase.Line));

        frame.Dispose();
        _time.Advance(Slow);
        Assert.Equal(Slow, Spent(ChunkPhase.Line));
        Assert.Equal(0, _clock.Inside(ChunkPhase.Line));
    }

    [Fact]
    public async Task Frame_ThatTheSocketDoesNotTake_IsSent()
    {
        var writer = new FrameWriter(_network, Liveness(), new ConnectionCounters());
        using OutgoingFrame frame = await FrameAsync();
        Task write = writer.WriteAsync(frame, CancellationToken.None).AsTask();
        _time.Advance(Slow);
        Assert.Equal((TimeSpan.Zero, Slow), (Spent(ChunkPhase.Line), Spent(ChunkPhase.Send)));

        _network.Gate.SetResult();
        await write.WithinDeadline();
        _time.Advance(Slow);
        Assert.Equal((Slow, 0), (Spent(ChunkPhase.Send), _clock.Inside(ChunkPhase.Send)));
    }

    [Fact]
    public async Task Frame_ThatBreaksOff_IsNotSentAnyMore()
    {
        var writer = new FrameWriter(_network, Liveness(), new ConnectionCounters());
        OutgoingFrame frame = await FrameAsync();
        using var stopping = new CancellationTokenSource();
        Task write = writer.WriteAsync(frame, stopping.Token).AsTask();
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write.WithinDeadline());

        frame.Dispose();
        Assert.Equal(0, _clock.Inside(ChunkPhase.Send));
    }

    [Fact]
    public async Task Frame_UnderALimit_WaitsForThatAndNotForTheNetwork()
    {
        using var stream = new MemoryStream();
        using var pacer = new ManualPacer();
        var writer = new FrameWriter(stream, Liveness(), new ConnectionCounters());
        using OutgoingFrame frame = await FrameAsync(pacer);
        Task write = writer.WriteAsync(frame, CancellationToken.None).AsTask();
        await pacer.NextQuestionAsync().WithinDeadline();
        await Eventually.TrueAsync(() => _clock.Inside(ChunkPhase.Pace) == 1, "it waits for the limit");
        _time.Advance(Slow);

        pacer.Allow(Length);
        await write.WithinDeadline();
        Assert.Equal((TimeSpan.Zero, Slow), (Spent(ChunkPhase.Send), Spent(ChunkPhase.Pace)));
        Assert.Equal(0, _clock.Inside(ChunkPhase.Pace));
    }

    [Fact]
    public async Task Frame_ThatIsSealedSlowly_IsToldFromTheNetwork()
    {
        using var stream = new SlowSeal(_time, Slow);
        var writer = new FrameWriter(stream, Liveness(), new ConnectionCounters());
        using OutgoingFrame frame = await FrameAsync();

        await writer.WriteAsync(frame, CancellationToken.None);

        Assert.Equal(stream.Sealing, Spent(ChunkPhase.Seal));
        Assert.True(Spent(ChunkPhase.Seal) >= Slow);
        Assert.Equal(Spent(ChunkPhase.Send), Spent(ChunkPhase.Seal));
    }

    [Fact]
    public void Receiving_ThatPauses_CountsWhileItDoes()
    {
        Liveness liveness = Liveness();
        _time.Advance(Slow);
        liveness.PauseReceiving();
        _time.Advance(Slow);
        Assert.Equal(Slow, liveness.Paused);

        liveness.ResumeReceiving();
        _time.Advance(Slow);
        liveness.PauseReceiving();
        liveness.ResumeReceiving();
        Assert.Equal(Slow, liveness.Paused);
    }

    private Liveness Liveness() => new(_time, new DataPlaneOptions());

    private async Task<OutgoingFrame> FrameAsync(IPacer? pacer = null)
    {
        BufferLease payload = await new BufferPool(4 * Length, poison: true).RentAsync(Length, CancellationToken.None);
        return OutgoingFrame.Chunk(TestFrames.Header(FrameType.Chunk), new byte[32], payload, pacer: pacer, stages: _clock);
    }

    private TimeSpan Spent(ChunkPhase phase)
    {
        var spent = new TimeSpan[Enum.GetValues<ChunkPhase>().Length];
        _clock.Read(spent);
        return spent[(int)phase];
    }

    /// <summary>Each write takes long, all of it to seal.</summary>
    private sealed class SlowSeal(ManualTime time, TimeSpan takes) : LayerStream
    {
        public override ValueTask BeginAsync(bool dialled, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public override ValueTask EndAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            time.Advance(takes);
            CountSealing(takes);
            return ValueTask.CompletedTask;
        }
    }
}
