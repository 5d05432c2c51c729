using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Coordination;
using static ClusterTransfer.Transfers.Tests.Support.Samples;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>Row RS-14: what failed or was partly delivered is taken up again under its id; nothing else is.</summary>
public sealed class CoordinatorRetryTests
{
    public static TheoryData<int> Seeds => [1, 2, 3];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Ended_PartlyDelivered_NodesKeepWhatTheyHave(int seed)
    {
        await using CoordinatorBench bench = Partial(seed, Reason.DestinationExists);

        OutcomeRecorded[] told = [.. bench.Sent().OfType<OutcomeRecorded>().Where(word => word.TransferEnded)];

        Assert.Equal(2, told.Length);
        Assert.All(told, word => Assert.True(word.Keep));
    }

    [Fact]
    public async Task Ended_FailedBeforeAnythingCame_NodesKeepNothing()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Negotiating();
        bench.Sent();

        bench.Refused(SessionRole.Destination, Reason.DestinationNotWritable);

        Assert.All(bench.Sent().OfType<OutcomeRecorded>(), word => Assert.True(word is { TransferEnded: true, Keep: false }));
    }

    [Fact]
    public async Task Ended_FailedJustAfterTheHubWasRestarted_NodesKeepWhatTheHubHasNotHeardOf()
    {
        await using CoordinatorBench before = new CoordinatorBench(1).Active();
        before.Progressed(SessionRole.Destination, durable: 500);
        await before.Kit.DisposeAsync();
        await using var after = new CoordinatorBench(2, stored: before.Stored, catalogue: before.Catalogue);
        after.Members(Members());
        after.Sent();

        after.End(SessionRole.Source, SessionEnd.Failed, reason: Reason.DiskError);

        Assert.Equal(TransferState.Failed, after.Ended?.State);
        OutcomeRecorded[] told = [.. after.Sent().OfType<OutcomeRecorded>().Where(word => word.TransferEnded)];
        Assert.Equal(2, told.Length);
        Assert.All(told, word => Assert.True(word.Keep));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Submit_RepeatedWhileItsCoordinatorLeaves_IsAnsweredWithTheTransfer(int seed)
    {
        await using CoordinatorBench bench = new CoordinatorBench(seed).Finishing();
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);
        bench.Kit.Time.Advance(bench.Options.RepeatInterval);

        for (int repeat = 0; repeat < 3; repeat++)
        {
            Assert.Equal(TransferState.Completed, Assert.IsType<CoordinationProtocol.Accepted>(bench.Submit()).Transfer.State);
        }
    }

    [Fact]
    public async Task Ended_Completed_NodesKeepNothing()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Finishing();
        bench.Sent();

        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);

        Assert.All(bench.Sent().OfType<OutcomeRecorded>(), word => Assert.True(word is { TransferEnded: true, Keep: false }));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Retry_OfOneThatIsStillBeingCatalogued_GivesTheNextSession(int seed)
    {
        await using CoordinatorBench bench = Partial(seed, Reason.DestinationExists);
        Epoch before = bench.Session.Epoch;

        var accepted = Assert.IsType<CoordinationProtocol.Accepted>(bench.Retry());

        Assert.Equal((1, null, DesiredState.Run), (accepted.Transfer.Retries, accepted.Transfer.ExitCode, accepted.Transfer.Desired));
        OpenSession open = bench.NextSent<OpenSession>().Message;
        Assert.Equal((true, 1, false), (open.Epoch > before, open.Round, open.Rescan));
        Assert.Null(bench.Catalogue.Row(Id)!.ExitCode);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Retry_OfOneWhoseCoordinatorIsGone_StartsItAnewAndCanComplete(int seed)
    {
        await using CoordinatorBench bench = Partial(seed, Reason.DestinationExists);
        Retire(bench);

        Assert.IsType<CoordinationProtocol.Accepted>(bench.Retry());
        bench.NextSent<OpenSession>();
        Finish(bench);

        Assert.Equal(TransferState.Completed, bench.Ended?.State);
        Assert.Equal(2, bench.Events.OfType<TransferEvents.Ended>().Count());
        Assert.Equal(0, bench.Catalogue.Row(Id)!.ExitCode);
        Assert.Empty(bench.Catalogue.Row(Id)!.Issues);
    }

    [Theory]
    [InlineData(Reason.SourceChanged, true)]
    [InlineData(Reason.SourceUnreadable, true)]
    [InlineData(Reason.PathNotFound, true)]
    [InlineData(Reason.ChunkCorrupt, false)]
    [InlineData(Reason.NoSpace, false)]
    public async Task Retry_ListsTheSourceAnew_WhenThatWasWhatWasWrong(Reason reason, bool rescan)
    {
        await using CoordinatorBench bench = Partial(1, reason);

        bench.Retry();

        Assert.Equal(rescan, bench.NextSent<OpenSession>().Message.Rescan);
    }

    [Fact]
    public async Task Retry_HubKilledInMidRound_CountsWhatIsDelivered()
    {
        await using CoordinatorBench before = Partial(1, Reason.SourceChanged);
        before.Retry();
        before.Opened(SessionRole.Destination);
        before.Opened(SessionRole.Source);
        before.Progressed(SessionRole.Destination, durable: 0);
        (long, long) shown = (before.Live.Find(Id)!.Progress.FilesPublished, before.Live.Find(Id)!.Progress.FilesFound);
        await before.Kit.DisposeAsync();

        await using var after = new CoordinatorBench(2, stored: before.Stored, catalogue: before.Catalogue);

        Assert.Equal((1, 2), shown);
        Assert.Equal(shown, (after.Live.Find(Id)!.Progress.FilesPublished, after.Live.Find(Id)!.Progress.FilesFound));
    }

    [Fact]
    public async Task Retry_AfterARoundWithANewListThatNobodyOpened_ListsAnewToo()
    {
        await using CoordinatorBench bench = Partial(1, Reason.SourceChanged);
        bench.Retry();
        bench.Refused(SessionRole.Destination, Reason.DestinationNotWritable);
        Assert.Equal(TransferState.Failed, bench.Ended?.State);
        bench.Sent();

        bench.Retry();

        OpenSession open = bench.NextSent<OpenSession>().Message;
        Assert.Equal((2, true), (open.Round, open.Rescan));
    }

    [Fact]
    public async Task Retry_OfARefusedSubmit_IsTakenUpToo()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Negotiating();
        bench.Refused(SessionRole.Destination, Reason.DestinationNotWritable);
        Assert.Equal(TransferState.Failed, bench.Ended?.State);
        bench.Sent();

        Assert.IsType<CoordinationProtocol.Accepted>(bench.Retry());

        Assert.Equal(1, bench.NextSent<OpenSession>().Message.Round);
    }

    [Fact]
    public async Task Retry_OfWhatTheNodesWereToldToForget_ListsTheSourceAnew()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.End(SessionRole.Source, SessionEnd.Failed, reason: Reason.ConnectionsMissing);
        Assert.All(bench.Sent().OfType<OutcomeRecorded>(), word => Assert.False(word.Keep));

        bench.Retry();

        // One of them may have missed the word; its old list and the other's new one would not fit together.
        Assert.True(bench.NextSent<OpenSession>().Message.Rescan);
    }

    [Fact]
    public async Task Retry_OfWhatRunsCompletedOrWasCancelled_IsRefused()
    {
        await using CoordinatorBench running = new CoordinatorBench(1).Active();
        Problem refused = Assert.IsType<CoordinationProtocol.Refused>(running.Retry()).Problem;
        Assert.Equal(Reason.WrongState, refused.Reason);
        Assert.Contains("is Active", refused.Detail, StringComparison.Ordinal);
        running.Cancel();
        running.End(SessionRole.Destination, SessionEnd.Cancelled);
        Assert.Equal(Reason.WrongState, Assert.IsType<CoordinationProtocol.Refused>(running.Retry()).Problem.Reason);

        await using CoordinatorBench completed = new CoordinatorBench(2).Finishing();
        completed.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);
        Assert.Equal(Reason.WrongState, Assert.IsType<CoordinationProtocol.Refused>(completed.Retry()).Problem.Reason);
        Assert.Empty(completed.Events.OfType<TransferEvents.RetryRequested>());
    }

    [Fact]
    public async Task Retry_OfATransferNobodyKnows_IsRefusedAndLeavesNoActor()
    {
        await using var bench = new CoordinatorBench(1);

        Assert.Equal(Reason.TransferUnknown, Assert.IsType<CoordinationProtocol.Refused>(bench.Retry()).Problem.Reason);

        Assert.Null(bench.State);
        Assert.Empty(bench.Events);
    }

    [Fact]
    public async Task Retry_AfterItsTime_IsRefused_AndTheNodesMayForget()
    {
        await using CoordinatorBench bench = Partial(1, Reason.DestinationExists);
        Retire(bench);
        bench.FromNode(B, Leftover());
        Assert.True(bench.NextSent<OutcomeRecorded>().Message.Keep);

        bench.Time.Advance(bench.Options.KeepFailed + TimeSpan.FromSeconds(1));

        Assert.Equal(Reason.WrongState, Assert.IsType<CoordinationProtocol.Refused>(bench.Retry()).Problem.Reason);
        Retire(bench);
        bench.Sent();
        bench.FromNode(B, Leftover());
        Assert.True(bench.NextSent<OutcomeRecorded>().Message is { TransferEnded: true, Keep: false });
    }

    [Fact]
    public async Task Retry_TheRowCannotBeWritten_ChangesNothing()
    {
        await using CoordinatorBench bench = Partial(1, Reason.DestinationExists);
        Retire(bench);
        bench.Catalogue.FailuresLeft = 3;

        Assert.Equal(Reason.HubUnreachable, Assert.IsType<CoordinationProtocol.Refused>(bench.Retry()).Problem.Reason);

        Assert.Empty(bench.Events.OfType<TransferEvents.RetryRequested>());
        bench.Catalogue.FailuresLeft = 0;
        Assert.IsType<CoordinationProtocol.Accepted>(bench.Retry());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Retry_HubKilledWhileItIsJournaled_IsTakenUpOrStaysEnded(bool cutIsDurable)
    {
        await using CoordinatorBench before = Partial(1, Reason.DestinationExists);
        Retire(before);
        before.Journal.Reopen(1);
        before.Journal.CutIsDurable = cutIsDurable;
        before.Hub.Tell(new CoordinationProtocol.Retry(Id), before.Kit.TestProbe.Ref);
        before.Kit.Settle();
        Assert.True(before.Journal.IsCut);
        Assert.Null(before.Catalogue.Row(Id)!.ExitCode);
        await before.Kit.DisposeAsync();

        await using var after = new CoordinatorBench(2, stored: before.Stored, catalogue: before.Catalogue);
        after.Members(Members());

        if (cutIsDurable)
        {
            Assert.Equal(1, after.NextSent<OpenSession>().Message.Round);
        }
        else
        {
            after.Time.Advance(3 * after.Options.RepeatInterval);
            Assert.Null(after.State);
            Assert.NotNull(after.Catalogue.Row(Id)!.ExitCode);
        }
    }

    [Theory]
    [InlineData(SessionEnd.Completed)]
    [InlineData(SessionEnd.Failed)]
    public async Task Retry_EndsOfTheLastRoundStillReport_TheyDecideNothing(SessionEnd end)
    {
        await using CoordinatorBench bench = Partial(1, Reason.DestinationExists);
        bench.Members([]);
        bench.Retry();
        bench.Sent();

        bench.End(SessionRole.Destination, end, CoordinatorBench.Done);
        bench.End(SessionRole.Source, end, CoordinatorBench.SourceDone);

        Assert.Equal("Queued", bench.State);
        Assert.Equal(2, bench.Sent().OfType<OutcomeRecorded>().Count(word => !word.TransferEnded));
    }

    [Fact]
    public async Task Retry_OfOneWhoseCancelCameTooLate_Runs()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Cancel();
        bench.End(
            SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done with { FilesPublished = 1, FilesParked = 1 }, issues: Issue("tree/a", Reason.NoSpace, FileState.Parked));
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);
        Assert.Equal(TransferState.Partial, bench.Ended?.State);
        bench.Sent();

        var accepted = Assert.IsType<CoordinationProtocol.Accepted>(bench.Retry());

        Assert.Equal(DesiredState.Run, accepted.Transfer.Desired);
        Assert.Equal(1, bench.NextSent<OpenSession>().Message.Round);
    }

    [Fact]
    public async Task Retry_SourceNeverReportsInThatRound_IsNotCompleted()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Finishing();
        bench.End(
            SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone with { FilesSkipped = 1 }, issues: Issue("tree/b", Reason.SourceUnreadable, FileState.Skipped));
        Assert.Equal(TransferState.Partial, bench.Ended?.State);
        bench.Retry();
        bench.Opened(SessionRole.Destination);
        bench.Opened(SessionRole.Source);

        bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done);
        bench.Time.Advance(bench.Options.SourceReportTimeout + TimeSpan.FromSeconds(1));

        Assert.Equal(TransferState.Partial, bench.Ended?.State);
    }

    [Fact]
    public async Task Retry_OfACoordinatorThatHasAskedToLeave_GoesBackToItsParent()
    {
        await using CoordinatorBench bench = Partial(1, Reason.DestinationExists);
        Retire(bench);
        CoordinationServices services = bench.Services;
        IActorRef told = bench.Kit.TestProbe.Ref;
        IActorRef parent = bench.Kit.Sys.ActorOf(Props.Create(() => new Parent(services, told)));
        bench.Time.Advance(2 * bench.Options.RepeatInterval);
        bench.Kit.TestProbe.ExpectMsg<CoordinationProtocol.Retired>();

        parent.Tell(new PassOn(new CoordinationProtocol.Retry(Id)));

        bench.Kit.TestProbe.ExpectMsg<CoordinationProtocol.Retry>();
        bench.Time.Advance(2 * bench.Options.RepeatInterval);
        bench.Kit.TestProbe.ExpectNoMsg();
        Assert.NotNull(bench.Catalogue.Row(Id)!.ExitCode);
        Assert.Empty(bench.Events.OfType<TransferEvents.RetryRequested>());
    }

    private static SessionEnded Leftover() => new(Id, Epoch.None, SessionRole.Destination, SessionEnd.Suspended) { Progress = new TransferProgress() };

    private static CoordinatorBench Partial(int seed, Reason reason)
    {
        CoordinatorBench bench = new CoordinatorBench(seed).Active();
        bench.End(
            SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done with { FilesPublished = 1, FilesParked = 1 }, issues: Issue("tree/a", reason, FileState.Parked));
        bench.Sent();
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);
        Assert.Equal(TransferState.Partial, bench.Ended?.State);
        return bench;
    }

    private static void Retire(CoordinatorBench bench)
    {
        bench.Time.Advance(2 * bench.Options.RepeatInterval);
        Assert.Null(bench.State);
        bench.Sent();
    }

    private static void Finish(CoordinatorBench bench)
    {
        bench.Opened(SessionRole.Destination);
        bench.Opened(SessionRole.Source);
        bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done);
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);
        bench.Time.Advance(2 * bench.Options.RepeatInterval);
    }

    private sealed record PassOn(object Message);

    // Stands for the root of the transfers, but never lets go of its coordinator.
    private sealed class Parent : ReceiveActor
    {
        public Parent(CoordinationServices services, IActorRef told)
        {
            IActorRef coordinator = Context.ActorOf(Props.Create(() => new TransferCoordinator(Id, services)));
            Receive<PassOn>(pass => coordinator.Tell(pass.Message));
            Receive<CoordinationProtocol.Recovered>(_ => { });
            ReceiveAny(told.Tell);
        }
    }
}
