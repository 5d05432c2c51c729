using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Sessions;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>What a process knows of the time it did not run.</summary>
[Trait("row", "P5")]
public sealed class LifeWatchTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1.5);

    private readonly VirtualTime _time = new();

    [Fact]
    public void Gap_LongerThanItMayBe_IsNoticedByWhoeverLooksFirst()
    {
        List<TimeSpan> told = [];
        using var life = new LifeWatch(_time, Longest, told.Add);
        _time.Advance(Longest);
        Assert.Equal(0, life.Gaps);

        _time.Advance(Longest + TimeSpan.FromMilliseconds(1));

        Assert.Equal([1, 1], new[] { life.Gaps, life.Gaps });
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(2, life.Gaps);
        Assert.Equal([Longest + TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)], told);
    }

    // A wall clock that is set has nothing to do with it.
    [Fact]
    public void Watch_WhileTheProcessRuns_NoticesNothing()
    {
        using (var life = new LifeWatch(_time, Longest))
        {
            life.Watch();
            _time.Advance(TimeSpan.FromHours(1));
            _time.WallClockOffset = TimeSpan.FromDays(1);
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(0, life.Gaps);
        }

        Assert.False(_time.AdvanceToNextTimer());
    }

    [Fact]
    public void Permit_IsLostByAGap_AndGivenBackForThatGapOnly()
    {
        using var life = new LifeWatch(_time, Longest);
        var permit = new PublicationPermit(life);
        Assert.True(permit.IsGood);

        _time.Advance(2 * Longest);
        Assert.Equal(1, permit.Doubt);
        permit.Confirm(7);
        Assert.Equal(1, permit.Doubt);
        permit.Confirm(1);
        Assert.Null(permit.Doubt);

        // The answer to the first question comes after the second gap.
        _time.Advance(2 * Longest);
        permit.Confirm(1);
        Assert.Equal(2, permit.Doubt);
        permit.Confirm(2);
        Assert.True(permit.IsGood);
    }
}
