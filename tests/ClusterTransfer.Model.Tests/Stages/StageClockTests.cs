using ClusterTransfer.Model.Stages;

namespace ClusterTransfer.Model.Tests.Stages;

public sealed class StageClockTests
{
    private readonly SteppedTime _time = new();
    private readonly StageClock _clock;

    public StageClockTests() => _clock = new StageClock(_time);

    [Fact]
    public void Phase_ThatWasLeft_KeepsItsTime()
    {
        _clock.Enter(ChunkPhase.Read);
        _time.Step(30);
        _clock.Leave(ChunkPhase.Read);
        _time.Step(500);

        Assert.Equal(TimeSpan.FromMilliseconds(30), Spent(ChunkPhase.Read));
        Assert.Equal(0, _clock.Inside(ChunkPhase.Read));
    }

    [Fact]
    public void Phase_ThatLasts_CountsAlready()
    {
        _time.Step(70);
        _clock.Enter(ChunkPhase.Write);
        _time.Step(5);
        _clock.Enter(ChunkPhase.Write);
        _time.Step(20);

        Assert.Equal(TimeSpan.FromMilliseconds(45), Spent(ChunkPhase.Write));
        Assert.Equal(2, _clock.Inside(ChunkPhase.Write));
    }

    [Fact]
    public void Move_TakesAChunkFromOneToTheOther()
    {
        _clock.Enter(ChunkPhase.Line);
        _time.Step(10);
        _clock.Move(ChunkPhase.Line, ChunkPhase.Send);
        _time.Step(3);

        Assert.Equal((TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(3)), (Spent(ChunkPhase.Line), Spent(ChunkPhase.Send)));
        Assert.Equal((0, 1), (_clock.Inside(ChunkPhase.Line), _clock.Inside(ChunkPhase.Send)));
    }

    [Fact]
    public void Set_CountsAsManyAsThereAre()
    {
        _clock.Set(ChunkPhase.Flight, 3);
        _time.Step(10);
        _clock.Set(ChunkPhase.Flight, 1);
        _time.Step(10);
        _clock.Set(ChunkPhase.Flight, StageClock.MaxInside + 5);
        _time.Step(1);

        Assert.Equal(TimeSpan.FromMilliseconds(30 + 10 + StageClock.MaxInside), Spent(ChunkPhase.Flight));
    }

    [Fact]
    public void Step_GoesThroughItsPhasesAndLeavesTheLast()
    {
        Assert.Throws<InvalidOperationException>(ReadAndFail);
        _time.Step(100);

        Assert.Equal((TimeSpan.FromMilliseconds(4), TimeSpan.FromMilliseconds(2)), (Spent(ChunkPhase.Read), Spent(ChunkPhase.Hash)));
    }

    [Fact]
    public void Step_WithoutAClock_DoesNothing()
    {
        var step = new PhaseStep(null, ChunkPhase.Read);
        step.Next(ChunkPhase.Hash);
        step.Dispose();
    }

    [Fact]
    public async Task Phases_OfManyThreads_LoseNothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                _clock.Enter(ChunkPhase.Read);
                _clock.Move(ChunkPhase.Read, ChunkPhase.Hash);
                _clock.Leave(ChunkPhase.Hash);
            }
        })));
        _clock.Enter(ChunkPhase.Read);
        _time.Step(7);

        Assert.Equal((TimeSpan.FromMilliseconds(7), TimeSpan.Zero), (Spent(ChunkPhase.Read), Spent(ChunkPhase.Hash)));
        Assert.Equal((1, 0), (_clock.Inside(ChunkPhase.Read), _clock.Inside(ChunkPhase.Hash)));
    }

    private void ReadAndFail()
    {
        using var step = new PhaseStep(_clock, ChunkPhase.Read);
        _time.Step(4);
        step.Next(ChunkPhase.Hash);
        _time.Step(2);
        throw new InvalidOperationException("as it may be");
    }

    private TimeSpan Spent(ChunkPhase phase)
    {
        var spent = new TimeSpan[Enum.GetValues<ChunkPhase>().Length];
        _clock.Read(spent);
        return spent[(int)phase];
    }

    private sealed class SteppedTime : TimeProvider
    {
        private long _now = 1_000_000;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Step(int milliseconds) => _now += milliseconds * TimeSpan.TicksPerMillisecond;
    }
}
