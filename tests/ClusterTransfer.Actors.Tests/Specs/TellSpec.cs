using System.Collections.Concurrent;

namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class TellSpec
{
    [Theory, EveryDispatcher]
    public async Task Tell_FromOneSender_KeepsItsOrder(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef echo = kit.Spawn(new Script { On = (actor, message) => actor.From.Tell(message) });
        for (int number = 0; number < 500; number++) { kit.TestProbe.Send(echo, number); }
        Assert.Equal(Enumerable.Range(0, 500).Cast<object>(), kit.TestProbe.ReceiveN(500));
    }

    [Theory, EveryDispatcher]
    public async Task Tell_FromManySenders_KeepsTheOrderOfEach(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef[] senders = [.. Enumerable.Range(0, 4).Select(_ => kit.Spawn(new Script
        {
            On = (actor, message) =>
            {
                for (int number = 0; number < 50; number++) { kit.TestActor.Tell((actor.Me.Path.Name, number), actor.Me); }
            },
        }))];
        foreach (IActorRef sender in senders) { sender.Tell("go", ActorRefs.NoSender); }
        var received = kit.TestProbe.ReceiveN(200).Cast<(string Name, int Number)>().ToList();
        foreach (IActorRef sender in senders)
        {
            Assert.Equal(Enumerable.Range(0, 50), received.Where(entry => entry.Name == sender.Path.Name).Select(entry => entry.Number));
        }
    }

    [Theory, EveryDispatcher]
    public async Task Tell_InsideAnActor_HasItAsSender(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script { On = (_, _) => kit.TestActor.Tell("hello") });
        actor.Tell("go");
        kit.TestProbe.ExpectMsg("hello");
        Assert.Equal(actor, kit.TestProbe.LastSender);
    }

    [Theory, EveryDispatcher]
    public async Task Tell_OutsideAnActor_HasDeadLettersAsSender(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef? sender = null;
        IActorRef actor = kit.Spawn(new Script { On = (self, _) => sender = self.From });
        actor.Tell("go");
        kit.Settle();
        Assert.Equal(kit.Sys.DeadLetters, sender);
    }

    [Fact]
    public async Task Tell_Null_Throws()
    {
        await using var kit = Kits.Of(1);
        Assert.Throws<InvalidMessageException>(() => kit.TestActor.Tell(null!)); // null is what is tested
    }

    [Theory, EveryDispatcher]
    public async Task Forward_KeepsTheOriginalSender(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef echo = kit.Spawn(new Script { On = (actor, message) => actor.From.Tell(message) });
        IActorRef forwarder = kit.Spawn(new Script { On = (_, message) => echo.Forward(message) });
        kit.TestProbe.Send(forwarder, "hi");
        kit.TestProbe.ExpectMsg("hi");
        Assert.Equal(echo, kit.TestProbe.LastSender);
    }

    [Fact]
    public async Task Actor_UnderManyThreads_HandlesOneMessageAtATime()
    {
        await using var kit = Kits.Of(0, options => options with { Throughput = 3 });
        int inside = 0;
        int collisions = 0;
        int handled = 0;
        IActorRef actor = kit.Spawn(new Script
        {
            On = (_, _) =>
            {
                if (Interlocked.Increment(ref inside) != 1) { Interlocked.Increment(ref collisions); }
                handled++;
                Interlocked.Decrement(ref inside);
            },
        });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (int number = 0; number < 5000; number++) { actor.Tell(number); }
        })));
        kit.Settle();
        Assert.Equal(0, collisions);
        Assert.Equal(40_000, handled);
    }

    [Fact]
    public async Task Turn_OfABusyActor_EndsAfterTheThroughput()
    {
        await using var kit = Kits.Of(1, options => options with { Throughput = 10 });
        var order = new ConcurrentQueue<string>();
        IActorRef busy = kit.Spawn(new Script { On = (_, _) => order.Enqueue("busy") });
        IActorRef other = kit.Spawn(new Script { On = (_, _) => order.Enqueue("other") });
        kit.Settle();
        for (int number = 0; number < 1000; number++) { busy.Tell(number); }
        other.Tell(0);
        kit.Settle();
        Assert.True(order.ToList().IndexOf("other") < 900, "the other actor had to wait for the whole mailbox of the busy one");
    }

    [Fact]
    public async Task Mailbox_WithLimit_MakesDeadLettersOfTheRest()
    {
        await using var kit = Kits.Of(1);
        kit.Sys.EventStream.Subscribe<DeadLetter>(kit.TestActor);
        int handled = 0;
        IActorRef actor = kit.Sys.ActorOf(new Script { On = (_, _) => handled++ }.Props.WithMailboxLimit(3));
        for (int number = 0; number < 5; number++) { actor.Tell(number); }
        kit.Settle();
        Assert.Equal(3, handled);
        Assert.Equal([3, 4], kit.TestProbe.ReceiveN(2).Cast<DeadLetter>().Select(letter => (int)letter.Message));
    }
}
