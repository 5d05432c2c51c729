namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class DeathWatchSpec
{
    // A Terminated that was not asked for is dropped by whoever gets it, so the news travels as the bare reference.
    private static Script TellingWhoDied(ClusterTransfer.TestKit.ActorTestKit kit) =>
        new() { On = (_, message) => kit.TestActor.Tell(((Terminated)message).ActorRef) };

    [Theory, EveryDispatcher]
    public async Task Watch_OfALivingActor_GivesOneTerminated(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script());
        kit.TestProbe.Watch(actor);
        kit.TestProbe.Watch(actor);
        actor.Tell(PoisonPill.Instance);
        kit.TestProbe.ExpectTerminated(actor);
        Assert.Equal(actor, kit.TestProbe.LastSender);
        kit.TestProbe.ExpectNoMsg();
    }

    [Theory, EveryDispatcher]
    public async Task Watch_OfADeadActor_GivesTerminatedAtOnce(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script());
        kit.Sys.Stop(actor);
        kit.Settle();
        kit.TestProbe.Watch(actor);
        kit.TestProbe.ExpectTerminated(actor);
    }

    [Theory, EveryDispatcher]
    public async Task Watch_OfNobody_GivesTerminated(int seed)
    {
        await using var kit = Kits.Of(seed);
        kit.TestProbe.Watch(ActorRefs.Nobody);
        kit.TestProbe.ExpectTerminated(ActorRefs.Nobody);
    }

    [Theory, EveryDispatcher]
    public async Task Watch_ByManyActors_TellsEach(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script());
        var probes = Enumerable.Range(0, 5).Select(_ => kit.CreateTestProbe()).ToList();
        probes.ForEach(probe => probe.Watch(actor));
        kit.Sys.Stop(actor);
        probes.ForEach(probe => probe.ExpectTerminated(actor));
    }

    [Theory, EveryDispatcher]
    public async Task Unwatch_EndsTheWatch(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script());
        kit.TestProbe.Watch(actor);
        kit.TestProbe.Unwatch(actor);
        kit.Sys.Stop(actor);
        kit.TestProbe.ExpectNoMsg();
    }

    [Fact]
    public async Task Unwatch_WhileTerminatedWaitsInTheMailbox_DropsIt()
    {
        await using var kit = Kits.Of(0);
        using var gate = new ManualResetEventSlim();
        IActorRef victim = kit.Spawn(new Script());
        IActorRef watcher = kit.Spawn(TellingWhoDied(kit));
        kit.Run(watcher, self => self.Ctx.Watch(victim));
        kit.TestProbe.Watch(victim); // told after the watcher, so once the probe knows the watcher's news is on its way
        watcher.Tell(new Do(_ => gate.Wait(TimeSpan.FromSeconds(20))));
        watcher.Tell(new Do(self =>
        {
            self.Ctx.Unwatch(victim);
            kit.TestActor.Tell("unwatched");
        }));
        kit.Sys.Stop(victim);
        kit.TestProbe.ExpectTerminated(victim);
        gate.Set();
        kit.TestProbe.ExpectMsg("unwatched");
        kit.TestProbe.ExpectNoMsg();
    }

    [Theory, EveryDispatcher]
    public async Task Unwatch_AfterTheDeathDuringAnAwait_DropsTheNews(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef victim = kit.Spawn(new Script());
        kit.TestProbe.Watch(victim);
        var gate = new TaskCompletionSource();
        IActorRef blocked = kit.Sys.ActorOf(Props.Create(() => new LateUnwatcher(victim, gate.Task, kit.TestActor)));
        blocked.Tell("watch");
        kit.Settle();
        kit.Sys.Stop(victim);
        kit.TestProbe.ExpectTerminated(victim);
        kit.Settle();
        gate.SetResult();
        kit.TestProbe.ExpectMsg("unwatched");
        kit.TestProbe.ExpectNoMsg();
    }

    public sealed class LateUnwatcher : ReceiveActor
    {
        public LateUnwatcher(IActorRef victim, Task gate, IActorRef probe)
        {
            ReceiveAsync<string>(async _ =>
            {
                Context.Watch(victim);
                await gate;
                Context.Unwatch(victim);
                probe.Tell("unwatched");
            });
            Receive<Terminated>(_ => probe.Tell("terminated"));
        }
    }

    [Theory, EveryDispatcher]
    public async Task Terminated_Unhandled_FailsWithDeathPact(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef victim = kit.Spawn(new Script());
        IActorRef watcher = kit.Spawn(new Script());
        kit.TestProbe.Watch(watcher);
        kit.Run(watcher, self => self.Ctx.Watch(victim));
        kit.Sys.Stop(victim);
        kit.TestProbe.ExpectTerminated(watcher);
        Assert.Contains(kit.Logged, entry => entry.Exception is DeathPactException pact && pact.DeadActor.Equals(victim));
    }

    [Theory, EveryDispatcher]
    public async Task Terminated_OfAChild_ComesWhenItsNameIsFree(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef parent = kit.Spawn(new Script
        {
            PreStart = self => self.Ctx.Watch(self.Ctx.ActorOf(new Script().Props, "child")),
            On = (self, message) =>
            {
                if (message is not Terminated) { return; }
                self.Ctx.ActorOf(new Script().Props, "child");
                kit.TestActor.Tell("made again");
            },
        });
        kit.Run(parent, self => self.Ctx.Stop(self.Ctx.Child("child")));
        kit.TestProbe.ExpectMsg("made again");
        kit.TestProbe.ExpectNoMsg();
    }

    [Theory, EveryDispatcher]
    public async Task Watch_SurvivesARestartOfTheWatched(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script());
        kit.TestProbe.Watch(actor);
        actor.Tell(new Fail("x"));
        kit.TestProbe.ExpectNoMsg();
        kit.Sys.Stop(actor);
        kit.TestProbe.ExpectTerminated(actor);
    }

    [Theory, EveryDispatcher]
    public async Task Watch_SurvivesARestartOfTheWatcher(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef victim = kit.Spawn(new Script());
        IActorRef watcher = kit.Spawn(TellingWhoDied(kit));
        kit.Run(watcher, self => self.Ctx.Watch(victim));
        watcher.Tell(new Fail("x"));
        kit.Settle();
        kit.Sys.Stop(victim);
        kit.TestProbe.ExpectMsg(victim);
    }

    [Theory, EveryDispatcher]
    public async Task WatchWith_GivesTheChosenMessage(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef victim = kit.Spawn(new Script());
        IActorRef watcher = kit.Spawn(new Script { On = (_, message) => kit.TestActor.Tell(message) });
        kit.Run(watcher, self => self.Ctx.WatchWith(victim, "he is gone"));
        kit.Sys.Stop(victim);
        kit.TestProbe.ExpectMsg("he is gone");
    }

    [Theory, EveryDispatcher]
    public async Task Watch_EachOther_BothWays_EndsWell(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef one = kit.Spawn(TellingWhoDied(kit));
        IActorRef two = kit.Spawn(TellingWhoDied(kit));
        kit.Run(one, self => self.Ctx.Watch(two));
        kit.Run(two, self => self.Ctx.Watch(one));
        kit.Sys.Stop(one);
        kit.TestProbe.ExpectMsg(one);
        kit.Sys.Stop(two);
        kit.TestProbe.ExpectNoMsg();
    }
}
