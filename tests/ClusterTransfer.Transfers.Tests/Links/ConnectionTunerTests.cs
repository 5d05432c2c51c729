using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Links;

namespace ClusterTransfer.Transfers.Tests.Links;

/// <summary>How many connections are used of a path whose behaviour the test makes up. A look every half second of virtual time.</summary>
public sealed class ConnectionTunerTests
{
    private const double MB = 1e6;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private readonly VirtualTime _time = new();
    private readonly List<ConnectionChange> _changes = [];
    private ConnectionTuner _tuner;
    private double _delivered;
    private int _standing = 4;

    public ConnectionTunerTests() => _tuner = new ConnectionTuner(_time, 4, 16);

    [Fact]
    public void Look_OnAPathThatLimitsEachConnection_AddsUntilTheMost()
    {
        Run(TimeSpan.FromMinutes(1), connections => connections * 5 * MB);

        Assert.Equal(16, _tuner.Target);
        Assert.Equal([(4, 6), (4, 6), (6, 9), (6, 9), (9, 13), (9, 13), (13, 16), (13, 16)], _changes.Select(change => (change.Before, change.After)));
        Assert.All(_changes.Where(change => change.Reason == ConnectionChangeReason.Paid), change => Assert.True(change.RateAfter > 1.2 * change.RateBefore));
    }

    [Fact]
    public void Look_OnAPathWithOneBottleneckForAll_GoesBackToTheStartAndTriesLessAndLessOften()
    {
        Run(TimeSpan.FromMinutes(10), _ => 25 * MB);

        Assert.Equal(4, _tuner.Target);
        Assert.Equal([ConnectionChangeReason.Tried, ConnectionChangeReason.DidNotPay], _changes.Select(change => change.Reason).Distinct());
        Assert.InRange(_changes.Count, 8, 12);   // after 0.5, 1, 2 and 4 minutes of rest
    }

    [Fact]
    public void Look_OnAPathWithAKnee_StopsThere()
    {
        Run(TimeSpan.FromMinutes(1), connections => Math.Min(connections, 9) * 4 * MB);

        Assert.Equal(9, _tuner.Target);
    }

    [Fact]
    public void Look_AtAStreamThatIsStillSpeedingUp_DoesNotTakeThatForAGain()
    {
        // Twenty seconds of slow start, whatever the number of connections.
        double rate = MB;
        Run(TimeSpan.FromSeconds(60), _ => rate = Math.Min(40 * MB, rate * 1.1));

        Assert.Equal(4, _tuner.Target);
    }

    [Fact]
    public void Look_AtAPathThatFluctuates_FindsWhatPaysAllTheSame()
    {
        var noise = new Random(7);
        Run(TimeSpan.FromMinutes(5), connections => connections * 5 * MB * (0.7 + (0.6 * noise.NextDouble())));
        Assert.Equal(16, _tuner.Target);

        _tuner = new ConnectionTuner(_time, 4, 16);
        Run(TimeSpan.FromMinutes(5), _ => 25 * MB * (0.7 + (0.6 * noise.NextDouble())));
        Assert.InRange(_tuner.Target, 4, 9);
    }

    [Fact]
    public void Look_WhileSomethingElseHoldsTheChunksUp_ChangesNothing()
    {
        Run(TimeSpan.FromMinutes(5), connections => connections * 5 * MB, isFull: false);

        Assert.Empty(_changes);
    }

    [Theory]
    [InlineData(4, 4, false, true)]
    [InlineData(3.7, 4, false, true)]
    [InlineData(3.5, 4, false, false)]
    [InlineData(8, 4, true, false)]     // a limit, not the links
    [InlineData(0, 0, false, false)]
    public void AreFull_WithSoManyFramesWaiting_IsSoWhenEachConnectionHadOne(double waiting, int inUse, bool isHeldBack, bool expected) =>
        Assert.Equal(expected, LinkSample.AreFull(waiting, inUse, isHeldBack));

    [Fact]
    public void Look_WhileConnectionsComeAndGo_ChangesNothing()
    {
        for (int i = 0; i < 100; i++)
        {
            Run(TimeSpan.FromSeconds(1), connections => connections * 5 * MB);
            _tuner.Disturb(isLost: false);
        }

        Assert.Empty(_changes);
    }

    [Fact]
    public void Look_WithoutTheConnectionsItTries_GoesBackAfterAWhile()
    {
        RunUntil(1, connections => connections * 5 * MB);
        _standing = 5;
        Run(TimeSpan.FromSeconds(14), connections => connections * 5 * MB, join: false);
        Assert.Single(_changes);

        Run(TimeSpan.FromSeconds(2), connections => connections * 5 * MB, join: false);

        Assert.Equal((ConnectionChangeReason.NotToBeHad, 6, 4), (_changes[^1].Reason, _changes[^1].Before, _changes[^1].After));
    }

    [Fact]
    public void Look_WithConnectionsThatJoinAndAreLostAgain_GoesBack()
    {
        RunUntil(1, connections => connections * 5 * MB);
        for (int i = 0; i < 60 && _changes.Count == 1; i++)
        {
            _tuner.Disturb(isLost: false);
            Run(TimeSpan.FromSeconds(2), connections => connections * 5 * MB);
            _tuner.Disturb(isLost: true);
            _standing = 5;
            Run(TimeSpan.FromSeconds(2), connections => connections * 5 * MB, join: false);
        }

        Assert.Equal((ConnectionChangeReason.NotToBeHad, 6, 4), (_changes[^1].Reason, _changes[^1].Before, _changes[^1].After));
    }

    [Fact]
    public void Look_AtTheEndOfATransfer_TriesNothingThatCannotPayAnyMore()
    {
        Run(TimeSpan.FromMinutes(1), connections => connections * 5 * MB, remaining: 100_000_000);

        Assert.Empty(_changes);
    }

    [Fact]
    public void Look_OnALongPath_MeasuresOverSeveralRoundTrips()
    {
        var roundTrip = TimeSpan.FromSeconds(2);
        Run(TimeSpan.FromSeconds(30), connections => connections * 5 * MB, roundTrip: roundTrip);
        Assert.Empty(_changes);   // 8 s to settle, and two measurements of 12 s

        Run(TimeSpan.FromSeconds(5), connections => connections * 5 * MB, roundTrip: roundTrip);

        Assert.Single(_changes);
    }

    [Fact]
    public void Look_WhenThePathChangesWhileItRests_TriesAgainAtOnce()
    {
        Run(TimeSpan.FromSeconds(15), _ => 25 * MB);
        Assert.Equal(2, _changes.Count);

        Run(TimeSpan.FromSeconds(15), connections => connections * 2 * MB);

        Assert.True(_tuner.Target > 4);
    }

    [Fact]
    public void Look_WithAMostThatIsReached_TriesNothing()
    {
        _tuner = new ConnectionTuner(_time, 4, 16) { Max = 4 };

        Run(TimeSpan.FromMinutes(1), connections => connections * 5 * MB);

        Assert.Empty(_changes);
    }

    // Every look the path has carried what it carries with so many connections, and those that were asked for stand.
    private void Run(
        TimeSpan time, Func<int, double> rate, bool isFull = true, bool join = true, long? remaining = null, TimeSpan? roundTrip = null)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += Look)
        {
            if (join)
            {
                _standing = Math.Max(_standing, _tuner.Target);
            }

            int inUse = Math.Min(_standing, _tuner.Target);
            _delivered += rate(inUse) * Look.TotalSeconds;
            _time.Advance(Look);
            if (_tuner.Look(new LinkSample((long)_delivered, inUse, isFull, roundTrip ?? TimeSpan.FromMilliseconds(50), 0, remaining)) is { } change)
            {
                _changes.Add(change);
            }
        }
    }

    private void RunUntil(int changes, Func<int, double> rate)
    {
        while (_changes.Count < changes)
        {
            Run(Look, rate);
        }
    }
}
