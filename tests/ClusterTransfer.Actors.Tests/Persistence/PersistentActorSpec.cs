using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Actors.Tests.Persistence;

public sealed class PersistentActorSpec
{
    private const string Id = "account-1";

    private static (ActorTestKit Kit, ManualJournal Journal) Kit(int seed)
    {
        var journal = new ManualJournal();
        return (Kits.Of(seed, options => options with { Journal = journal, SnapshotStore = journal }), journal);
    }

    private static IActorRef Open(ActorTestKit kit, string expected, string? name = null)
    {
        IActorRef account = kit.Sys.ActorOf(Props.Create(() => new Account(Id, kit.TestActor)), name);
        kit.TestProbe.ExpectMsg(expected);
        return account;
    }

    private static async Task SeedAsync(ManualJournal journal, int count) =>
        await journal.Inner.AppendAsync(Id, 0, [.. Enumerable.Range(1, count).Select(_ => new Account.Added(1))], CancellationToken.None);

    [Theory, EveryDispatcher]
    public async Task Persist_StoresThenCallsTheHandlerWithTheSender(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        IActorRef account = Open(kit, "recovered 0 0 False");
        kit.TestProbe.Send(account, new Account.Add(5));
        kit.TestProbe.ExpectMsg("added 5 5");
        Assert.Equal([new Account.Added(5)], journal.Inner.EventsOf(Id));
    }

    [Theory, EveryDispatcher]
    public async Task Recovery_ReplaysTheEvents(int seed)
    {
        (ActorTestKit kit, ManualJournal _) = Kit(seed);
        await using ActorTestKit disposed = kit;
        IActorRef account = Open(kit, "recovered 0 0 False");
        kit.TestProbe.Send(account, new Account.AddAll([1, 2, 3]));
        Assert.Equal(["added 1 1", "added 2 3", "added 3 6"], kit.TestProbe.ReceiveN(3));
        kit.TestProbe.Watch(account);
        kit.Sys.Stop(account);
        kit.TestProbe.ExpectTerminated(account);
        account = Open(kit, "recovered 6 3 False");
        kit.TestProbe.Send(account, new Account.Add(4));
        kit.TestProbe.ExpectMsg("added 4 10");
    }

    [Theory, EveryDispatcher]
    public async Task Commands_DuringAWrite_WaitInOrder(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        IActorRef account = Open(kit, "recovered 0 0 False");
        var gate = new TaskCompletionSource();
        journal.Appends = gate.Task;
        for (int amount = 1; amount <= 3; amount++) { kit.TestProbe.Send(account, new Account.Add(amount)); }
        kit.TestProbe.Send(account, "get");
        kit.TestProbe.ExpectNoMsg();
        Assert.Equal(1, journal.AppendCalls);
        gate.SetResult();
        Assert.Equal(["added 1 1", "added 2 3", "added 3 6", 6], kit.TestProbe.ReceiveN(4));
    }

    [Theory, EveryDispatcher]
    public async Task Commands_DuringRecovery_WaitInOrder(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        await SeedAsync(journal, 3);
        var gate = new TaskCompletionSource();
        journal.Replays = gate.Task;
        IActorRef account = kit.Sys.ActorOf(Props.Create(() => new Account(Id, kit.TestActor)));
        kit.TestProbe.Send(account, "get");
        kit.TestProbe.Send(account, new Account.Add(1));
        kit.TestProbe.ExpectNoMsg();
        gate.SetResult();
        Assert.Equal(["recovered 3 3 False", 3, "added 1 4"], kit.TestProbe.ReceiveN(3));
    }

    [Theory, EveryDispatcher]
    public async Task Recovery_OfALongStream_ReadsBoundedBatches(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        await SeedAsync(journal, 1000);
        Open(kit, "recovered 1000 1000 False");
        Assert.InRange(journal.LargestReplay, 1, 256);
    }

    [Theory, EveryDispatcher]
    public async Task PersistNested_HoldsCommandsUntilTheInnerHandler(int seed)
    {
        (ActorTestKit kit, ManualJournal _) = Kit(seed);
        await using ActorTestKit disposed = kit;
        IActorRef account = Open(kit, "recovered 0 0 False");
        kit.TestProbe.Send(account, new Account.AddNested(1));
        kit.TestProbe.Send(account, "get");
        Assert.Equal(["nested 11", 11], kit.TestProbe.ReceiveN(2));
    }

    [Theory, EveryDispatcher]
    public async Task PersistAsync_LetsCommandsThrough(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        IActorRef account = Open(kit, "recovered 0 0 False");
        var gate = new TaskCompletionSource();
        journal.Appends = gate.Task;
        kit.TestProbe.Send(account, new Account.AddLazily(1));
        kit.TestProbe.Send(account, new Account.AddLazily(2));
        kit.TestProbe.Send(account, "get");
        Assert.Equal(["accepted 1", "accepted 2", 0], kit.TestProbe.ReceiveN(3));
        gate.SetResult();
        Assert.Equal(["stored 1", "stored 2"], kit.TestProbe.ReceiveN(2));
    }

    [Theory, EveryDispatcher]
    public async Task PersistAsync_WithASlowJournal_HoldsCommandsAtABound(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        IActorRef account = Open(kit, "recovered 0 0 False");
        var gate = new TaskCompletionSource();
        journal.Appends = gate.Task;
        for (int amount = 1; amount <= 200; amount++) { kit.TestProbe.Send(account, new Account.AddLazily(amount)); }
        kit.TestProbe.ReceiveN(65); // one batch with the journal and 64 that wait
        kit.TestProbe.ExpectNoMsg();
        gate.SetResult();
        Assert.Equal(335, kit.TestProbe.ReceiveN(335).Count);
        Assert.Equal(Enumerable.Range(1, 200).Select(amount => new Account.Added(amount)), journal.Inner.EventsOf(Id));
    }

    [Theory, EveryDispatcher]
    public async Task DeferAsync_RunsAfterTheEventsBeforeIt(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        IActorRef account = Open(kit, "recovered 0 0 False");
        kit.TestProbe.Send(account, new Account.AddThenDefer(1));
        Assert.Equal(["stored 1", "deferred"], kit.TestProbe.ReceiveN(2));
        Assert.Single(journal.Inner.EventsOf(Id));
    }

    [Theory, EveryDispatcher]
    public async Task CommandAsync_MayPersistAfterAnAwait(int seed)
    {
        (ActorTestKit kit, ManualJournal _) = Kit(seed);
        await using ActorTestKit disposed = kit;
        IActorRef account = Open(kit, "recovered 0 0 False");
        var gate = new TaskCompletionSource();
        kit.TestProbe.Send(account, new Account.AddAfter(7, gate.Task));
        kit.TestProbe.Send(account, "get");
        kit.TestProbe.ExpectNoMsg();
        gate.SetResult();
        Assert.Equal(["added 7 7", 7], kit.TestProbe.ReceiveN(2));
    }

    [Theory, EveryDispatcher]
    public async Task SequenceConflict_StopsTheActor(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        IActorRef account = Open(kit, "recovered 0 0 False");
        await journal.Inner.AppendAsync(Id, 0, [new Account.Added(100)], CancellationToken.None); // another writer
        kit.TestProbe.Watch(account);
        kit.TestProbe.Send(account, new Account.Add(1));
        kit.TestProbe.Send(account, "get");
        kit.TestProbe.ExpectMsg("persist failed SequenceConflictException 1");
        kit.TestProbe.ExpectTerminated(account);
        kit.TestProbe.ExpectNoMsg();
        Assert.Equal([new Account.Added(100)], journal.Inner.EventsOf(Id));
    }

    [Theory, EveryDispatcher]
    public async Task PersistFailure_OfTheJournal_StopsTheActor(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        IActorRef account = Open(kit, "recovered 0 0 False");
        journal.Appends = Task.FromException(new IOException("disk full"));
        kit.TestProbe.Watch(account);
        kit.TestProbe.Send(account, new Account.Add(1));
        kit.TestProbe.ExpectMsg("persist failed IOException 1");
        kit.TestProbe.ExpectTerminated(account);
    }

    [Theory, EveryDispatcher]
    public async Task RecoveryFailure_OfTheJournal_StopsTheActor(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        journal.Replays = Task.FromException(new IOException("disk"));
        IActorRef account = kit.Sys.ActorOf(Props.Create(() => new Account(Id, kit.TestActor)));
        kit.TestProbe.Watch(account);
        kit.TestProbe.ExpectMsg("recovery failed IOException ");
        kit.TestProbe.ExpectTerminated(account);
    }

    [Theory, EveryDispatcher]
    public async Task RecoveryFailure_OfAHandler_StopsTheActor(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        await journal.Inner.AppendAsync(Id, 0, [new Account.Added(1), new Account.Added(666), new Account.Added(2)], CancellationToken.None);
        IActorRef account = kit.Sys.ActorOf(Props.Create(() => new Account(Id, kit.TestActor)));
        kit.TestProbe.Watch(account);
        kit.TestProbe.ExpectMsg("recovery failed BoomException Added");
        kit.TestProbe.ExpectTerminated(account);
    }

    [Theory, EveryDispatcher]
    public async Task Recovery_ThatHangs_FailsAfterTheTimeOut(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        journal.Replays = new TaskCompletionSource().Task;
        IActorRef account = kit.Sys.ActorOf(Props.Create(() => new Account(Id, kit.TestActor)));
        kit.TestProbe.Watch(account);
        kit.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("recovery failed TimeoutException ", await kit.TestProbe.ExpectMsgAsync<string>());
        kit.TestProbe.ExpectTerminated(account);
    }

    [Theory, EveryDispatcher]
    public async Task Restart_RecoversAnew(int seed)
    {
        (ActorTestKit kit, ManualJournal _) = Kit(seed);
        await using ActorTestKit disposed = kit;
        IActorRef account = Open(kit, "recovered 0 0 False");
        kit.TestProbe.Send(account, new Account.Add(5));
        kit.TestProbe.Send(account, "fail");
        kit.TestProbe.Send(account, "get");
        Assert.Equal(["added 5 5", "recovered 5 1 False", 5], kit.TestProbe.ReceiveN(3));
    }

    [Theory, EveryDispatcher]
    public async Task Restart_AfterAFailingCommandThatPersisted_SeesItsEvent(int seed)
    {
        (ActorTestKit kit, ManualJournal _) = Kit(seed);
        await using ActorTestKit disposed = kit;
        IActorRef account = Open(kit, "recovered 0 0 False");
        kit.TestProbe.Send(account, new Account.AddAndFail(5));
        kit.TestProbe.Send(account, new Account.Add(1));
        Assert.Equal(["recovered 5 1 False", "added 1 6"], kit.TestProbe.ReceiveN(2));
    }

    [Theory, EveryDispatcher]
    public async Task Restart_WithAWriteOnItsWay_WaitsForIt(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        IActorRef account = Open(kit, "recovered 0 0 False");
        var gate = new TaskCompletionSource();
        journal.Appends = gate.Task;
        kit.TestProbe.Send(account, new Account.AddLazily(5));
        kit.TestProbe.ExpectMsg("accepted 5");
        kit.TestProbe.Send(account, "fail");
        kit.TestProbe.Send(account, new Account.Add(1));
        kit.TestProbe.ExpectNoMsg();
        gate.SetResult();
        Assert.Equal("recovered 5 1 False", await kit.TestProbe.ExpectMsgAsync<string>());
        kit.TestProbe.ExpectMsg("added 1 6");
    }

    [Theory, EveryDispatcher]
    public async Task Handler_ThatThrows_RestartsFromTheStoredEvent(int seed)
    {
        (ActorTestKit kit, ManualJournal _) = Kit(seed);
        await using ActorTestKit disposed = kit;
        IActorRef account = Open(kit, "recovered 0 0 False");
        kit.TestProbe.Send(account, new Account.AddAndFailInHandler(3));
        kit.TestProbe.Send(account, "get");
        Assert.Equal(["recovered 3 1 False", 3], kit.TestProbe.ReceiveN(2));
    }

    [Theory, EveryDispatcher]
    public async Task Stop_DuringAWrite_StopsWithoutTheHandler(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        IActorRef account = Open(kit, "recovered 0 0 False");
        var gate = new TaskCompletionSource();
        journal.Appends = gate.Task;
        kit.TestProbe.Watch(account);
        kit.TestProbe.Send(account, new Account.Add(1));
        kit.Settle();
        kit.Sys.Stop(account);
        kit.TestProbe.ExpectTerminated(account);
        gate.SetResult();
        kit.TestProbe.ExpectNoMsg();
    }

    [Theory, EveryDispatcher]
    public async Task Snapshot_ShortensTheReplay(int seed)
    {
        (ActorTestKit kit, ManualJournal _) = Kit(seed);
        await using ActorTestKit disposed = kit;
        IActorRef account = Open(kit, "recovered 0 0 False");
        kit.TestProbe.Send(account, new Account.AddAll([1, 2]));
        kit.TestProbe.ReceiveN(2);
        account.Tell("snapshot");
        kit.TestProbe.ExpectMsg("saved 2");
        kit.TestProbe.Send(account, new Account.Add(3));
        kit.TestProbe.ExpectMsg("added 3 6");
        account.Tell("fail");
        kit.TestProbe.ExpectMsg("recovered 6 3 False");
    }

    [Theory, EveryDispatcher]
    public async Task Snapshot_ThatFails_IsReportedAndHarmless(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        IActorRef account = Open(kit, "recovered 0 0 False");
        journal.ThrowOnSnapshot = true;
        account.Tell("snapshot");
        kit.TestProbe.ExpectMsg("not saved disk");
        kit.TestProbe.Send(account, new Account.Add(3));
        kit.TestProbe.ExpectMsg("added 3 3");
    }

    [Theory, EveryDispatcher]
    public async Task Snapshots_Deleted_AreNotOffered(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        IActorRef account = Open(kit, "recovered 0 0 False");
        account.Tell("snapshot");
        kit.TestProbe.ExpectMsg("saved 0");
        account.Tell("delete snapshots");
        kit.TestProbe.ExpectMsg("deleted");
        Assert.Null(await journal.Inner.LoadAsync(Id, SnapshotSelectionCriteria.Latest, CancellationToken.None));
    }

    [Theory, EveryDispatcher]
    public async Task Become_ReplacesCommandsAndShowsAsState(int seed)
    {
        (ActorTestKit kit, ManualJournal _) = Kit(seed);
        await using ActorTestKit disposed = kit;
        IActorRef account = Open(kit, "recovered 0 0 False", "acc");
        account.Tell("freeze");
        kit.TestProbe.Send(account, new Account.Add(1));
        kit.TestProbe.ExpectMsg("frozen True");
        ActorSnapshot user = kit.Sys.Inspect().Children.Single(child => child.Path == "/user");
        Assert.Equal("Frozen", user.Children.Single(child => child.Path == "/user/acc").State);
    }

    public sealed class PersistsDuringReplay : ReceivePersistentActor
    {
        public PersistsDuringReplay() => Recover<Account.Added>(added => Persist(added, _ => { }));

        public override string PersistenceId => Id;
    }

    [Theory, EveryDispatcher]
    public async Task Persist_DuringReplay_FailsTheRecovery(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        await SeedAsync(journal, 1);
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new PersistsDuringReplay()));
        kit.TestProbe.Watch(actor);
        kit.TestProbe.ExpectTerminated(actor);
        Assert.Single(journal.Inner.EventsOf(Id));
    }

    public sealed class PersistsWhenRecovered : ReceivePersistentActor
    {
        public PersistsWhenRecovered(IActorRef probe)
        {
            Recover<RecoveryCompleted>(_ => Persist(new Account.Added(9), added => probe.Tell($"first {added.Amount}")));
            CommandAny(message => probe.Tell(message));
        }

        public override string PersistenceId => Id;
    }

    [Theory, EveryDispatcher]
    public async Task Persist_WhenRecovered_ComesBeforeTheFirstCommand(int seed)
    {
        (ActorTestKit kit, ManualJournal _) = Kit(seed);
        await using ActorTestKit disposed = kit;
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new PersistsWhenRecovered(kit.TestActor)));
        actor.Tell("command");
        Assert.Equal(["first 9", "command"], kit.TestProbe.ReceiveN(2));
    }

    [Fact]
    public async Task PersistentActor_WithoutJournal_FailsToStart()
    {
        using var system = ActorSystem.Create("nojournal");
        IActorRef account = system.ActorOf(Props.Create(() => new Account(Id, ActorRefs.Nobody)));
        await account.GracefulStop(TimeSpan.FromSeconds(20)); // stopped by its own failure
    }

    [Theory, EveryDispatcher]
    public async Task ManyAccounts_UnderRestarts_LoseNothing(int seed)
    {
        (ActorTestKit kit, ManualJournal journal) = Kit(seed);
        await using ActorTestKit _ = kit;
        IActorRef[] accounts = [.. Enumerable.Range(0, 10).Select(number => kit.Sys.ActorOf(Props.Create(() => new Account($"many-{number}", ActorRefs.Nobody))))];
        var random = new Random(seed);
        for (int step = 0; step < 500; step++)
        {
            IActorRef account = accounts[step % 10];
            if (random.Next(10) == 0) { account.Tell("fail"); }
            account.Tell(new Account.Add(1));
        }
        await kit.SettleAsync(waitForTasks: true);
        for (int number = 0; number < 10; number++) { Assert.Equal(50, journal.Inner.EventsOf($"many-{number}").Count); }
    }
}
