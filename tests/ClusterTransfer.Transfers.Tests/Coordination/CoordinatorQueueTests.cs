using ClusterTransfer.Actors;
using ClusterTransfer.Journal;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Coordination;
using TransferEvents = ClusterTransfer.Transfers.Coordination.TransferEvents;
using static ClusterTransfer.Transfers.Tests.Support.Samples;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>Row RS-14 for the whole queue: all hold, and each goes back to what was wanted of it alone.</summary>
public sealed class CoordinatorQueueTests
{
    public static TheoryData<int> Seeds => [1, 2, 3];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task PauseQueue_WhileOneIsActive_ClosesBothEndsAndTellsWhy(int seed)
    {
        await using CoordinatorBench bench = new CoordinatorBench(seed).Active();
        bench.Sent();

        Assert.IsType<CoordinationProtocol.QueueAnswered>(bench.PauseQueue());

        Assert.All(bench.Sent().Cast<StopSession>(), stop => Assert.Equal(StopIntent.Suspend, stop.Intent));
        bench.End(SessionRole.Source, SessionEnd.Suspended);
        bench.End(SessionRole.Destination, SessionEnd.Suspended, new TransferProgress { BytesDurable = 500 });
        TransferResource shown = bench.Live.Find(Id)!;
        Assert.Equal((TransferState.Queued, DesiredState.Run, Reason.QueuePaused, 500), (shown.State, shown.Desired, shown.Problem?.Reason, shown.Progress.BytesDurable));
        Assert.Empty(bench.Events.OfType<TransferEvents.PauseRequested>());
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task ResumeQueue_GivesTheNextSession(int seed)
    {
        await using CoordinatorBench bench = new CoordinatorBench(seed).Active();
        Epoch before = bench.Session.Epoch;
        bench.PauseQueue();
        bench.End(SessionRole.Source, SessionEnd.Suspended);
        bench.End(SessionRole.Destination, SessionEnd.Suspended);
        bench.Sent();

        Assert.IsType<CoordinationProtocol.QueueAnswered>(bench.ResumeQueue());

        Assert.Equal(before.Session + 1, bench.NextSent<OpenSession>().Message.Epoch.Session);
        Assert.Null(bench.Live.Find(Id)!.Problem);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task ResumeQueue_WhileTheNextSessionIsBeingWritten_IsAnsweredWhenItShows(int seed)
    {
        await using CoordinatorBench bench = HeldByTheQueue(seed);
        var gate = new TaskCompletionSource();
        bench.Journal.WriteGate = stream => stream == "queue" ? Task.CompletedTask : gate.Task;

        bench.Hub.Tell(CoordinationProtocol.ResumeQueue.Instance, bench.Kit.TestProbe.Ref);
        bench.Kit.Settle();
        Assert.False(bench.Services.Queue.IsPaused);
        bench.Kit.TestProbe.ExpectNoMsg();
        gate.SetResult();
        await bench.Kit.SettleAsync();

        bench.Kit.TestProbe.ExpectMsg<CoordinationProtocol.QueueAnswered>();
        Assert.Equal(A, bench.Live.Find(Id)!.SourceNode);
    }

    [Fact]
    public async Task PauseQueue_ThatIsPausedAlready_IsAnsweredOnlyWhenEachTransferShowsIt()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        var gate = new TaskCompletionSource();
        bench.Journal.WriteGate = stream => stream == "queue" ? Task.CompletedTask : gate.Task;
        bench.Hub.Tell(new CoordinationProtocol.Pause(Id), ActorRefs.NoSender);
        bench.Hub.Tell(CoordinationProtocol.PauseQueue.Instance, bench.Kit.TestProbe.Ref);
        bench.Hub.Tell(CoordinationProtocol.PauseQueue.Instance, bench.Kit.TestProbe.Ref);
        bench.Kit.Settle();
        bench.Kit.TestProbe.ExpectNoMsg();

        gate.SetResult();
        await bench.Kit.SettleAsync();

        bench.Kit.TestProbe.ExpectMsg<CoordinationProtocol.QueueAnswered>();
        bench.Kit.TestProbe.ExpectMsg<CoordinationProtocol.QueueAnswered>();
    }

    [Fact]
    public async Task ResumeQueue_ATransferThatDoesNotAct_HoldsTheAnswerUpForALimitedTime()
    {
        await using CoordinatorBench bench = HeldByTheQueue(1);
        bench.Journal.WriteGate = stream => stream == "queue" ? Task.CompletedTask : new TaskCompletionSource().Task;
        bench.Hub.Tell(CoordinationProtocol.ResumeQueue.Instance, bench.Kit.TestProbe.Ref);

        bench.Time.Advance(bench.Options.QueueSettleLimit - TimeSpan.FromMilliseconds(1));
        bench.Kit.TestProbe.ExpectNoMsg();
        bench.Time.Advance(TimeSpan.FromMilliseconds(1));

        bench.Kit.TestProbe.ExpectMsg<CoordinationProtocol.QueueAnswered>();
    }

    [Fact]
    public async Task ResumeQueue_ATransferWhoseJournalFails_IsNotWaitedFor()
    {
        await using CoordinatorBench bench = HeldByTheQueue(1);
        bench.Journal.WriteGate = stream => stream == "queue" ? Task.CompletedTask : Task.FromException(new IOException("The disk is full."));

        Assert.IsType<CoordinationProtocol.QueueAnswered>(bench.ResumeQueue());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ResumeQueue_OfOneThatTheUserPaused_LeavesItPaused(bool userFirst)
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        (Func<object> first, Func<object> second) = userFirst ? ((Func<object>)bench.Pause, (Func<object>)bench.PauseQueue) : (bench.PauseQueue, bench.Pause);
        first();
        second();
        bench.End(SessionRole.Source, SessionEnd.Suspended);
        bench.End(SessionRole.Destination, SessionEnd.Suspended);
        bench.Sent();

        bench.ResumeQueue();
        bench.Time.Advance(bench.Options.RetryMax);

        bench.AssertNothingSent();
        Assert.Equal(("Paused", DesiredState.Pause, null), (bench.State, bench.Live.Find(Id)!.Desired, bench.Live.Find(Id)!.Problem));
        bench.Resume();
        bench.NextSent<OpenSession>();
    }

    [Fact]
    public async Task Resume_OfOneWhileTheQueueIsPaused_WaitsForTheQueue()
    {
        await using var bench = new CoordinatorBench(1);
        bench.PauseQueue();
        bench.Members(Members());
        bench.Submit();
        bench.Pause();
        Assert.Null(bench.Live.Find(Id)!.Problem);

        var resumed = Assert.IsType<CoordinationProtocol.Accepted>(bench.Resume());

        Assert.Equal((DesiredState.Run, Reason.QueuePaused), (resumed.Transfer.Desired, resumed.Transfer.Problem?.Reason));
        bench.AssertNothingSent();
        bench.ResumeQueue();
        bench.NextSent<OpenSession>();
    }

    [Fact]
    public async Task Submit_WhileTheQueueIsPaused_IsAcceptedAndWaits()
    {
        await using var bench = new CoordinatorBench(1);
        bench.Members(Members());
        bench.PauseQueue();

        var accepted = Assert.IsType<CoordinationProtocol.Accepted>(bench.Submit());

        Assert.Equal((TransferState.Queued, Reason.QueuePaused), (accepted.Transfer.State, accepted.Transfer.Problem?.Reason));
        bench.Time.Advance(bench.Options.RetryMax);
        bench.AssertNothingSent();
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Start_AfterTheQueueWasPaused_KeepsAllHeldUntilResumed(int seed)
    {
        await using CoordinatorBench before = new CoordinatorBench(seed).Active();
        before.PauseQueue();
        before.End(SessionRole.Source, SessionEnd.Suspended);
        before.End(SessionRole.Destination, SessionEnd.Suspended);
        await before.Kit.DisposeAsync();

        await using var after = new CoordinatorBench(seed + 100, stored: before.Stored, catalogue: before.Catalogue);
        after.Members(Members());
        after.Time.Advance(after.Options.RetryMax);

        after.AssertNothingSent();
        Assert.Equal(Reason.QueuePaused, after.Live.Find(Id)!.Problem?.Reason);
        after.ResumeQueue();
        after.NextSent<OpenSession>();
    }

    [Fact]
    public async Task Start_WhileTheQueueIsNotKnownYet_BeginsNothingAndEndsNothing()
    {
        await using CoordinatorBench before = new CoordinatorBench(1).Active();
        await before.Kit.DisposeAsync();
        await using var after = new CoordinatorBench(2, stored: before.Stored, catalogue: before.Catalogue, start: false);
        var gate = new TaskCompletionSource();
        after.Journal.ReadGate = stream => stream == "queue" ? gate.Task : Task.CompletedTask;
        after.Start();
        after.Members(Members());
        after.Submit(id: OtherId);

        // The session in force goes on; a new one would be a guess.
        Assert.All(after.Sent(), message => Assert.Equal(Id, Assert.IsType<OpenSession>(message).TransferId));
        gate.SetResult();
        await after.Kit.SettleAsync();

        Assert.Contains(after.Sent(), message => message is OpenSession && message.TransferId == OtherId);
    }

    [Fact]
    public async Task PauseQueue_JournalFails_IsNotAnsweredAsDone_AndIsReadAnew()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Journal.Fault = () => new IOException("The disk is full.");
        bench.Hub.Tell(CoordinationProtocol.PauseQueue.Instance, bench.Kit.TestProbe.Ref);
        bench.Kit.Settle();
        bench.Kit.TestProbe.ExpectNoMsg();
        Assert.Equal(Reason.HubUnreachable, Assert.IsType<CoordinationProtocol.Refused>(bench.PauseQueue()).Problem.Reason);
        Assert.False(bench.Services.Queue.IsPaused);
        bench.Journal.Fault = null;
        bench.Time.Advance(bench.Options.RetryMax);

        Assert.IsType<CoordinationProtocol.QueueAnswered>(bench.PauseQueue());

        Assert.True(bench.Services.Queue.IsPaused);
        Assert.Equal("Pausing", bench.State);
    }

    [Fact]
    public async Task Start_WhenTheQueuesStreamIsDamaged_NamesTheRowUntilItReads()   // Q6
    {
        await using var bench = new CoordinatorBench(1, start: false);
        bench.Journal.ReadFault = stream => stream == "queue" ? new JournalFormatException(stream, 3, Reason.DiskError, "is missing") : null;
        bench.Start();

        Assert.False(bench.Services.Queue.IsKnown);
        Assert.Equal(Reason.DiskError, bench.Services.Queue.Damage?.Reason);
        Assert.Contains("'queue', row 3", bench.Services.Queue.Damage!.Detail, StringComparison.Ordinal);

        bench.Journal.ReadFault = null;
        bench.Time.Advance(bench.Options.RetryMax);
        bench.Kit.Settle();

        Assert.Equal((true, null), (bench.Services.Queue.IsKnown, bench.Services.Queue.Damage));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Cancel_WhileTheQueueIsPaused_Ends(int seed)
    {
        await using CoordinatorBench bench = new CoordinatorBench(seed).Active();
        bench.PauseQueue();
        bench.End(SessionRole.Source, SessionEnd.Suspended);
        bench.End(SessionRole.Destination, SessionEnd.Suspended);

        bench.Cancel();
        bench.End(SessionRole.Destination, SessionEnd.Cancelled);

        Assert.Equal(TransferState.Cancelled, bench.Ended?.State);
    }

    [Fact]
    public async Task PauseQueue_OfOneThatIsFinishing_LetsItEnd()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Finishing();

        bench.PauseQueue();
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);

        Assert.Equal(TransferState.Completed, bench.Ended?.State);
    }

    private static CoordinatorBench HeldByTheQueue(int seed)
    {
        CoordinatorBench bench = new CoordinatorBench(seed).Active();
        bench.PauseQueue();
        bench.End(SessionRole.Source, SessionEnd.Suspended);
        bench.End(SessionRole.Destination, SessionEnd.Suspended);
        bench.Sent();
        return bench;
    }
}
