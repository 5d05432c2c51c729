using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Actors.Tests.Persistence;

public sealed class DeletionSpec
{
    private static (ActorTestKit Kit, ManualJournal Journal) Kit(int seed)
    {
        var journal = new ManualJournal();
        return (Kits.Of(seed, options => options with { Journal = journal, SnapshotStore = journal }), journal);
    }

    private static IActorRef Open(ActorTestKit kit, string expected, Recovery? recovery = null)
    {
        IActorRef log = kit.Sys.ActorOf(Props.Create(() => new EventLog(kit.TestActor, recovery ?? Recovery.Default)));
        kit.TestProbe.ExpectMsg(expected);
        return log;
    }

    private static void Stop(ActorTestKit kit, IActorRef actor)
    {
        kit.TestProbe.Watch(actor);
        kit.Sys.Stop(actor);
        kit.TestProbe.ExpectTerminated(actor);
    }

    private static IActorRef OpenWith(ActorTestKit kit, int count)
    {
        IActorRef log = Open(kit, "recovered [] at 0");
        for (int number = 1; number <= count; number++) { log.Tell(number); }
        kit.Settle();
        return log;
    }

    [Theory, EveryDispatcher]
    public async Task DeleteMessages_RemovesTheOldEvents_AndNumbersGoOn(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        IActorRef log = OpenWith(kit, 5);
        log.Tell("delete 3");
        kit.TestProbe.ExpectMsg(new DeleteMessagesSuccess(3));
        Assert.Equal([4, 5], journal.Inner.EventsOf("log"));
        log.Tell(6);
        Stop(kit, log);
        log = Open(kit, "recovered [4,5,6] at 6");
        log.Tell("delete 999");
        kit.TestProbe.ExpectMsg(new DeleteMessagesSuccess(999));
        Stop(kit, log);
        Open(kit, "recovered [] at 6");
    }

    [Theory, EveryDispatcher]
    public async Task DeleteMessages_OfMoreThanABatch_IsSkippedAtRecovery(int seed)
    {
        (ActorTestKit kit, ManualJournal _) = Kit(seed);
        await using ActorTestKit disposed = kit;
        IActorRef log = OpenWith(kit, 700);
        log.Tell("delete 690");
        kit.TestProbe.ExpectMsg<DeleteMessagesSuccess>();
        Stop(kit, log);
        Open(kit, "recovered [691,692,693,694,695,696,697,698,699,700] at 700");
    }

    [Theory, EveryDispatcher]
    public async Task DeleteMessages_ThatFails_SaysSo(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        IActorRef log = OpenWith(kit, 2);
        journal.ThrowOnDelete = true;
        log.Tell("delete 1");
        DeleteMessagesFailure failure = kit.TestProbe.ExpectMsg<DeleteMessagesFailure>();
        Assert.Equal(1, failure.ToSequenceNr);
        Assert.IsType<IOException>(failure.Cause);
    }

    [Theory, EveryDispatcher]
    public async Task Snapshot_ThenDelete_RecoversFromTheSnapshot(int seed)
    {
        (ActorTestKit kit, ManualJournal _) = Kit(seed);
        await using ActorTestKit disposed = kit;
        IActorRef log = OpenWith(kit, 3);
        log.Tell("snapshot");
        Assert.Equal(3, kit.TestProbe.ExpectMsg<SaveSnapshotSuccess>().Metadata.SequenceNr);
        log.Tell("delete 3");
        kit.TestProbe.ExpectMsg<DeleteMessagesSuccess>();
        log.Tell(4);
        Stop(kit, log);
        Open(kit, "recovered [1,2,3,4] at 4");
    }

    [Theory, EveryDispatcher]
    public async Task DeleteSnapshot_RemovesThatOne(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        IActorRef log = OpenWith(kit, 1);
        log.Tell("snapshot");
        kit.TestProbe.ExpectMsg<SaveSnapshotSuccess>();
        log.Tell(2);
        log.Tell("snapshot");
        kit.TestProbe.ExpectMsg<SaveSnapshotSuccess>();
        log.Tell("delete snapshot 2");
        Assert.Equal(2, kit.TestProbe.ExpectMsg<DeleteSnapshotSuccess>().Metadata.SequenceNr);
        SelectedSnapshot? left = await journal.LoadAsync("log", SnapshotSelectionCriteria.Latest, CancellationToken.None);
        Assert.Equal(1, left!.Metadata.SequenceNr);
    }

    [Theory, EveryDispatcher]
    public async Task Recovery_Options_BoundTheReplay(int seed)
    {
        (ActorTestKit kit, ManualJournal _) = Kit(seed);
        await using ActorTestKit disposed = kit;
        IActorRef log = OpenWith(kit, 5);
        log.Tell("snapshot");
        kit.TestProbe.ExpectMsg<SaveSnapshotSuccess>();
        log.Tell(6);
        log.Tell(7);
        Stop(kit, log);
        Open(kit, "recovered [1,2,3,4,5,6,7] at 7", new Recovery());
        Open(kit, "recovered [1,2,3] at 7", new Recovery(SnapshotSelectionCriteria.None, 3));
        Open(kit, "recovered [1,2] at 7", new Recovery(SnapshotSelectionCriteria.None, long.MaxValue, 2));
        Open(kit, "recovered [1,2,3,4,5,6] at 7", new Recovery(SnapshotSelectionCriteria.Latest, 6));
        Open(kit, "recovered [] at 7", Recovery.None);
    }

    [Theory, EveryDispatcher]
    public async Task Persist_ThatIsRejected_CallsOnPersistRejectedAndGoesOn(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        IActorRef log = OpenWith(kit, 1);
        journal.Reject = 13;
        log.Tell(13);
        kit.TestProbe.ExpectMsg("rejected 13 as 2: unlucky");
        log.Tell(14);
        log.Tell("get");
        kit.TestProbe.ExpectMsg("[1,14] at 2");
        Assert.Equal([1, 14], journal.Inner.EventsOf("log"));
    }

    [Theory, EveryDispatcher]
    public async Task PersistAll_ThatIsRejected_StoresNothing_AndDeferredHandlersStillRun(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        IActorRef log = OpenWith(kit, 1);
        journal.Reject = 13;
        log.Tell(new[] { 2, 13 });
        log.Tell("get");
        Assert.Equal(["rejected 2 as 2: unlucky", "rejected 13 as 3: unlucky", "complete", "[1] at 1"], kit.TestProbe.ReceiveN(4));
    }

    [Theory, EveryDispatcher]
    public async Task PersistAll_CallsOnCompleteAfterTheHandlers(int seed)
    {
        (ActorTestKit kit, ManualJournal _) = Kit(seed);
        await using ActorTestKit disposed = kit;
        IActorRef log = OpenWith(kit, 0);
        log.Tell(new[] { 1, 2 });
        log.Tell("get");
        Assert.Equal(["complete", "[1,2] at 2"], kit.TestProbe.ReceiveN(2));
    }

    /// <summary>Keeps numbers.</summary>
    private sealed class EventLog : UntypedPersistentActor
    {
        private readonly IActorRef _probe;
        private readonly Recovery _recovery;
        private List<int> _numbers = [];

        public EventLog(IActorRef probe, Recovery recovery)
        {
            _probe = probe;
            _recovery = recovery;
        }

        public override string PersistenceId => "log";

        public override Recovery Recovery => _recovery;

        private string State => $"[{string.Join(',', _numbers)}] at {LastSequenceNr}";

        protected override void OnRecover(object message)
        {
            switch (message)
            {
                case int number: _numbers.Add(number); break;
                case SnapshotOffer offer: _numbers = [.. (int[])offer.Snapshot]; break;
                case RecoveryCompleted: _probe.Tell($"recovered {State}"); break;
            }
        }

        protected override void OnCommand(object message)
        {
            switch (message)
            {
                case int number: Persist(number, _numbers.Add); break;
                case int[] numbers: PersistAll(numbers, _numbers.Add, () => _probe.Tell("complete")); break;
                case "get": _probe.Tell(State); break;
                case "snapshot": SaveSnapshot(_numbers.ToArray()); break;
                case string text when text.StartsWith("delete snapshot ", StringComparison.Ordinal): DeleteSnapshot(Last(text)); break;
                case string text: DeleteMessages(Last(text)); break;
                default: _probe.Tell(message); break;
            }
        }

        protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
        {
            base.OnPersistRejected(cause, @event, sequenceNr);
            _probe.Tell($"rejected {@event} as {sequenceNr}: {cause.Message}");
        }

        private static long Last(string text) => long.Parse(text.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
