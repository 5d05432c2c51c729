namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class SupervisionSpec
{
    /// <summary>A parent with one child, "child", that counts and tells its count.</summary>
    private static (IActorRef Parent, IActorRef Child, Script Script) Family(ClusterTransfer.TestKit.ActorTestKit kit, SupervisorStrategy? strategy, string? name = null)
    {
        int count = 0;
        var script = new Script
        {
            Constructed = _ => count = 0,
            On = (self, _) => self.From.Tell(++count),
        };
        IActorRef? child = null;
        IActorRef parent = kit.Spawn(new Script { Strategy = strategy, PreStart = self => child = self.Ctx.ActorOf(script.Props, "child") }, name);
        kit.Settle();
        return (parent, child!, script); // made when settled
    }

    [Theory, EveryDispatcher]
    public async Task Restart_ReplacesTheInstance(int seed)
    {
        await using var kit = Kits.Of(seed);
        (_, IActorRef child, Script script) = Family(kit, new OneForOneStrategy(_ => Directive.Restart));
        kit.TestProbe.Send(child, "count");
        child.Tell(new Fail("x"));
        kit.TestProbe.Send(child, "count");
        Assert.Equal([1, 1], kit.TestProbe.ReceiveN(2));
        Assert.Equal(2, script.Incarnations);
    }

    [Theory, EveryDispatcher]
    public async Task Resume_KeepsTheInstance(int seed)
    {
        await using var kit = Kits.Of(seed);
        (_, IActorRef child, Script script) = Family(kit, new OneForOneStrategy(_ => Directive.Resume));
        kit.TestProbe.Send(child, "count");
        child.Tell(new Fail("x"));
        kit.TestProbe.Send(child, "count");
        Assert.Equal([1, 2], kit.TestProbe.ReceiveN(2));
        Assert.Equal(1, script.Incarnations);
    }

    [Theory, EveryDispatcher]
    public async Task Stop_EndsTheChild(int seed)
    {
        await using var kit = Kits.Of(seed);
        (_, IActorRef child, _) = Family(kit, SupervisorStrategy.StoppingStrategy);
        kit.TestProbe.Watch(child);
        child.Tell(new Fail("x"));
        kit.TestProbe.ExpectTerminated(child);
    }

    [Theory, EveryDispatcher]
    public async Task Escalate_MakesTheParentFail(int seed)
    {
        await using var kit = Kits.Of(seed);
        var errors = new List<Exception>();
        IActorRef? inner = null;
        IActorRef outer = kit.Spawn(new Script
        {
            Strategy = new OneForOneStrategy(error => { errors.Add(error); return Directive.Stop; }),
            PreStart = self => inner = self.Ctx.ActorOf(new Script
            {
                Strategy = new OneForOneStrategy(_ => Directive.Escalate),
                PreStart = middle => middle.Ctx.ActorOf(new Script().Props, "leaf"),
                On = (middle, message) => middle.Ctx.Child("leaf").Tell(message),
            }.Props),
        });
        kit.Settle();
        kit.TestProbe.Watch(inner!); // made when settled
        kit.Run(inner!, middle => middle.Ctx.Child("leaf").Tell(new Fail("deep")));
        kit.TestProbe.ExpectTerminated(inner!);
        Assert.Equal("deep", Assert.Single(errors).Message);
    }

    [Theory, EveryDispatcher]
    public async Task Escalate_UpToTheGuardian_RestartsTheTopLevelActor(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef? child = null;
        var top = new Script
        {
            Strategy = new OneForOneStrategy(_ => Directive.Escalate),
            PreStart = self => child = self.Ctx.ActorOf(new Script().Props),
        };
        kit.Spawn(top);
        kit.Settle();
        IActorRef before = child!; // made when settled
        before.Tell(new Fail("x"));
        kit.Settle();
        Assert.Equal(2, top.Incarnations);
        Assert.NotEqual(before, child);
        Assert.False(kit.Sys.WhenTerminated.IsCompleted);
    }

    [Theory, EveryDispatcher]
    public async Task Escalate_ThenResumeAbove_ResumesTheLeafAsWell(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef? leaf = null;
        var leafScript = new Script { On = (self, message) => self.From.Tell($"{message} {self.Incarnation}") };
        kit.Spawn(new Script
        {
            Strategy = new OneForOneStrategy(_ => Directive.Resume),
            PreStart = self => self.Ctx.ActorOf(new Script
            {
                Strategy = new OneForOneStrategy(_ => Directive.Escalate),
                PreStart = middle => leaf = middle.Ctx.ActorOf(leafScript.Props),
            }.Props),
        });
        kit.Settle();
        leaf!.Tell(new Fail("x")); // made when settled
        kit.TestProbe.Send(leaf!, "alive");
        kit.TestProbe.ExpectMsg("alive 1");
    }

    [Theory, EveryDispatcher]
    public async Task RetryLimit_WhenPassed_StopsTheChild(int seed)
    {
        await using var kit = Kits.Of(seed);
        (_, IActorRef child, Script script) = Family(kit, new OneForOneStrategy(3, null, _ => Directive.Restart));
        kit.TestProbe.Watch(child);
        for (int failure = 0; failure < 4; failure++) { child.Tell(new Fail("x")); }
        kit.TestProbe.ExpectTerminated(child);
        Assert.Equal(4, script.Incarnations);
    }

    [Theory, EveryDispatcher]
    public async Task RetryLimit_Zero_NeverRestarts(int seed)
    {
        await using var kit = Kits.Of(seed);
        (_, IActorRef child, Script script) = Family(kit, new OneForOneStrategy(0, TimeSpan.FromMinutes(1), _ => Directive.Restart));
        kit.TestProbe.Watch(child);
        child.Tell(new Fail("x"));
        kit.TestProbe.ExpectTerminated(child);
        Assert.Equal(1, script.Incarnations);
    }

    [Theory, EveryDispatcher]
    public async Task RetryWindow_WhenOver_StartsAnew(int seed)
    {
        await using var kit = Kits.Of(seed);
        (_, IActorRef child, Script script) = Family(kit, new OneForOneStrategy(2, TimeSpan.FromSeconds(10), _ => Directive.Restart));
        kit.TestProbe.Watch(child);
        for (int round = 0; round < 3; round++)
        {
            child.Tell(new Fail("x"));
            child.Tell(new Fail("x"));
            kit.Settle();
            kit.Time.Advance(TimeSpan.FromSeconds(11));
        }
        Assert.Equal(7, script.Incarnations);
        kit.TestProbe.ExpectNoMsg();
        for (int failure = 0; failure < 3; failure++) { child.Tell(new Fail("x")); }
        kit.TestProbe.ExpectTerminated(child);
    }

    [Theory, EveryDispatcher]
    public async Task OneForOne_LeavesSiblingsAlone(int seed)
    {
        await using var kit = Kits.Of(seed);
        var scripts = new[] { new Script(), new Script() };
        IActorRef[] children = [];
        kit.Spawn(new Script { PreStart = self => children = [.. scripts.Select(script => self.Ctx.ActorOf(script.Props))] });
        kit.Settle();
        children[0].Tell(new Fail("x"));
        kit.Settle();
        Assert.Equal([2, 1], scripts.Select(script => script.Incarnations));
    }

    [Theory, EveryDispatcher]
    public async Task AllForOne_RestartsSiblingsAndKeepsTheirMail(int seed)
    {
        await using var kit = Kits.Of(seed);
        var scripts = new[] { new Script(), new Script { On = (self, message) => kit.TestActor.Tell($"{message} {self.Incarnation}") } };
        IActorRef[] children = [];
        kit.Spawn(new Script
        {
            Strategy = new AllForOneStrategy(_ => Directive.Restart),
            PreStart = self => children = [.. scripts.Select(script => self.Ctx.ActorOf(script.Props))],
        });
        kit.Settle();
        children[0].Tell(new Fail("x"));
        kit.Settle();
        children[1].Tell("after");
        kit.TestProbe.ExpectMsg("after 2");
        Assert.Equal([2, 2], scripts.Select(script => script.Incarnations));
    }

    [Theory, EveryDispatcher]
    public async Task AllForOne_StopsAllOnStop(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef[] children = [];
        IActorRef parent = kit.Spawn(new Script
        {
            Strategy = new AllForOneStrategy(_ => Directive.Stop),
            PreStart = self => children = [.. Enumerable.Range(0, 3).Select(_ => self.Ctx.ActorOf(new Script().Props))],
        });
        kit.Settle();
        children[1].Tell(new Fail("x"));
        kit.Settle();
        kit.Run(parent, self => kit.TestActor.Tell(self.Ctx.GetChildren().Count()));
        kit.TestProbe.ExpectMsg(0);
    }

    [Theory, EveryDispatcher]
    public async Task Constructor_ThatThrows_StopsTheActorByDefault(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script { Constructed = _ => throw new BoomException("ctor") });
        kit.TestProbe.Watch(actor);
        kit.TestProbe.ExpectTerminated(actor);
        Assert.Contains(kit.Logged, entry => entry.Exception is ActorInitializationException { InnerException: BoomException });
    }

    [Theory, EveryDispatcher]
    public async Task PreStart_ThatThrows_IsRestartedWhenTheDeciderSaysSo(int seed)
    {
        await using var kit = Kits.Of(seed);
        var flaky = new Script
        {
            PreStart = self =>
            {
                if (self.Incarnation < 3) { throw new BoomException("not yet"); }
            },
            On = (self, message) => kit.TestActor.Tell($"{message} {self.Incarnation}"),
        };
        IActorRef? child = null;
        kit.Spawn(new Script { Strategy = new OneForOneStrategy(_ => Directive.Restart), PreStart = self => child = self.Ctx.ActorOf(flaky.Props) });
        kit.Settle();
        child!.Tell("up"); // made when settled
        kit.TestProbe.ExpectMsg("up 3");
    }

    [Theory, EveryDispatcher]
    public async Task PreRestart_ThatThrows_DoesNotPreventTheRestart(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script
        {
            PreRestart = (_, _, _) => throw new BoomException("pre restart"),
            On = (self, message) => kit.TestActor.Tell($"{message} {self.Incarnation}"),
        });
        actor.Tell(new Fail("x"));
        actor.Tell("up");
        kit.TestProbe.ExpectMsg("up 2");
    }

    [Theory, EveryDispatcher]
    public async Task PostRestart_ThatThrows_StopsTheActor(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script { PostRestart = (_, _) => throw new BoomException("post restart") });
        kit.TestProbe.Watch(actor);
        actor.Tell(new Fail("first"));
        kit.TestProbe.ExpectTerminated(actor);
        Assert.Contains(kit.Logged, entry => entry.Exception is PostRestartException { OriginalCause.Message: "first", InnerException.Message: "post restart" });
    }

    [Theory, EveryDispatcher]
    public async Task Decider_ThatThrows_FailsTheParent(int seed)
    {
        await using var kit = Kits.Of(seed);
        (IActorRef parent, IActorRef child, _) = Family(kit, new OneForOneStrategy(_ => throw new BoomException("decider")), "parent");
        child.Tell(new Fail("x"));
        kit.Settle();
        Assert.Contains(kit.Logged, entry => entry.ActorPath == "/user/parent" && entry.Exception is BoomException { Message: "decider" });
        kit.Run(parent, self => kit.TestActor.Tell("restarted"));
        kit.TestProbe.ExpectMsg("restarted");
    }

    [Theory, EveryDispatcher]
    public async Task FailedActor_UntilTheVerdict_HandlesNothing(int seed)
    {
        await using var kit = Kits.Of(seed);
        // The parent is inside an async handler, so its verdict waits.
        var gate = new TaskCompletionSource();
        IActorRef parent = kit.Sys.ActorOf(Props.Create(() => new AsyncParent(gate.Task, kit.TestActor)));
        parent.Tell("make");
        var child = kit.TestProbe.ExpectMsg<IActorRef>();
        parent.Tell("wait");
        kit.Settle();
        child.Tell(new Fail("x"));
        child.Tell("later");
        kit.TestProbe.ExpectNoMsg();
        gate.SetResult();
        kit.TestProbe.ExpectMsg("later");
    }

    [Theory, EveryDispatcher]
    public async Task FailureOfAChild_WhileTheParentIsSuspended_IsJudgedAfterwards(int seed)
    {
        await using var kit = Kits.Of(seed);
        var gate = new TaskCompletionSource();
        IActorRef? parent = null;
        Props props = Props.Create(() => new AsyncParent(gate.Task, kit.TestActor));
        kit.Spawn(new Script { Strategy = new OneForOneStrategy(_ => Directive.Resume), PreStart = self => parent = self.Ctx.ActorOf(props) });
        kit.Settle();
        parent!.Tell("make"); // made when settled
        var child = kit.TestProbe.ExpectMsg<IActorRef>();
        parent!.Tell("wait");
        kit.Settle();
        child.Tell(new Fail("x"));
        child.Tell("later");
        kit.Settle();
        gate.SetException(new BoomException("parent")); // now the parent is suspended itself, with the child's failure not judged yet
        kit.TestProbe.ExpectMsg("later");
    }

    [Theory, EveryDispatcher]
    public async Task ChildMadeDuringARestart_WaitsForItsEnd(int seed)
    {
        await using var kit = Kits.Of(seed);
        var gate = new TaskCompletionSource();
        Props slow = Props.Create(() => new AsyncParent(gate.Task, kit.TestActor));
        IActorRef parent = kit.Spawn(new Script
        {
            Constructed = self =>
            {
                if (self.Incarnation == 1) { self.Ctx.ActorOf(slow, "slow").Tell("wait"); }
            },
            PreRestart = (self, _, _) =>
            {
                self.Ctx.Stop(self.Ctx.Child("slow"));
                self.Ctx.ActorOf(new Script { On = (_, message) => kit.TestActor.Tell(message) }.Props).Tell("made meanwhile");
                return false;
            },
        });
        kit.Settle();
        parent.Tell(new Fail("x"));
        kit.TestProbe.ExpectNoMsg();
        gate.SetResult();
        kit.TestProbe.ExpectMsg("made meanwhile");
    }

    public sealed class AsyncParent : ReceiveActor
    {
        public AsyncParent(Task gate, IActorRef probe)
        {
            Receive<string>(text => text == "make", _ => probe.Tell(Context.ActorOf(new Script { On = (_, message) => probe.Tell(message) }.Props)));
            ReceiveAsync<string>(_ => gate);
        }
    }

    [Theory, EveryDispatcher]
    public async Task PropsStrategy_OverridesTheActorsOwn(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef? child = null;
        var parent = new Script
        {
            Strategy = new OneForOneStrategy(_ => Directive.Restart),
            PreStart = self => child = self.Ctx.ActorOf(new Script().Props),
        };
        kit.Sys.ActorOf(parent.Props.WithSupervisorStrategy(SupervisorStrategy.StoppingStrategy));
        kit.Settle();
        kit.TestProbe.Watch(child!); // made when settled
        child!.Tell(new Fail("x"));
        kit.TestProbe.ExpectTerminated(child!);
    }

    [Fact]
    public void DefaultDecider_StopsForCreationKillAndDeathPact()
    {
        IDecider decider = SupervisorStrategy.DefaultDecider;
        Assert.Equal(Directive.Stop, decider.Decide(new ActorInitializationException(null, "x", null)));
        Assert.Equal(Directive.Stop, decider.Decide(new ActorKilledException("x")));
        Assert.Equal(Directive.Stop, decider.Decide(new DeathPactException(ActorRefs.Nobody)));
        Assert.Equal(Directive.Restart, decider.Decide(new BoomException("x")));
    }

    [Theory, EveryDispatcher]
    public async Task Failures_OfManyChildrenAtOnce_AllGetAVerdict(int seed)
    {
        await using var kit = Kits.Of(seed);
        var script = new Script { On = (_, message) => kit.TestActor.Tell(message) };
        IActorRef[] children = [];
        kit.Spawn(new Script { PreStart = self => children = [.. Enumerable.Range(0, 50).Select(_ => self.Ctx.ActorOf(script.Props))] });
        kit.Settle();
        foreach (IActorRef child in children)
        {
            child.Tell(new Fail("x"));
            child.Tell(1);
        }
        Assert.Equal(50, kit.TestProbe.ReceiveN(50).Count);
        Assert.Equal(100, script.Incarnations);
    }

    [Fact]
    public void Decider_FromPairs_TakesTheFirstThatFits()
    {
        IDecider decider = Decider.From(Directive.Escalate, Directive.Stop.When<ArgumentNullException>(), Directive.Resume.When<ArgumentException>());
        Assert.Equal(Directive.Stop, decider.Decide(new ArgumentNullException()));
        Assert.Equal(Directive.Resume, decider.Decide(new ArgumentOutOfRangeException()));
        Assert.Equal(Directive.Escalate, decider.Decide(new BoomException("other")));
    }
}
