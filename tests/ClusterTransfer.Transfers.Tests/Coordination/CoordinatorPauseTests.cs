using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Coordination;
using static ClusterTransfer.Transfers.Tests.Support.Samples;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>Row RS-14: a transfer holds at any phase, keeps what is durable, and goes on when asked.</summary>
public sealed class CoordinatorPauseTests
{
    public static TheoryData<int> Seeds => [1, 2, 3];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Pause_BeforeAnySession_GivesNoneUntilResumed(int seed)
    {
        await using var bench = new CoordinatorBench(seed);
        bench.Submit();

        Assert.Equal(DesiredState.Pause, Assert.IsType<CoordinationProtocol.Accepted>(bench.Pause()).Transfer.Desired);
        bench.Members(Members());
        bench.Time.Advance(bench.Options.RetryMax);

        Assert.Equal("Paused", bench.State);
        bench.AssertNothingSent();
        Assert.Equal(DesiredState.Run, Assert.IsType<CoordinationProtocol.Accepted>(bench.Resume()).Transfer.Desired);
        bench.NextSent<OpenSession>();
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Pause_WhileActive_AsksBothEndsUntilTheyHaveClosed(int seed)
    {
        await using CoordinatorBench bench = new CoordinatorBench(seed).Active();
        bench.Sent();

        bench.Pause();

        StopSession[] stops = [.. bench.Sent().Cast<StopSession>()];
        Assert.Equal([SessionRole.Destination, SessionRole.Source], stops.Select(stop => stop.Role!.Value));
        Assert.All(stops, stop => Assert.Equal(StopIntent.Suspend, stop.Intent));
        bench.End(SessionRole.Source, SessionEnd.Suspended);
        Assert.Equal("Pausing", bench.State);
        bench.Sent();
        bench.Time.Advance(bench.Options.RepeatInterval);
        Assert.Equal(SessionRole.Destination, Assert.IsType<StopSession>(Assert.Single(bench.Sent())).Role);
        bench.End(SessionRole.Destination, SessionEnd.Suspended, new TransferProgress { BytesDurable = 500 });
        Assert.Equal("Paused", bench.State);
        Assert.Equal((TransferState.Queued, DesiredState.Pause, null), (bench.Live.Find(Id)!.State, bench.Live.Find(Id)!.Desired, bench.Live.Find(Id)!.Problem));
        Assert.Equal(500, bench.Live.Find(Id)!.Progress.BytesDurable);
        Assert.Contains("paused", bench.Catalogue.Kinds);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Resume_AfterAPause_GivesANewerSession(int seed)
    {
        await using CoordinatorBench bench = Paused(seed);
        Epoch before = bench.Session.Epoch;

        bench.Resume();

        Assert.Equal(before.Session + 1, bench.NextSent<OpenSession>().Message.Epoch.Session);
        Assert.Equal(DesiredState.Run, bench.Live.Find(Id)!.Desired);
    }

    [Fact]
    public async Task Resume_WhileItIsPausing_OpensWhatIsStillThereOrANewerOne()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Pause();
        bench.End(SessionRole.Source, SessionEnd.Suspended);
        bench.Sent();

        bench.Resume();
        bench.Opened(SessionRole.Destination);
        bench.NextSent<OpenSession>(open => open.Role == SessionRole.Source);
        bench.End(SessionRole.Source, SessionEnd.Suspended);
        bench.Time.Advance(bench.Options.RetryMax);

        Assert.Equal(2, bench.Events.OfType<TransferEvents.SessionGiven>().Count());
    }

    [Fact]
    public async Task Pause_ANodeIsGone_DoesNotWaitForIt()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Members([Member(B, Run(1), "dst")]);
        bench.Pause();
        bench.End(SessionRole.Destination, SessionEnd.Suspended);
        Assert.Equal("Pausing", bench.State);

        bench.Time.Advance(bench.Options.SilenceLimit + (2 * bench.Options.RepeatInterval));

        Assert.Equal("Paused", bench.State);
    }

    [Fact]
    public async Task Pause_ANodeWasRestarted_ItsEndIsGoneAtOnce()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Pause();
        bench.End(SessionRole.Source, SessionEnd.Suspended);

        bench.Members(Members(runOfB: 2));

        Assert.Equal("Paused", bench.State);
        Assert.Single(bench.Events.OfType<TransferEvents.SessionGiven>());
    }

    [Fact]
    public async Task Pause_TheDestinationIsGoneAndTheSourceIsDone_DoesNotWaitForEither()
    {
        // All was restarted but the source, which has heard from the destination that everything arrived.
        await using CoordinatorBench before = new CoordinatorBench(1).Active();
        before.Pause();
        await before.Kit.DisposeAsync();
        await using var bench = new CoordinatorBench(2, stored: before.Stored, catalogue: before.Catalogue);
        bench.Members(Members(runOfB: 2));
        bench.NextSent<StopSession>(stop => stop.Role == SessionRole.Source);

        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);

        Assert.Equal("Paused", bench.State);
    }

    [Fact]
    public async Task Pause_ANodeWithoutThatSession_IsTakenAtItsWord()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Pause();

        bench.Refused(SessionRole.Destination, Reason.SessionLost);
        bench.Refused(SessionRole.Source, Reason.SessionLost);

        Assert.Equal("Paused", bench.State);
    }

    [Fact]
    public async Task Paused_ANodeStillReports_IsToldToStop()
    {
        await using CoordinatorBench bench = Paused(1);

        bench.Progressed(SessionRole.Destination, durable: 9);

        (NodeId to, StopSession stop) = bench.NextSent<StopSession>();
        Assert.Equal((B, SessionRole.Destination, StopIntent.Suspend), (to, stop.Role!.Value, stop.Intent));
    }

    [Fact]
    [Trait("row", "K5")]
    public async Task Pause_TooLate_TheDestinationsCompletedDecides()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Pause();

        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);
        bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done);

        Assert.Equal(TransferState.Completed, bench.Ended?.State);
    }

    [Fact]
    public async Task Pause_OverARestartOfTheHub_StaysPaused()
    {
        await using CoordinatorBench before = Paused(1);
        await before.Kit.DisposeAsync();

        await using var after = new CoordinatorBench(2, stored: before.Stored, catalogue: before.Catalogue);
        after.Members(Members());

        Assert.Equal("Paused", after.State);
        after.AssertNothingSent();
        after.Resume();
        after.NextSent<OpenSession>();
    }

    [Fact]
    public async Task Pause_ThenCancel_EndsCancelled()
    {
        await using CoordinatorBench bench = Paused(1);

        bench.Cancel();
        bench.NextSent<StopSession>(stop => stop.Intent == StopIntent.Cancel);
        bench.End(SessionRole.Destination, SessionEnd.Cancelled);

        Assert.Equal(TransferState.Cancelled, bench.Ended?.State);
    }

    [Fact]
    public async Task Pause_RepeatedOrWhileItIsCancelled_IsAnsweredOnceAndRefusedThen()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();

        Assert.IsType<CoordinationProtocol.Accepted>(bench.Resume());
        Assert.IsType<CoordinationProtocol.Accepted>(bench.Pause());
        Assert.IsType<CoordinationProtocol.Accepted>(bench.Pause());
        Assert.Single(bench.Events.OfType<TransferEvents.PauseRequested>());
        Assert.Empty(bench.Events.OfType<TransferEvents.ResumeRequested>());
        bench.Cancel();

        Assert.Equal(Reason.WrongState, Assert.IsType<CoordinationProtocol.Refused>(bench.Pause()).Problem.Reason);
        Assert.Equal(Reason.WrongState, Assert.IsType<CoordinationProtocol.Refused>(bench.Resume()).Problem.Reason);
    }

    [Fact]
    [Trait("row", "K3")]
    public async Task Refused_ANodeKnowsAHigherEpoch_TheNextSessionIsAboveItAtOnce()
    {
        // The hub's database was restored from a backup: it counts from where it was, its nodes have gone on.
        await using CoordinatorBench bench = new CoordinatorBench(1).Negotiating();
        bench.Sent();

        bench.Refused(SessionRole.Destination, Reason.Superseded, highest: new Epoch(1, 40));
        bench.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(new Epoch(1, 41), bench.NextSent<OpenSession>().Message.Epoch);
    }

    [Fact]
    [Trait("row", "K3")]
    public async Task Refused_ByANodeThatClaimsAnAbsurdEpoch_IsNotFollowed()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Negotiating();
        bench.Sent();

        bench.Refused(SessionRole.Destination, Reason.Superseded, highest: new Epoch(1, uint.MaxValue));
        bench.Time.Advance(bench.Options.RetryMax);

        Assert.Equal(new Epoch(1, 2), bench.Session.Epoch);
    }

    private static CoordinatorBench Paused(int seed)
    {
        CoordinatorBench bench = new CoordinatorBench(seed).Active();
        bench.Pause();
        bench.End(SessionRole.Source, SessionEnd.Suspended);
        bench.End(SessionRole.Destination, SessionEnd.Suspended);
        Assert.Equal("Paused", bench.State);
        bench.Sent();
        return bench;
    }
}
