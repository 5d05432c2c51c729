using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Tests.Support;

namespace ClusterTransfer.Transport.Tests.Connections;

/// <summary>Rows N2, N11 and D14, at the decision itself: 5 s intervals, 3 of them, 4 KiB of progress.</summary>
public sealed class LivenessTests
{
    private readonly ManualTime _time = new();
    private readonly Liveness _liveness;

    public LivenessTests() => _liveness = new Liveness(_time, new DataPlaneOptions());

    [Fact]
    public void Check_WhenQuiet_AsksEveryIntervalAndGivesUpAfterThree()
    {
        List<LivenessVerdict> verdicts = Pass(14);

        Assert.Equal([9, 19], Places(verdicts, LivenessVerdict.PingDue));
        Assert.Equal([27], Places(verdicts, LivenessVerdict.PeerSilent));
    }

    [Fact]
    public void Check_WithTrafficBothWays_AsksNothing()
    {
        var verdicts = new List<LivenessVerdict>();
        for (int second = 0; second < 60; second++)
        {
            _liveness.FrameReceived();
            _liveness.WriteProgressed();
            _liveness.WriteEnded();
            verdicts.AddRange(Pass(1));
        }

        Assert.All(verdicts, verdict => Assert.Equal(LivenessVerdict.Alive, verdict));
    }

    [Fact]
    public void Check_WhenOnlyTheOtherEndSends_ShowsThatWeLive()
    {
        var verdicts = new List<LivenessVerdict>();
        for (int second = 0; second < 12; second++)
        {
            _liveness.FrameReceived();
            verdicts.AddRange(Pass(1));
        }

        Assert.Equal(2, verdicts.Count(verdict => verdict == LivenessVerdict.PingDue));
    }

    [Fact]
    [Trait("row", "N4")]
    public void Check_WithALargeFrameOnASlowLink_IsAlive()
    {
        var verdicts = new List<LivenessVerdict>();
        for (int second = 0; second < 60; second++)
        {
            _liveness.BytesReceived(1000);
            verdicts.AddRange(Pass(1));
        }

        Assert.DoesNotContain(LivenessVerdict.PeerSilent, verdicts);
    }

    [Fact]
    [Trait("row", "N11")]
    public void Check_WithATrickle_GivesUp()
    {
        var verdicts = new List<LivenessVerdict>();
        for (int second = 0; second < 16; second++)
        {
            _liveness.BytesReceived(1);
            verdicts.AddRange(Pass(1));
        }

        Assert.Contains(LivenessVerdict.PeerSilent, verdicts);
    }

    [Fact]
    public void Check_WhileOurReceiverIsBusy_DoesNotBlameThePeer()
    {
        _liveness.PauseReceiving();
        Assert.DoesNotContain(LivenessVerdict.PeerSilent, Pass(100));

        _liveness.ResumeReceiving();

        Assert.Equal([27], Places(Pass(14), LivenessVerdict.PeerSilent));
    }

    [Fact]
    [Trait("row", "N11")]
    public void Check_WhenAWriteStandsStill_GivesUpAlthoughThePeerTalks()
    {
        _liveness.WriteProgressed();
        var verdicts = new List<LivenessVerdict>();
        for (int second = 0; second < 14; second++)
        {
            _liveness.FrameReceived();
            verdicts.AddRange(Pass(1));
        }

        Assert.Equal([27], Places(verdicts, LivenessVerdict.PeerNotReading));
    }

    [Fact]
    [Trait("row", "P5")]
    public void Check_AfterThisProcessWasFrozen_GivesThePeerItsWholeBudgetAgain()
    {
        Pass(13);
        _time.Advance(TimeSpan.FromMinutes(10));

        Assert.NotEqual(LivenessVerdict.PeerSilent, _liveness.Check());
        Assert.Equal([27], Places(Pass(14), LivenessVerdict.PeerSilent));
    }

    [Theory]
    [Trait("row", "N2")]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(250)]
    [InlineData(499)]
    public void Check_WhateverTheLastFrameCameBetween_NoticesWithinTheBudget(int milliseconds)
    {
        // The looks keep their own beat; the last frame comes anywhere between two of them.
        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        _liveness.FrameReceived();
        _time.Advance(_liveness.CheckPeriod - TimeSpan.FromMilliseconds(milliseconds));
        TimeSpan silent = _liveness.CheckPeriod - TimeSpan.FromMilliseconds(milliseconds);
        while (_liveness.Check() != LivenessVerdict.PeerSilent)
        {
            _time.Advance(_liveness.CheckPeriod);
            silent += _liveness.CheckPeriod;
        }

        TimeSpan budget = new DataPlaneOptions().HeartbeatBudget;
        Assert.InRange(silent, budget - (2 * _liveness.CheckPeriod), budget - _liveness.CheckPeriod);
    }

    private static int[] Places(List<LivenessVerdict> verdicts, LivenessVerdict verdict) =>
        [.. verdicts.Index().Where(pair => pair.Item == verdict).Select(pair => pair.Index)];

    private List<LivenessVerdict> Pass(int seconds)
    {
        var verdicts = new List<LivenessVerdict>();
        for (TimeSpan passed = TimeSpan.Zero; passed < TimeSpan.FromSeconds(seconds); passed += _liveness.CheckPeriod)
        {
            _time.Advance(_liveness.CheckPeriod);
            verdicts.Add(_liveness.Check());
        }

        return verdicts;
    }
}
