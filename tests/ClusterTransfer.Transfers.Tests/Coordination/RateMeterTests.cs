using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Coordination;

namespace ClusterTransfer.Transfers.Tests.Coordination;

public sealed class RateMeterTests
{
    private readonly VirtualTime _time = new();
    private readonly RateMeter _rate;

    public RateMeterTests() => _rate = new RateMeter(_time);

    [Fact]
    public void Rates_NothingYet_AreZero() => Assert.Equal((0, 0, 0), (_rate.Current, _rate.Average, _rate.Peak));

    [Fact]
    public void Rates_SteadyFlow_AreThatFlow()
    {
        Flow(bytesPerSecond: 1_000, seconds: 20);

        Assert.Equal((1_000, 1_000, 1_000), (_rate.Current, _rate.Average, _rate.Peak));
    }

    [Fact]
    public void Current_FlowSlowsDown_FollowsWithinTheWindowWhileAverageAndPeakRemember()
    {
        Flow(1_000, 10);
        Flow(100, 10, from: 10_000);

        Assert.Equal(100, _rate.Current);
        Assert.InRange(_rate.Average, 500, 600);
        Assert.Equal(1_000, _rate.Peak);
    }

    [Fact]
    public void Current_NoReportsAnyMore_FallsToZero()
    {
        Flow(1_000, 10);

        _time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(0, _rate.Current);
        Assert.Equal(1_000, _rate.Peak);
    }

    [Fact]
    public void Add_CountThatFell_StartsAnewWithoutNegativeRates()
    {
        _rate.Add(5_000);
        _time.Advance(TimeSpan.FromSeconds(1));
        _rate.Add(6_000);
        _time.Advance(TimeSpan.FromSeconds(1));

        _rate.Add(0);
        Assert.Equal((0, 0), (_rate.Current, _rate.Average));
        _time.Advance(TimeSpan.FromSeconds(1));
        _rate.Add(700);

        Assert.Equal((700, 700), (_rate.Current, _rate.Average));
    }

    [Fact]
    public void Add_TwoReportsInOneMoment_GiveNoAbsurdRate()
    {
        _rate.Add(0);
        _rate.Add(1_000_000_000);

        Assert.Equal((0, 0), (_rate.Current, _rate.Peak));
    }

    [Fact]
    public void Add_VeryManyReports_KeepsTheWindowBounded()
    {
        for (int i = 0; i <= 10_000; i++)
        {
            _rate.Add(i * 100);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.InRange(_rate.Current, 99_000, 101_000);
    }

    private void Flow(long bytesPerSecond, int seconds, long from = 0)
    {
        for (int second = 0; second < seconds; second++)
        {
            _rate.Add(from + (bytesPerSecond * second));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        _rate.Add(from + (bytesPerSecond * seconds));
    }
}
