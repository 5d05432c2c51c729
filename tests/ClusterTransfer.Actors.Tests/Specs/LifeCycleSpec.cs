namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class LifeCycleSpec
{
    [Theory, EveryDispatcher]
    public async Task Hooks_OverARestartAndAStop_RunInTheClassicOrder(int seed)
    {
        await using var kit = Kits.Of(seed);
        void Note(ScriptedActor actor, string hook) => kit.TestActor.Tell($"{hook} {actor.Incarnation}");
        IActorRef actor = kit.Spawn(new Script
        {
            Constructed = self => Note(self, "new"),
            PreStart = self => Note(self, "PreStart"),
            PostStop = self => Note(self, "PostStop"),
            PreRestart = (self, reason, message) =>
            {
                Note(self, $"PreRestart {reason.Message} {((Fail)message!).Reason}"); // the message is known here
                return true;
            },
            PostRestart = (self, reason) =>
            {
                Note(self, $"PostRestart {reason.Message}");
                return true;
            },
            On = (self, message) => Note(self, $"{message}"),
        });
        actor.Tell("a");
        actor.Tell(new Fail("boom"));
        actor.Tell("b");
        actor.Tell(PoisonPill.Instance);
        Assert.Equal(
            ["new 1", "PreStart 1", "a 1", "PreRestart boom boom 1", "PostStop 1", "new 2", "PostRestart boom 2", "PreStart 2", "b 2", "PostStop 2"],
            kit.TestProbe.ReceiveN(10));
        kit.TestProbe.ExpectNoMsg();
    }

    [Theory, EveryDispatcher]
    public async Task Stop_OfAParent_StopsChildrenFirst(int seed)
    {
        await using var kit = Kits.Of(seed);
        Script Level(int depth) => new()
        {
            PreStart = self =>
            {
                if (depth == 3) { return; }
                for (int child = 0; child < 2; child++) { self.Ctx.ActorOf(Level(depth + 1).Props); }
            },
            PostStop = _ => kit.TestActor.Tell(depth),
        };
        IActorRef top = kit.Spawn(Level(1));
        kit.TestProbe.Watch(top);
        kit.Settle();
        kit.Sys.Stop(top);
        int[] depths = [.. kit.TestProbe.ReceiveN(7).Cast<int>()];
        Assert.Equal(1, depths[^1]);
        Assert.Equal(4, depths.Count(depth => depth == 3));
        kit.TestProbe.ExpectTerminated(top);
        kit.TestProbe.ExpectNoMsg();
    }

    [Theory, EveryDispatcher]
    public async Task Stop_DuringAMessage_LetsItEndAndDropsTheRest(int seed)
    {
        await using var kit = Kits.Of(seed);
        kit.Sys.EventStream.Subscribe<DeadLetter>(kit.TestActor);
        IActorRef actor = kit.Spawn(new Script
        {
            On = (self, message) =>
            {
                self.Ctx.Stop(self.Me);
                kit.TestActor.Tell($"handled {message}");
            },
        });
        kit.Settle();
        kit.TestProbe.Send(actor, 1);
        kit.TestProbe.Send(actor, 2);
        kit.TestProbe.ExpectMsg("handled 1");
        var letter = kit.TestProbe.ExpectMsg<DeadLetter>();
        Assert.Equal((2, kit.TestActor, actor), ((int)letter.Message, letter.Sender, letter.Recipient));
    }

    [Theory, EveryDispatcher]
    public async Task PoisonPill_IsHandledInOrder(int seed)
    {
        await using var kit = Kits.Of(seed);
        kit.Sys.EventStream.Subscribe<DeadLetter>(kit.TestActor);
        IActorRef actor = kit.Spawn(new Script { On = (_, message) => kit.TestActor.Tell(message), PostStop = _ => kit.TestActor.Tell("stopped") });
        kit.Settle();
        actor.Tell(1);
        actor.Tell(PoisonPill.Instance);
        kit.TestProbe.ExpectMsg(1);
        kit.TestProbe.ExpectMsg("stopped");
        kit.Settle();
        actor.Tell(2);
        Assert.Equal(2, kit.TestProbe.ExpectMsg<DeadLetter>().Message);
    }

    [Theory, EveryDispatcher]
    public async Task Kill_FailsTheActorAndStopsItByDefault(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script());
        kit.TestProbe.Watch(actor);
        actor.Tell(Kill.Instance);
        kit.TestProbe.ExpectTerminated(actor);
        Assert.Contains(kit.Logged, entry => entry.Exception is ActorKilledException);
    }

    [Theory, EveryDispatcher]
    public async Task PostStop_ThatThrows_StillStops(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script { PostStop = _ => throw new BoomException("post stop") });
        kit.TestProbe.Watch(actor);
        kit.Sys.Stop(actor);
        kit.TestProbe.ExpectTerminated(actor);
        Assert.Contains(kit.Logged, entry => entry.Exception is BoomException);
    }

    [Theory, EveryDispatcher]
    public async Task Restart_KeepsTheMailboxExceptTheFailingMessage(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script { On = (_, message) => kit.TestActor.Tell(message) });
        for (int number = 0; number < 40; number++)
        {
            actor.Tell(number);
            if (number % 7 == 3) { actor.Tell(new Fail("now")); }
        }
        Assert.Equal(Enumerable.Range(0, 40).Cast<object>(), kit.TestProbe.ReceiveN(40));
        kit.TestProbe.ExpectNoMsg();
    }

    [Theory, EveryDispatcher]
    public async Task Restart_StopsTheChildrenByDefaultAndWaitsForThem(int seed)
    {
        await using var kit = Kits.Of(seed);
        var parent = new Script
        {
            PreStart = self => self.Ctx.ActorOf(new Script { PostStop = _ => kit.TestActor.Tell("child gone") }.Props, "child"),
            PostRestart = (_, _) =>
            {
                kit.TestActor.Tell("restarted");
                return true; // PreStart again: the name must be free
            },
        };
        IActorRef actor = kit.Spawn(parent);
        actor.Tell(new Fail("x"));
        Assert.Equal(["child gone", "restarted"], kit.TestProbe.ReceiveN(2));
        kit.TestProbe.ExpectNoMsg();
        Assert.Equal(2, parent.Incarnations);
    }

    [Theory, EveryDispatcher]
    public async Task Restart_WithChildrenKept_RestartsThemToo(int seed)
    {
        await using var kit = Kits.Of(seed);
        var child = new Script { On = (self, message) => kit.TestActor.Tell($"{message} {self.Incarnation}") };
        IActorRef? childRef = null;
        IActorRef actor = kit.Spawn(new Script
        {
            Constructed = self => childRef ??= self.Ctx.ActorOf(child.Props),
            PreRestart = (_, _, _) => false,
        });
        kit.Settle();
        actor.Tell(new Fail("x"));
        kit.Settle();
        childRef!.Tell("still here"); // made above
        kit.TestProbe.ExpectMsg("still here 2");
    }

    [Theory, EveryDispatcher]
    public async Task Dispose_OfADisposableActor_RunsWhenItStops(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef probe = kit.TestActor;
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new Disposing(probe)));
        kit.Sys.Stop(actor);
        kit.TestProbe.ExpectMsg("disposed");
    }

    public sealed class Disposing(IActorRef probe) : UntypedActor, IDisposable
    {
        public void Dispose() => probe.Tell("disposed");

        protected override void OnReceive(object message) { }
    }

    [Theory, EveryDispatcher]
    public async Task GracefulStop_CompletesWhenTheActorIsGone(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script { PostStop = _ => kit.TestActor.Tell("stopped") });
        Assert.True(await kit.RunAsync(actor.GracefulStop(TimeSpan.FromSeconds(5))));
        kit.TestProbe.ExpectMsg("stopped");
    }

    [Theory, EveryDispatcher]
    public async Task Identify_IsAnsweredByTheKernel(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script());
        kit.TestProbe.Send(actor, new Identify("who"));
        kit.TestProbe.ExpectMsg(new ActorIdentity("who", actor));
    }

    [Theory, EveryDispatcher]
    public async Task GracefulStop_OfAnActorThatStaysOn_IsCancelledAfterTheTimeout(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef stubborn = kit.Spawn(new Script { On = (_, _) => { } });
        Task<bool> stop = stubborn.GracefulStop(TimeSpan.FromSeconds(5), "please");
        kit.Time.Advance(TimeSpan.FromSeconds(6));
        await Assert.ThrowsAsync<TaskCanceledException>(() => kit.RunAsync(stop));
        kit.Sys.Stop(stubborn);
        kit.Settle();
        Assert.True(await kit.RunAsync(stubborn.GracefulStop(TimeSpan.FromSeconds(5))));
    }
}
