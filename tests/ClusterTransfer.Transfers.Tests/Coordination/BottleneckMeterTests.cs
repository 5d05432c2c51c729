using ClusterTransfer.Model.Stages;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Coordination;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>What is made of the reports of both ends: waits are handed on to what they are for.</summary>
public sealed class BottleneckMeterTests
{
    private readonly VirtualTime _time = new();
    private readonly BottleneckMeter _meter;

    public BottleneckMeterTests() => _meter = new BottleneckMeter(_time);

    public static TheoryData<Stage, StageReport> OwnStages => new()
    {
        { Stage.List, new StageReport { List = 8, Network = 0.5 } },
        { Stage.Throttle, new StageReport { Throttle = 7, Network = 1 } },
        { Stage.Read, new StageReport { Read = 6, Hash = 1, Network = 1 } },
        { Stage.Hash, new StageReport { Read = 1, Hash = 6, Network = 1 } },
        { Stage.Compress, new StageReport { Read = 1, Hash = 1, Compress = 6 } },
        { Stage.Seal, new StageReport { Read = 1, Seal = 12, Network = 6 } },
        { Stage.Network, new StageReport { Read = 1, Seal = 6, Network = 12 } },
    };

    [Theory]
    [MemberData(nameof(OwnStages))]
    public void StageOfTheSource_WithMostChunks_IsTheLimiter(Stage limiter, StageReport source)
    {
        _meter.NoteDestination(new StageReport { Write = 0.5, Verify = 0.2 });
        _meter.NoteSource(source);

        Assert.Equal(limiter, _meter.Now!.Limiter);
        Assert.Equal(_meter.Now.Stages[0].Share, _meter.Now.Share);
        Assert.InRange(_meter.Now.Stages.Sum(stage => stage.Share), 0.99, 1.01);
    }

    [Theory]
    [InlineData(Stage.Verify)]
    [InlineData(Stage.Write)]
    [InlineData(Stage.Flush)]
    public void Window_FullOfChunksAtTheDestination_IsTheDestinationsBusiestStage(Stage busiest)
    {
        _meter.NoteDestination(new StageReport { Verify = Of(Stage.Verify), Write = Of(Stage.Write), Flush = Of(Stage.Flush) });
        _meter.NoteSource(new StageReport { Window = 8, Away = 16 });

        Assert.Equal(busiest, _meter.Now!.Limiter);
        Assert.Equal(0.75, _meter.Now.Share);
        Assert.DoesNotContain(_meter.Now.Stages, stage => stage.Stage == Stage.Window);

        double Of(Stage stage) => stage == busiest ? 12 : 2;
    }

    [Theory]
    [InlineData(double.Epsilon)]
    [InlineData(1e-310)]
    [InlineData(1e-300)]
    public void Window_OfHardlyAnyChunkInFlight_StaysTheWindow(double away)
    {
        _meter.NoteDestination(new StageReport { Write = away });
        _meter.NoteSource(new StageReport { Window = StageReport.Most, Away = away });

        Assert.Equal((Stage.Window, 1), (_meter.Now!.Limiter, _meter.Now.Share));
    }

    [Fact]
    public void Window_FullOfChunksOnTheirWay_StaysTheWindow()
    {
        _meter.NoteDestination(new StageReport { Write = 1 });
        _meter.NoteSource(new StageReport { Window = 8, Away = 16 });

        Assert.Equal((Stage.Window, 0.938), (_meter.Now!.Limiter, _meter.Now.Share));
    }

    [Fact]
    public void Window_FullOfChunksThatTheConnectionsDoNotTake_IsTheNetwork()
    {
        _meter.NoteSource(new StageReport { Window = 4, Network = 12, Away = 4 });

        // 12 of 16 in flight are at the sockets, so three of the four places wait for them; the last is on its way.
        Assert.Equal((Stage.Network, 0.938), (_meter.Now!.Limiter, _meter.Now.Share));
        Assert.Equal(new StageShare(Stage.Window, 0.062), _meter.Now.Stages[1]);
    }

    [Theory]
    [InlineData(0.9, 0, Stage.Open)]
    [InlineData(0, 0.9, Stage.Write)]
    [InlineData(0.1, 0.1, Stage.Network)]
    [InlineData(1, 1, Stage.Open)]
    public void Network_ThatTheDestinationDoesNotRead_IsWhatKeepsItFromThat(double opening, double blocked, Stage limiter)
    {
        _meter.NoteDestination(new StageReport { Opening = opening, Blocked = blocked, Write = 6, Verify = 1 });
        _meter.NoteSource(new StageReport { Network = 16, Away = 8 });

        Assert.Equal(limiter, _meter.Now!.Limiter);
        Assert.InRange(_meter.Now.Stages.Sum(stage => stage.Share), 0.99, 1.01);
    }

    [Fact]
    public void Destination_ThatDoesNotSay_LeavesTheWaitsWhereTheyAre()
    {
        _meter.NoteDestination(null);
        _meter.NoteSource(new StageReport { Window = 6, Network = 2, Away = 14 });

        Assert.Equal(Stage.Window, _meter.Now!.Limiter);
        Assert.Equal([Stage.Window, Stage.Network], _meter.Now.Stages.Select(stage => stage.Stage));
    }

    [Fact]
    public void Source_ThatDoesNotSay_LeavesNothingToShow()
    {
        _meter.NoteDestination(new StageReport { Write = 12, Blocked = 1 });
        _meter.NoteSource(null);
        Assert.Null(_meter.Now);
        Assert.Empty(_meter.Overall);
    }

    [Fact]
    public void Nothing_Moves_ShowsNothing()
    {
        _meter.NoteSource(new StageReport { Read = 4 });
        Assert.NotNull(_meter.Now);
        _meter.NoteSource(new StageReport { Away = 3 });
        Assert.Null(_meter.Now);
    }

    [Fact]
    public void Limiter_KeepsItsTimeUntilAnotherOneIsAheadForAWhile()
    {
        _meter.NoteSource(new StageReport { Read = 8 });
        DateTimeOffset began = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromSeconds(10));

        _meter.NoteSource(new StageReport { Network = 8 });
        _meter.NoteSource(new StageReport { Network = 8 });
        Assert.Equal((Stage.Read, began), (_meter.Now!.Limiter, _meter.Now.Since));

        _meter.NoteSource(new StageReport { Network = 8 });
        Assert.Equal((Stage.Network, _time.GetUtcNow()), (_meter.Now!.Limiter, _meter.Now.Since));
    }

    [Fact]
    public void Overall_WeighsEachReportByItsTime()
    {
        _meter.NoteSource(new StageReport { Read = 8 });
        _time.Advance(TimeSpan.FromSeconds(9));
        _meter.NoteSource(new StageReport { Read = 8 });
        _time.Advance(TimeSpan.FromSeconds(1));
        _meter.NoteSource(new StageReport { Network = 8 });
        _meter.Forget();

        Assert.Null(_meter.Now);
        Assert.Equal([new StageShare(Stage.Read, 0.9), new StageShare(Stage.Network, 0.1)], _meter.Overall);
    }

    [Fact]
    public void Reports_AtTheirLimits_GiveSharesAllTheSame()
    {
        const double Most = StageReport.Most;
        _meter.NoteDestination(new StageReport { Verify = Most, Write = Most, Flush = Most, Opening = 1, Blocked = 1 });
        _meter.NoteSource(new StageReport { List = Most, Throttle = Most, Read = Most, Hash = Most, Compress = Most, Seal = Most, Network = Most, Window = Most, Away = Most });

        Assert.All(_meter.Now!.Stages, stage => Assert.InRange(stage.Share, 0.001, 1));
        Assert.InRange(_meter.Now.Stages.Sum(stage => stage.Share), 0.99, 1.01);
    }
}
