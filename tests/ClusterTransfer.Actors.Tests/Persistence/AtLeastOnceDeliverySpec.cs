using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Actors.Tests.Persistence;

public sealed class AtLeastOnceDeliverySpec
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static IActorRef Open(ActorTestKit kit, TestProbe destination, string expected)
    {
        IActorRef sender = kit.Sys.ActorOf(Props.Create(() => new Sender(kit.TestActor, destination.Ref.Path)));
        kit.TestProbe.ExpectMsg(expected);
        return sender;
    }

    private static void Stop(ActorTestKit kit, IActorRef actor)
    {
        kit.TestProbe.Watch(actor);
        kit.Sys.Stop(actor);
        kit.TestProbe.ExpectTerminated(actor);
    }

    [Theory, EveryDispatcher]
    public async Task Deliver_SendsOnce_WhenConfirmed(int seed)
    {
        await using var kit = Kits.Of(seed);
        TestProbe destination = kit.CreateTestProbe("destination");
        IActorRef sender = Open(kit, destination, "recovered 0");
        sender.Tell("a");
        destination.ExpectMsg(new Job(1, "a"));
        Assert.Equal(sender, destination.LastSender);
        destination.Reply(new Confirm(1));
        kit.TestProbe.ExpectMsg("confirmed 1 True");
        destination.ExpectNoMsg(60 * Second);
    }

    [Theory, EveryDispatcher]
    public async Task Deliver_Unconfirmed_IsSentAgainEachInterval(int seed)
    {
        await using var kit = Kits.Of(seed);
        TestProbe destination = kit.CreateTestProbe("destination");
        IActorRef sender = Open(kit, destination, "recovered 0");
        sender.Tell("a");
        destination.ExpectMsg(new Job(1, "a"));
        for (int attempt = 2; attempt <= 4; attempt++)
        {
            destination.ExpectNoMsg(4.9 * Second);
            kit.Time.Advance(0.1 * Second);
            destination.ExpectMsg(new Job(1, "a"));
        }
        destination.Reply(new Confirm(1));
        kit.TestProbe.ExpectMsg("confirmed 1 True");
        destination.ExpectNoMsg(60 * Second);
    }

    [Theory, EveryDispatcher]
    public async Task Deliver_UnconfirmedForLong_Warns(int seed)
    {
        await using var kit = Kits.Of(seed);
        TestProbe destination = kit.CreateTestProbe("destination");
        IActorRef sender = Open(kit, destination, "recovered 0");
        sender.Tell("a");
        kit.Settle();
        kit.Time.Advance(15 * Second);
        kit.TestProbe.ExpectNoMsg();
        kit.Time.Advance(5 * Second);
        UnconfirmedDelivery open = Assert.Single(kit.TestProbe.ExpectMsg<UnconfirmedWarning>().UnconfirmedDeliveries);
        Assert.Equal(new UnconfirmedDelivery(1, destination.Ref.Path, new Job(1, "a")), open);
        kit.Time.Advance(20 * Second);
        kit.TestProbe.ExpectNoMsg(); // one warning, though it goes on being sent
        Assert.Equal(9, destination.ReceiveWhile<Job>().Count);
    }

    [Theory, EveryDispatcher]
    public async Task Recovery_SendsWhatIsOpen_InOrder(int seed)
    {
        await using var kit = Kits.Of(seed);
        TestProbe destination = kit.CreateTestProbe("destination");
        IActorRef sender = Open(kit, destination, "recovered 0");
        foreach (string text in new[] { "a", "b", "c" }) { sender.Tell(text); }
        Assert.Equal([new Job(1, "a"), new Job(2, "b"), new Job(3, "c")], destination.ReceiveN(3));
        sender.Tell(new Confirm(2));
        kit.TestProbe.ExpectMsg("confirmed 2 True");
        Stop(kit, sender);
        destination.ExpectNoMsg(60 * Second);
        sender = Open(kit, destination, "recovered 2");
        Assert.Equal([new Job(1, "a"), new Job(3, "c")], destination.ReceiveN(2));
        destination.ExpectNoMsg();
        sender.Tell("d");
        destination.ExpectMsg(new Job(4, "d"));
    }

    [Theory, EveryDispatcher]
    public async Task Confirm_OfAClosedDelivery_IsFalse(int seed)
    {
        await using var kit = Kits.Of(seed);
        TestProbe destination = kit.CreateTestProbe("destination");
        IActorRef sender = Open(kit, destination, "recovered 0");
        sender.Tell("a");
        sender.Tell(new Confirm(1));
        sender.Tell(new Confirm(1));
        sender.Tell(new Confirm(7));
        Assert.Equal(["confirmed 1 True", "confirmed 1 False", "confirmed 7 False"], kit.TestProbe.ReceiveN(3));
    }

    [Theory, EveryDispatcher]
    public async Task Deliver_BeyondTheLimit_Throws(int seed)
    {
        await using var kit = Kits.Of(seed);
        TestProbe destination = kit.CreateTestProbe("destination");
        IActorRef sender = Open(kit, destination, "recovered 0");
        foreach (string text in new[] { "a", "b", "c", "d" }) { sender.Tell(text); }
        kit.TestProbe.ExpectMsg("too many");
        Assert.Equal(3, destination.ReceiveWhile<Job>().Count);
    }

    [Theory, EveryDispatcher]
    public async Task BurstLimit_BoundsWhatIsSentAtOneLook(int seed)
    {
        await using var kit = Kits.Of(seed);
        TestProbe destination = kit.CreateTestProbe("destination");
        IActorRef sender = Open(kit, destination, "recovered 0");
        foreach (string text in new[] { "a", "b", "c" }) { sender.Tell(text); }
        destination.ReceiveN(3);
        kit.Time.Advance(5 * Second);
        Assert.Equal([new Job(1, "a"), new Job(2, "b")], destination.ReceiveWhile<Job>());
        kit.Time.Advance(2.5 * Second);
        Assert.Equal([new Job(3, "c")], destination.ReceiveWhile<Job>());
    }

    [Theory, EveryDispatcher]
    public async Task Snapshot_KeepsNumbersAndOpenDeliveries(int seed)
    {
        await using var kit = Kits.Of(seed);
        TestProbe destination = kit.CreateTestProbe("destination");
        IActorRef sender = Open(kit, destination, "recovered 0");
        foreach (string text in new[] { "a", "b" }) { sender.Tell(text); }
        sender.Tell(new Confirm(1));
        kit.TestProbe.ExpectMsg("confirmed 1 True");
        sender.Tell("snapshot");
        kit.TestProbe.ExpectMsg<SaveSnapshotSuccess>();
        Stop(kit, sender);
        destination.ReceiveN(2);
        sender = Open(kit, destination, "recovered 1");
        destination.ExpectMsg(new Job(2, "b"));
        destination.ExpectNoMsg();
        sender.Tell("c");
        destination.ExpectMsg(new Job(3, "c"));
    }

    [Theory, EveryDispatcher]
    public async Task Restart_GoesOnDelivering_Once(int seed)
    {
        await using var kit = Kits.Of(seed);
        TestProbe destination = kit.CreateTestProbe("destination");
        IActorRef sender = Open(kit, destination, "recovered 0");
        sender.Tell("a");
        destination.ExpectMsg(new Job(1, "a"));
        sender.Tell("fail");
        kit.TestProbe.ExpectMsg("recovered 1");
        destination.ExpectMsg(new Job(1, "a"));
        kit.Time.Advance(5 * Second);
        destination.ExpectMsg(new Job(1, "a"));
        destination.ExpectNoMsg(); // the timer of the first incarnation has ended
    }

    [Theory, EveryDispatcher]
    public async Task Deliver_ToAWildcard_IsRefused(int seed)
    {
        await using var kit = Kits.Of(seed);
        TestProbe destination = kit.CreateTestProbe("destination");
        IActorRef sender = Open(kit, destination, "recovered 0");
        sender.Tell("wildcard");
        kit.TestProbe.ExpectMsg("refused");
        sender.Tell("selection");
        destination.ExpectMsg(new Job(1, "selected"));
    }

    private sealed record Job(long Id, string Text);

    private sealed record Confirm(long Id);

    private sealed record Sent(string Text);

    private sealed record Confirmed(long Id);

    private sealed class Sender : AtLeastOnceDeliveryReceiveActor
    {
        public Sender(IActorRef probe, ActorPath destination)
            : base(settings => settings.WithMaxUnconfirmedMessages(3).WithRedeliveryBurstLimit(2))
        {
            Recover<Sent>(sent => Deliver(destination, id => new Job(id, sent.Text)));
            Recover<Confirmed>(confirmed => ConfirmDelivery(confirmed.Id));
            Recover<SnapshotOffer>(offer => SetDeliverySnapshot((AtLeastOnceDeliverySnapshot)offer.Snapshot));
            Recover<RecoveryCompleted>(_ => probe.Tell($"recovered {UnconfirmedCount}"));
            Command<string>(text => text == "snapshot", _ => SaveSnapshot(GetDeliverySnapshot()));
            Command<string>(text => text == "fail", _ => throw new BoomException("asked"));
            Command<string>(text => text == "selection", _ => Deliver(Context.ActorSelection(destination), id => new Job(id, "selected")));
            Command<string>(text => text == "wildcard", _ =>
            {
                try
                {
                    Deliver(Context.ActorSelection("/user/*"), id => new Job(id, ""));
                }
                catch (NotSupportedException)
                {
                    probe.Tell("refused");
                }
            });
            Command<string>(text => Persist(new Sent(text), sent =>
            {
                try
                {
                    Deliver(destination, id => new Job(id, sent.Text));
                }
                catch (MaxUnconfirmedMessagesExceededException)
                {
                    probe.Tell("too many");
                }
            }));
            Command<Confirm>(confirm => Persist(new Confirmed(confirm.Id), confirmed => probe.Tell($"confirmed {confirmed.Id} {ConfirmDelivery(confirmed.Id)}")));
            CommandAny(message => probe.Tell(message));
        }

        public override string PersistenceId => "sender";
    }
}
