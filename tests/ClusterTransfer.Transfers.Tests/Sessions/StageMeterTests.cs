using ClusterTransfer.Actors;
using ClusterTransfer.Model.Stages;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>What an end reports of its chunks: each phase made slow in turn, in virtual time, is what the coordinator names.</summary>
public sealed class StageMeterTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly VirtualTime _time = new();
    private readonly StageClock _clock;

    public StageMeterTests() => _clock = new StageClock(_time);

    // A chunk goes through all of it in turn; each step takes 1 ms, the slow one 100 ms.
    [Theory]
    [InlineData(ChunkPhase.Throttle, Stage.Throttle)]
    [InlineData(ChunkPhase.Read, Stage.Read)]
    [InlineData(ChunkPhase.Hash, Stage.Hash)]
    [InlineData(ChunkPhase.Compress, Stage.Compress)]
    [InlineData(ChunkPhase.Send, Stage.Network)]
    [InlineData(ChunkPhase.Pace, Stage.Throttle)]
    [InlineData(ChunkPhase.Seal, Stage.Seal)]
    public void Phase_OfTheSource_ThatIsSlow_IsTheLimiter(ChunkPhase slow, Stage limiter)
    {
        var source = new SourceStageMeter(_clock);
        for (int i = 0; i < 5; i++)
        {
            foreach (ChunkPhase phase in (ReadOnlySpan<ChunkPhase>)[ChunkPhase.Throttle, ChunkPhase.Read, ChunkPhase.Hash, ChunkPhase.Compress, ChunkPhase.Send, ChunkPhase.Pace])
            {
                TimeSpan takes = TimeSpan.FromMilliseconds(phase == slow || (phase == ChunkPhase.Send && slow == ChunkPhase.Seal) ? 100 : 1);
                _clock.Enter(phase);
                _time.Advance(takes);
                _clock.Leave(phase);
                if (phase == ChunkPhase.Send && slow == ChunkPhase.Seal)
                {
                    _clock.Add(ChunkPhase.Seal, 0.9 * takes);
                }
            }
        }

        Assert.Equal(limiter, LimiterOf(source.Report()!, new StageReport()));
    }

    [Theory]
    [InlineData(ChunkPhase.Verify, Stage.Verify)]
    [InlineData(ChunkPhase.Write, Stage.Write)]
    [InlineData(ChunkPhase.Flush, Stage.Flush)]
    public void Phase_OfTheDestination_ThatIsSlow_IsTheLimiterOnceTheWindowIsFull(ChunkPhase slow, Stage limiter)
    {
        var destination = new DestinationStageMeter(_clock);
        _clock.Set(ChunkPhase.Turn, 3);
        _clock.Set(ChunkPhase.Verify, 1);
        _clock.Set(ChunkPhase.Write, 1);
        _clock.Set(slow, 9);
        _time.Advance(Interval);

        Assert.Equal(limiter, LimiterOf(new StageReport { Window = 2, Away = 14 }, destination.Report([])!));
    }

    // Of two connections one is held up half of the time and decrypts a fifth of it; the other is not; the third rests, and does not count.
    [Fact]
    public void Connections_OfTheDestination_AreReportedByWhatKeepsThemFromReceiving()
    {
        var destination = new DestinationStageMeter(_clock);
        ManualConnection[] connections = [new(1), new(2), new(3)];
        ConnectionHandle[] handles = [.. connections.Select(connection => new ConnectionHandle(connection.Number, connection, ActorRefs.Nobody))];
        _time.Advance(Interval);
        Assert.Equal((0, 0), PartsOf(destination.Report(handles)!));   // of nobody it is known from when

        connections[0].Counted = new() { BytesReceived = 1_000_000, Blocked = Interval / 2, Opening = Interval / 5 };
        connections[1].Counted = new() { BytesReceived = 1_000_000 };
        connections[2].Counted = new() { BytesReceived = 60 };
        _time.Advance(Interval);
        Assert.Equal((0.1, 0.25), PartsOf(destination.Report(handles)!));

        _time.Advance(Interval);
        Assert.Equal((0, 0), PartsOf(destination.Report(handles)!));

        connections[0].Counted = connections[0].Counted with { Blocked = 9 * Interval, Opening = 9 * Interval };   // told late
        _time.Advance(Interval);
        Assert.Equal((1, 1), PartsOf(destination.Report(handles)!));

        static (double Opening, double Blocked) PartsOf(StageReport report) => (Math.Round(report.Opening, 6), Math.Round(report.Blocked, 6));
    }

    [Fact]
    public void Waits_ForWorkersConnectionsAndBuffers_AreThoseForWhatIsDoneThere()
    {
        var source = new SourceStageMeter(_clock);
        _clock.Set(ChunkPhase.Read, 3);
        _clock.Set(ChunkPhase.Hash, 1);
        _clock.Set(ChunkPhase.Worker, 4);
        _clock.Set(ChunkPhase.Send, 2);
        _clock.Set(ChunkPhase.Line, 6);
        _clock.Set(ChunkPhase.Buffer, 16);
        _clock.Set(ChunkPhase.Flight, 40);
        _time.Advance(Interval);

        StageReport report = source.Report()!;

        // 8 at the workers, 8 at the connections; the 16 without a buffer wait for both alike.
        Assert.Equal((12, 4, 16), (report.Read, report.Hash, report.Network));
        Assert.Equal(8, report.Away);
    }

    [Fact]
    public void Waits_ForWorkersThatOthersHave_AreNotLost()
    {
        var source = new SourceStageMeter(_clock);
        _clock.Set(ChunkPhase.Worker, 4);
        _clock.Set(ChunkPhase.Line, 2);
        _clock.Set(ChunkPhase.Flight, 6);
        _time.Advance(Interval);

        StageReport report = source.Report()!;
        Assert.Equal((4, 2, 0), (report.Read, report.Network, report.Away));
    }

    [Fact]
    public void Report_IsOfTheTimeSinceTheOneBefore()
    {
        var source = new SourceStageMeter(_clock);
        _clock.Set(ChunkPhase.Read, 8);
        _time.Advance(Interval);
        Assert.Equal(8, source.Report()!.Read);
        _time.Advance(Interval / 2);
        _clock.Set(ChunkPhase.Read, 0);
        _time.Advance(Interval / 2);
        Assert.Equal(4, source.Report()!.Read);
        Assert.Null(source.Report());   // no time has passed
    }

    private Stage LimiterOf(StageReport source, StageReport destination)
    {
        var meter = new BottleneckMeter(_time);
        meter.NoteDestination(destination);
        meter.NoteSource(source);
        return meter.Now!.Limiter;
    }
}
