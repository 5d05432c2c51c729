using ClusterTransfer.TestKit;

namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class ActorSelectionSpec
{
    /// <summary>/user/top with children a1, a2, b, and a1 with x and y. Each tells the probe its name and the message.</summary>
    private static IActorRef Tree(ActorTestKit kit, string name = "top")
    {
        Script leaf = Teller(kit);
        IActorRef top = kit.Spawn(Teller(kit), name);
        kit.Run(top, actor =>
        {
            actor.Ctx.ActorOf(leaf.Props, "a2");
            actor.Ctx.ActorOf(leaf.Props, "b");
            actor.Ctx.ActorOf(
                new Script
                {
                    PreStart = self =>
                    {
                        self.Ctx.ActorOf(leaf.Props, "x");
                        self.Ctx.ActorOf(leaf.Props, "y");
                    },
                    On = Tell(kit),
                }.Props,
                "a1");
        });
        return top;
    }

    private static Script Teller(ActorTestKit kit) => new() { On = Tell(kit) };

    private static Action<ScriptedActor, object> Tell(ActorTestKit kit) => (self, message) => kit.TestActor.Tell($"{self.Me.Path.Name} {message}", self.Me);

    private static void ExpectFrom(ActorTestKit kit, string message, params string[] names)
    {
        kit.TestProbe.ExpectMsgAllOf([.. names.Select(name => $"{name} {message}")]);
        kit.TestProbe.ExpectNoMsg();
    }

    [Theory, EveryDispatcher]
    public async Task Tell_ToAnAbsolutePath_ReachesThatActor(int seed)
    {
        await using var kit = Kits.Of(seed);
        Tree(kit);
        kit.Sys.ActorSelection("/user/top/a1/x").Tell("hi");
        ExpectFrom(kit, "hi", "x");
        kit.Sys.ActorSelection("user/top").Tell("from the root");
        ExpectFrom(kit, "from the root", "top");
        kit.Sys.ActorSelection("clustertransfer://test/user/top/b").Tell("whole");
        ExpectFrom(kit, "whole", "b");
    }

    [Theory, EveryDispatcher]
    public async Task Tell_ToARelativePath_StartsAtTheActorOrItsParent(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef top = Tree(kit);
        Tree(kit, "other");
        kit.Run(top, actor => actor.Ctx.ActorSelection("a1/y").Tell("down"));
        ExpectFrom(kit, "down", "y");
        kit.Run(top, actor => actor.Ctx.ActorSelection("../other/b").Tell("across"));
        ExpectFrom(kit, "across", "b");
        kit.Run(top, actor => actor.Ctx.ActorSelection("/user/other").Tell("absolute"));
        ExpectFrom(kit, "absolute", "other");
    }

    [Theory, EveryDispatcher]
    public async Task Tell_WithWildcards_ReachesAllThatFit(int seed)
    {
        await using var kit = Kits.Of(seed);
        Tree(kit);
        kit.Sys.ActorSelection("/user/top/*").Tell("star");
        ExpectFrom(kit, "star", "a1", "a2", "b");
        kit.Sys.ActorSelection("/user/top/a?").Tell("one");
        ExpectFrom(kit, "one", "a1", "a2");
        kit.Sys.ActorSelection("/user/t*p/a*/*").Tell("deep");
        ExpectFrom(kit, "deep", "x", "y");
        kit.Sys.ActorSelection("/user/top/**").Tell("all below");
        ExpectFrom(kit, "all below", "a1", "a2", "b", "x", "y");
        kit.Sys.ActorSelection("/user/top/*/../b").Tell("by a detour");
        kit.TestProbe.ExpectMsgAllOf("b by a detour", "b by a detour", "b by a detour");
    }

    [Theory, EveryDispatcher]
    public async Task Tell_KeepsTheSender(int seed)
    {
        await using var kit = Kits.Of(seed);
        kit.Spawn(new Script { On = (self, message) => self.From.Tell($"re {message}", self.Me) }, "echo");
        kit.Sys.ActorSelection("/user/echo").Tell("hi", kit.TestActor);
        kit.TestProbe.ExpectMsg("re hi");
    }

    [Theory, EveryDispatcher]
    public async Task Tell_ToNobody_IsADeadLetterWithThatPath(int seed)
    {
        await using var kit = Kits.Of(seed);
        kit.Sys.EventStream.Subscribe<DeadLetter>(kit.TestActor);
        kit.Sys.ActorSelection("/user/nobody/here").Tell("hi", kit.TestActor);
        DeadLetter letter = kit.TestProbe.ExpectMsg<DeadLetter>();
        Assert.Equal("hi", letter.Message);
        Assert.Equal("/user/nobody/here", letter.Recipient.Path.ToStringWithoutAddress());
        kit.Sys.ActorSelection("/user/no*").Tell("a wildcard may fit nobody");
        kit.TestProbe.ExpectNoMsg();
        kit.Sys.ActorSelection("clustertransfer://elsewhere/user/testActor").Tell("another system");
        Assert.Equal("another system", kit.TestProbe.ExpectMsg<DeadLetter>().Message);
        kit.Sys.ActorSelection("/deadLetters").Tell("by choice");
        Assert.Equal("by choice", kit.TestProbe.ExpectMsg<DeadLetter>().Message);
    }

    [Theory, EveryDispatcher]
    public async Task Identify_ThroughASelection_IsAnsweredByEachOrWithNull(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef top = Tree(kit);
        kit.Sys.ActorSelection("/user/top").Tell(new Identify(1), kit.TestActor);
        kit.TestProbe.ExpectMsg(new ActorIdentity(1, top));
        kit.Sys.ActorSelection("/user/top/*").Tell(new Identify(2), kit.TestActor);
        Assert.Equal(["a1", "a2", "b"], kit.TestProbe.ReceiveN(3).Cast<ActorIdentity>().Select(answer => answer.Subject!.Path.Name).Order());
        kit.Sys.ActorSelection("/user/gone").Tell(new Identify(3), kit.TestActor);
        kit.TestProbe.ExpectMsg(new ActorIdentity(3, null));
        kit.Sys.ActorSelection("/user/gone*").Tell(new Identify(4), kit.TestActor);
        kit.TestProbe.ExpectMsg(new ActorIdentity(4, null));
    }

    [Theory, EveryDispatcher]
    public async Task ResolveOne_GivesTheActor(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef top = Tree(kit);
        Assert.Equal(top, await kit.RunAsync(kit.Sys.ActorSelection("/user/top").ResolveOne(TimeSpan.FromSeconds(1))));
        Assert.Equal(top, await kit.RunAsync(kit.Sys.ActorSelection(top.Path).ResolveOne(TimeSpan.FromSeconds(1))));
    }

    [Theory, EveryDispatcher]
    public async Task ResolveOne_OfNobody_FailsAtOnce(int seed)
    {
        await using var kit = Kits.Of(seed);
        ActorSelection selection = kit.Sys.ActorSelection("/user/nobody");
        await Assert.ThrowsAsync<ActorNotFoundException>(() => kit.RunAsync(selection.ResolveOne(TimeSpan.FromHours(1))));
    }

    [Theory, EveryDispatcher]
    public async Task ResolveOne_OfAnActorThatDoesNotAnswer_FailsAfterTheTimeout(int seed)
    {
        await using var kit = Kits.Of(seed);
        var gate = new TaskCompletionSource();
        IActorRef busy = kit.Sys.ActorOf(Props.Create(() => new Busy(gate.Task)), "busy");
        busy.Tell("work");
        kit.Settle();
        Task<IActorRef> resolve = kit.Sys.ActorSelection("/user/busy").ResolveOne(TimeSpan.FromSeconds(2));
        kit.Time.Advance(TimeSpan.FromSeconds(3));
        await Assert.ThrowsAsync<ActorNotFoundException>(() => kit.RunAsync(resolve));
        gate.SetResult();
    }

    [Theory, EveryDispatcher]
    public async Task Selection_AfterARespawn_FindsTheNewActor(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef first = kit.Spawn(Teller(kit), "same");
        ActorSelection selection = kit.Sys.ActorSelection("/user/same");
        kit.TestProbe.Watch(first);
        kit.Sys.Stop(first);
        kit.TestProbe.ExpectTerminated(first);
        kit.Settle(); // the watcher may hear of it before the parent, who has the name
        IActorRef second = kit.Spawn(Teller(kit), "same");
        Assert.Equal(second, await kit.RunAsync(selection.ResolveOne(TimeSpan.FromSeconds(1))));
        selection.Tell(PoisonPill.Instance);
        kit.TestProbe.Watch(second);
        kit.TestProbe.ExpectTerminated(second);
    }

    [Theory, EveryDispatcher]
    public async Task Ask_ThroughASelection_Works(int seed)
    {
        await using var kit = Kits.Of(seed);
        kit.Spawn(new Script { On = (self, message) => self.From.Tell((int)message + 1, self.Me) }, "plus");
        Assert.Equal(42, await kit.RunAsync(kit.Sys.ActorSelection("/user/plus").Ask<int>(41)));
    }

    [Theory, EveryDispatcher]
    public async Task Selections_AreEqualByAnchorAndPath(int seed)
    {
        await using var kit = Kits.Of(seed);
        Assert.Equal(kit.Sys.ActorSelection("/user/a/*"), kit.Sys.ActorSelection("/user//a/*/"));
        Assert.NotEqual(kit.Sys.ActorSelection("/user/a/*"), kit.Sys.ActorSelection("/user/a/?"));
        Assert.Equal("/user/a/*", kit.Sys.ActorSelection("/user/a/*").PathString);
        Assert.Throws<ArgumentException>(() => kit.Sys.ActorSelection("/user/**/a"));
        Assert.Throws<InvalidMessageException>(() => kit.Sys.ActorSelection("/user").Tell(null!));
        Assert.Equal(kit.TestActor, await kit.RunAsync(kit.Sys.ActorSelection(kit.TestActor, "../testActor").ResolveOne(TimeSpan.FromSeconds(1))));
    }

    private sealed class Busy : ReceiveActor
    {
        public Busy(Task gate) => ReceiveAsync<string>(_ => gate);
    }
}
