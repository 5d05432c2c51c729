namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class StashSpec
{
    /// <summary>Stashes numbers until told to open.</summary>
    private static Script Gate(ClusterTransfer.TestKit.ActorTestKit kit)
    {
        bool open = false;
        return new Script
        {
            On = (self, message) =>
            {
                if (message is "open")
                {
                    open = true;
                    self.Stash.UnstashAll();
                    return;
                }
                if (open) { self.From.Tell(message); }
                else { self.Stash.Stash(); }
            },
            Constructed = _ => open = false,
        };
    }

    [Theory, EveryDispatcher]
    public async Task UnstashAll_GivesTheMessagesBackInOrderBeforeNewerOnes(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(Gate(kit));
        for (int number = 0; number < 10; number++) { kit.TestProbe.Send(actor, number); }
        actor.Tell("open");
        for (int number = 10; number < 20; number++) { kit.TestProbe.Send(actor, number); }
        Assert.Equal(Enumerable.Range(0, 20).Cast<object>(), kit.TestProbe.ReceiveN(20));
    }

    [Theory, EveryDispatcher]
    public async Task Restart_ReturnsTheStashToTheMailbox(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(Gate(kit));
        kit.TestProbe.Send(actor, 1);
        kit.TestProbe.Send(actor, 2);
        actor.Tell(new Fail("x"));
        kit.TestProbe.Send(actor, 3);
        actor.Tell("open");
        Assert.Equal([1, 2, 3], kit.TestProbe.ReceiveN(3));
        kit.TestProbe.ExpectNoMsg();
    }

    [Theory, EveryDispatcher]
    public async Task Stop_MakesDeadLettersOfTheStash(int seed)
    {
        await using var kit = Kits.Of(seed);
        kit.Sys.EventStream.Subscribe<DeadLetter>(kit.TestActor);
        IActorRef actor = kit.Spawn(Gate(kit));
        kit.TestProbe.Send(actor, 1);
        kit.TestProbe.Send(actor, 2);
        kit.Settle();
        kit.Sys.Stop(actor);
        Assert.Equal([1, 2], kit.TestProbe.ReceiveN(2).Select(letter => (int)((DeadLetter)letter).Message));
    }

    [Theory, EveryDispatcher]
    public async Task Stash_WhenFull_ThrowsOverflow(int seed)
    {
        await using var kit = Kits.Of(seed, options => options with { StashCapacity = 2 });
        IActorRef actor = kit.Spawn(new Script
        {
            On = (self, message) =>
            {
                try
                {
                    self.Stash.Stash();
                }
                catch (StashOverflowException)
                {
                    kit.TestActor.Tell($"overflow {message} {self.Stash.Count} {self.Stash.IsFull}");
                }
            },
        });
        for (int number = 0; number < 3; number++) { actor.Tell(number); }
        kit.TestProbe.ExpectMsg("overflow 2 2 True");
    }

    [Theory, EveryDispatcher]
    public async Task Stash_TwiceTheSameMessage_Throws(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script
        {
            On = (self, _) =>
            {
                self.Stash.Stash();
                Assert.Throws<IllegalActorStateException>(self.Stash.Stash);
                kit.TestActor.Tell("refused");
            },
        });
        actor.Tell(1);
        kit.TestProbe.ExpectMsg("refused");
    }

    [Theory, EveryDispatcher]
    public async Task Unstash_GivesOneBack(int seed)
    {
        await using var kit = Kits.Of(seed);
        bool open = false;
        IActorRef actor = kit.Spawn(new Script
        {
            On = (self, message) =>
            {
                if (message is "one") { open = true; self.Stash.Unstash(); }
                else if (open) { open = false; self.From.Tell(message); }
                else { self.Stash.Stash(); }
            },
        });
        kit.TestProbe.Send(actor, 1);
        kit.TestProbe.Send(actor, 2);
        kit.TestProbe.Send(actor, "one");
        kit.TestProbe.ExpectMsg(1);
        kit.TestProbe.ExpectNoMsg();
    }

    [Theory, EveryDispatcher]
    public async Task Terminated_Stashed_ComesBack(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef victim = kit.Spawn(new Script());
        bool open = false;
        IActorRef watcher = kit.Spawn(new Script
        {
            On = (self, message) =>
            {
                if (message is "open") { open = true; self.Stash.UnstashAll(); }
                else if (open) { kit.TestActor.Tell(((Terminated)message).ActorRef); }
                else { self.Stash.Stash(); }
            },
        });
        kit.Run(watcher, self => self.Ctx.Watch(victim));
        kit.Sys.Stop(victim);
        kit.Settle();
        watcher.Tell("open");
        kit.TestProbe.ExpectMsg(victim);
    }

    [Theory, EveryDispatcher]
    public async Task ClearStash_ReturnsWhatWasInIt(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script { On = (self, _) => self.Stash.Stash() });
        kit.TestProbe.Send(actor, 1);
        kit.TestProbe.Send(actor, 2);
        kit.Run(actor, self =>
        {
            Envelope[] cleared = [.. self.Stash.ClearStash()];
            kit.TestActor.Tell($"{cleared.Length} {cleared[0].Message} {self.Stash.IsEmpty}");
        });
        kit.TestProbe.ExpectMsg("2 1 True");
    }
}
