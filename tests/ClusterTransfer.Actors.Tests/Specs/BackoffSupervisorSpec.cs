using ClusterTransfer.Actors.Pattern;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class BackoffSupervisorSpec
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static Props Child(ActorTestKit kit) => new Script
    {
        PreStart = _ => kit.TestActor.Tell("started"),
        On = (self, message) =>
        {
            switch (message)
            {
                case "stop": self.Ctx.Stop(self.Me); break;
                case "to parent": self.Ctx.Parent.Tell("from child", self.Me); break;
                case BackoffSupervisor.Reset: self.Ctx.Parent.Tell(message, self.Me); break;
                default: self.From.Tell($"child {message}", self.Me); break;
            }
        },
    }.Props;

    private static BackoffOptions OnStop(ActorTestKit kit, int maxNrOfRetries = -1) => Backoff.OnStop(Child(kit), "child", Second, 8 * Second, 0, maxNrOfRetries);

    private static BackoffOptions OnFailure(ActorTestKit kit, int maxNrOfRetries = -1) => Backoff.OnFailure(Child(kit), "child", Second, 8 * Second, 0, maxNrOfRetries);

    private static IActorRef Start(ActorTestKit kit, BackoffOptions options)
    {
        IActorRef supervisor = kit.Sys.ActorOf(BackoffSupervisor.Props(options), "supervisor");
        kit.TestProbe.ExpectMsg("started");
        return supervisor;
    }

    private static void ExpectStartAfter(ActorTestKit kit, TimeSpan delay)
    {
        kit.TestProbe.ExpectNoMsg(delay - TimeSpan.FromMilliseconds(1));
        kit.Time.Advance(TimeSpan.FromMilliseconds(1));
        kit.TestProbe.ExpectMsg("started");
    }

    [Theory, EveryDispatcher]
    public async Task OnStop_StartsTheChildAgain_AfterDelaysThatDouble(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef supervisor = Start(kit, OnStop(kit).WithManualReset());
        foreach (int seconds in new[] { 1, 2, 4, 8, 8 })
        {
            supervisor.Tell("stop");
            ExpectStartAfter(kit, seconds * Second);
        }
    }

    [Theory, EveryDispatcher]
    public async Task OnStop_AFailure_RestartsAtOnce(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef supervisor = Start(kit, OnStop(kit));
        supervisor.Tell(new Fail("x"));
        kit.TestProbe.ExpectMsg("started");
    }

    [Theory, EveryDispatcher]
    public async Task OnStop_WithStoppingStrategy_BacksOffOnFailures(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef supervisor = Start(kit, OnStop(kit).WithDefaultStoppingStrategy());
        supervisor.Tell(new Fail("x"));
        ExpectStartAfter(kit, Second);
    }

    [Theory, EveryDispatcher]
    public async Task OnFailure_AFailure_BacksOff(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef supervisor = Start(kit, OnFailure(kit).WithManualReset());
        foreach (int seconds in new[] { 1, 2, 4, 8 })
        {
            supervisor.Tell(new Fail("x"));
            ExpectStartAfter(kit, seconds * Second);
        }
    }

    [Theory, EveryDispatcher]
    public async Task OnFailure_AStop_EndsTheSupervisor(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef supervisor = Start(kit, OnFailure(kit));
        kit.TestProbe.Watch(supervisor);
        supervisor.Tell("stop");
        kit.TestProbe.ExpectTerminated(supervisor);
    }

    [Theory, EveryDispatcher]
    public async Task AutoReset_AfterAQuietTime_StartsFromTheSmallestDelay(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef supervisor = Start(kit, OnStop(kit).WithAutoReset(3 * Second));
        supervisor.Tell("stop");
        ExpectStartAfter(kit, Second);
        supervisor.Tell("stop");
        ExpectStartAfter(kit, 2 * Second);
        kit.Time.Advance(3 * Second);
        supervisor.Tell("stop");
        ExpectStartAfter(kit, Second);
    }

    [Theory, EveryDispatcher]
    public async Task ManualReset_ByTheChild_StartsFromTheSmallestDelay(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef supervisor = Start(kit, OnStop(kit).WithManualReset());
        supervisor.Tell("stop");
        ExpectStartAfter(kit, Second);
        kit.TestProbe.Send(supervisor, BackoffSupervisor.GetRestartCount.Instance);
        kit.TestProbe.ExpectMsg(new BackoffSupervisor.RestartCount(1));
        supervisor.Tell(BackoffSupervisor.Reset.Instance);
        kit.TestProbe.Send(supervisor, BackoffSupervisor.GetRestartCount.Instance);
        kit.TestProbe.ExpectMsg(new BackoffSupervisor.RestartCount(0));
        supervisor.Tell("stop");
        ExpectStartAfter(kit, Second);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(3, true)]
    [InlineData(0, false)]
    [InlineData(3, false)]
    public async Task MaxNrOfRetries_WhenPassed_EndsTheSupervisor(int seed, bool onStop)
    {
        await using var kit = Kits.Of(seed);
        IActorRef supervisor = Start(kit, (onStop ? OnStop(kit, 2) : OnFailure(kit, 2)).WithManualReset());
        object end = onStop ? "stop" : new Fail("x");
        supervisor.Tell(end);
        ExpectStartAfter(kit, Second);
        supervisor.Tell(end);
        ExpectStartAfter(kit, 2 * Second);
        kit.TestProbe.Watch(supervisor);
        supervisor.Tell(end);
        kit.TestProbe.ExpectTerminated(supervisor);
    }

    [Theory, EveryDispatcher]
    public async Task Messages_GoToTheChild_AndFromTheChildToTheParent(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef? supervisor = null;
        kit.Spawn(new Script
        {
            PreStart = self => supervisor = self.Ctx.ActorOf(BackoffSupervisor.Props(OnStop(kit))),
            On = (_, message) => kit.TestActor.Tell($"parent {message}"),
        });
        kit.TestProbe.ExpectMsg("started");
        kit.TestProbe.Send(supervisor!, "hi");
        kit.TestProbe.ExpectMsg("child hi");
        supervisor!.Tell("to parent");
        kit.TestProbe.ExpectMsg("parent from child");
        kit.TestProbe.Send(supervisor!, BackoffSupervisor.GetCurrentChild.Instance);
        Assert.Equal("child", kit.TestProbe.ExpectMsg<BackoffSupervisor.CurrentChild>().Ref.Path.Name);
    }

    [Theory, EveryDispatcher]
    public async Task Messages_WhileStopped_AreDeadLettersOrAnswered(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef supervisor = Start(kit, OnStop(kit));
        supervisor.Tell("stop");
        kit.Settle();
        kit.EventFilter.DeadLetter<string>(text => text == "hi").ExpectOne(() => kit.TestProbe.Send(supervisor, "hi"));
        kit.TestProbe.Watch(supervisor);
        kit.Sys.Stop(supervisor);
        kit.TestProbe.ExpectTerminated(supervisor);
        kit.Settle(); // the watcher may hear of it before the parent, who has the name
        supervisor = Start(kit, OnStop(kit).WithReplyWhileStopped("later"));
        supervisor.Tell("stop");
        kit.Settle();
        kit.TestProbe.Send(supervisor, "hi");
        kit.TestProbe.ExpectMsg("later");
        kit.TestProbe.Send(supervisor, BackoffSupervisor.GetCurrentChild.Instance);
        Assert.True(kit.TestProbe.ExpectMsg<BackoffSupervisor.CurrentChild>().Ref.IsNobody());
    }

    [Theory, EveryDispatcher]
    public async Task FinalStopMessage_EndsChildAndSupervisor(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef supervisor = Start(kit, OnStop(kit).WithFinalStopMessage(message => message is "stop"));
        kit.TestProbe.Watch(supervisor);
        supervisor.Tell("stop");
        kit.TestProbe.ExpectTerminated(supervisor);
    }

    [Theory, EveryDispatcher]
    public async Task RandomFactor_OnlyMakesTheDelayLonger(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef supervisor = Start(kit, Backoff.OnStop(Child(kit), "child", Second, 8 * Second, 0.5).WithManualReset());
        supervisor.Tell("stop");
        kit.TestProbe.ExpectNoMsg(Second - TimeSpan.FromMilliseconds(1));
        kit.Time.Advance(TimeSpan.FromMilliseconds(501));
        kit.TestProbe.ExpectMsg("started");
    }

    [Fact]
    public void Options_OutOfRange_AreRefused()
    {
        Props props = new Script().Props;
        Assert.Throws<ArgumentException>(() => Backoff.OnStop(props, "c", TimeSpan.Zero, Second, 0));
        Assert.Throws<ArgumentException>(() => Backoff.OnStop(props, "c", 2 * Second, Second, 0));
        Assert.Throws<ArgumentException>(() => Backoff.OnStop(props, "c", Second, Second, 1.5));
        Assert.Throws<ArgumentException>(() => Backoff.OnFailure(props, "c", Second, Second, double.NaN));
    }
}
