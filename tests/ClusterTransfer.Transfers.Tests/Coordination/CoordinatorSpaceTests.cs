using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Coordination;
using static ClusterTransfer.Transfers.Tests.Support.Samples;
using TransferEvents = ClusterTransfer.Transfers.Coordination.TransferEvents;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>Row D3: the destination's disk runs full in mid-transfer.</summary>
public sealed class CoordinatorSpaceTests
{
    [Theory]
    [InlineData(SessionRole.Destination)]
    [InlineData(SessionRole.Source)]
    [Trait("row", "D3")]
    public async Task D3_DiskFull_ShowsItAndAsksAtAFixedPaceUntilItFits(SessionRole saysSo)
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();

        RunFull(bench, saysSo);

        TransferResource waiting = Assert.IsType<TransferResource>(bench.Live.Find(Id));
        Assert.Equal(Reason.NoSpace, waiting.Problem?.Reason);
        Assert.Equal(bench.Options.SpaceRetry.TotalSeconds, waiting.NextRetrySeconds);

        // Three times what would end a transfer whose sessions bring nothing.
        for (int asked = 0; asked < 60; asked++)
        {
            bench.Sent();
            bench.Time.Advance(bench.Options.SpaceRetry - TimeSpan.FromMilliseconds(1));
            Assert.Empty(bench.Sent().OfType<OpenSession>());
            bench.Time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.All(bench.Sent().OfType<OpenSession>(), open => Assert.Equal(SessionRole.Destination, open.Role));
            Assert.Equal(Reason.NoSpace, bench.Live.Find(Id)?.Problem?.Reason);
            RunFull(bench, SessionRole.Destination);
        }

        bench.Time.Advance(bench.Options.SpaceRetry);
        bench.Opened(SessionRole.Destination);
        Assert.DoesNotContain("space-returned", bench.Catalogue.Kinds);
        bench.Opened(SessionRole.Source);

        Assert.Equal("Active", bench.State);
        Assert.Null(bench.Live.Find(Id)?.Problem);
        Assert.Equal(["accepted", "session-opened", "waiting-for-space", "space-returned", "session-opened"], bench.Catalogue.Kinds);
        Assert.Null(bench.Ended);
    }

    [Fact]
    [Trait("row", "D3")]
    public async Task D3_AfterTheWait_FruitlessSessionsStillEndIt()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        RunFull(bench, SessionRole.Destination);

        for (int session = 1; bench.Ended is null; session++)
        {
            Assert.True(session <= 20, "The limit of fruitless sessions does not hold.");
            int given = bench.Events.OfType<TransferEvents.SessionGiven>().Count();
            while (bench.Events.OfType<TransferEvents.SessionGiven>().Count() == given)
            {
                bench.Time.Advance(TimeSpan.FromSeconds(1));
            }

            bench.Refused(SessionRole.Destination, Reason.LimitReached);
        }

        Assert.Equal(Reason.LimitReached, bench.Ended.Problem?.Reason);
    }

    [Fact]
    [Trait("row", "D3")]
    public async Task D3_FullBeforeTheFirstByte_Fails()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();

        bench.End(SessionRole.Destination, SessionEnd.Failed, reason: Reason.NoSpace);

        Assert.Equal((TransferState.Failed, Reason.NoSpace), (bench.Ended!.State, bench.Ended.Problem!.Reason));
        Assert.DoesNotContain("waiting-for-space", bench.Catalogue.Kinds);
    }

    [Fact]
    [Trait("row", "D3")]
    public async Task D3_RefusedOnceItHasStarted_Waits()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.End(SessionRole.Destination, SessionEnd.Suspended);
        bench.Time.Advance(bench.Options.RetryMax);

        bench.Refused(SessionRole.Destination, Reason.NoSpace);

        Assert.Null(bench.Ended);
        Assert.Contains("waiting-for-space", bench.Catalogue.Kinds);
        Assert.Equal(bench.Options.SpaceRetry.TotalSeconds, bench.Live.Find(Id)?.NextRetrySeconds);
    }

    [Fact]
    [Trait("row", "D3")]
    public async Task D3_HubRestartsMeanwhile_StillWaitsAndSaysItOnce()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        RunFull(bench, SessionRole.Destination);

        await using var restarted = new CoordinatorBench(2, bench.Options, bench.Stored, bench.Catalogue);
        restarted.Members(Members());

        Assert.Equal(Reason.NoSpace, restarted.Live.Find(Id)?.Problem?.Reason);
        RunFull(restarted, SessionRole.Destination);
        Assert.Equal(restarted.Options.SpaceRetry.TotalSeconds, restarted.Live.Find(Id)?.NextRetrySeconds);
        Assert.Single(restarted.Catalogue.Kinds, kind => kind == "waiting-for-space");
        restarted.Time.Advance(restarted.Options.SpaceRetry);
        restarted.Opened(SessionRole.Destination);
        restarted.Opened(SessionRole.Source);
        Assert.Single(restarted.Catalogue.Kinds, kind => kind == "space-returned");
    }

    [Fact]
    [Trait("row", "D3")]
    public async Task D3_HubRestartsAfterTheWait_SaysNothingMoreOfSpace()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        RunFull(bench, SessionRole.Destination);
        bench.Time.Advance(bench.Options.SpaceRetry);
        bench.Opened(SessionRole.Destination);
        bench.Opened(SessionRole.Source);

        await using var restarted = new CoordinatorBench(2, bench.Options, bench.Stored, bench.Catalogue);
        restarted.Members(Members());
        restarted.Opened(SessionRole.Destination);
        Assert.Null(restarted.Live.Find(Id)?.Problem);
        restarted.Opened(SessionRole.Source);

        Assert.Equal("Active", restarted.State);
        Assert.Single(restarted.Catalogue.Kinds, kind => kind == "space-returned");
    }

    [Fact]
    [Trait("row", "D3")]
    public async Task D3_PausedAndResumedMeanwhile_AsksAtOnce()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        RunFull(bench, SessionRole.Destination);
        bench.Pause();
        bench.Sent();
        bench.Time.Advance(2 * bench.Options.SpaceRetry);
        Assert.Empty(bench.Sent().OfType<OpenSession>());

        bench.Resume();

        Assert.Single(bench.Sent().OfType<OpenSession>());
        bench.Opened(SessionRole.Destination);
        bench.Opened(SessionRole.Source);
        Assert.Equal("Active", bench.State);
        Assert.Contains("space-returned", bench.Catalogue.Kinds);
    }

    [Fact]
    [Trait("row", "D3")]
    public async Task D3_CancelledMeanwhile_AsksTheDestinationToCancel()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        RunFull(bench, SessionRole.Destination);
        bench.Sent();

        bench.Cancel();

        Assert.Contains(bench.Sent(), message => message is StopSession { Intent: StopIntent.Cancel });
        bench.End(SessionRole.Destination, SessionEnd.Cancelled);
        Assert.Equal(TransferState.Cancelled, bench.Ended?.State);
    }

    private static void RunFull(CoordinatorBench bench, SessionRole saysSo) => bench.End(saysSo, SessionEnd.Suspended, reason: Reason.NoSpace);
}
