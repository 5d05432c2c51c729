using ClusterTransfer.TestKit;

namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class FsmSpec
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static IActorRef Door(ActorTestKit kit)
    {
        IActorRef door = kit.Sys.ActorOf(Props.Create(() => new DoorActor(kit.TestActor)), "door");
        kit.TestProbe.ExpectMsg("Closed->Closed 0->0"); // Initialize enters the first state as a transition
        return door;
    }

    [Theory, EveryDispatcher]
    public async Task GoTo_ChangesStateAndData(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef door = Door(kit);
        kit.TestProbe.Send(door, "where");
        kit.TestProbe.ExpectMsg("Closed 0");
        kit.TestProbe.Send(door, "open");
        kit.TestProbe.ExpectMsg("Closed->Open 0->1");
        kit.TestProbe.Send(door, "where");
        kit.TestProbe.ExpectMsg("Open 1");
    }

    [Theory, EveryDispatcher]
    public async Task Inspect_ShowsTheState(int seed)
    {
        await using var kit = Kits.Of(seed);
        Door(kit).Tell("open");
        kit.Settle();
        ActorSnapshot door = kit.Sys.Inspect().Children.Single(child => child.Path == "/user").Children.Single(child => child.Path == "/user/door");
        Assert.Equal("Open", door.State);
    }

    [Theory, EveryDispatcher]
    public async Task Stay_IsNoTransition_AndGoToTheSameStateIsOne(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef door = Door(kit);
        kit.TestProbe.Send(door, "count");
        kit.TestProbe.Send(door, "where");
        kit.TestProbe.ExpectMsg("Closed 1");
        kit.TestProbe.Send(door, "again");
        kit.TestProbe.ExpectMsg("Closed->Closed 1->1");
    }

    [Theory, EveryDispatcher]
    public async Task Replying_AnswersInOrder(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef door = Door(kit);
        kit.TestProbe.Send(door, "knock");
        kit.TestProbe.ExpectMsg("first");
        kit.TestProbe.ExpectMsg("second");
    }

    [Theory, EveryDispatcher]
    public async Task StateTimeout_EntersTheStateItsFunctionSays(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef door = Door(kit);
        kit.TestProbe.Send(door, "open");
        kit.TestProbe.ExpectMsg<string>();
        kit.TestProbe.ExpectNoMsg(9 * Second);
        kit.Time.Advance(Second);
        kit.TestProbe.ExpectMsg("Open->Closed 1->1");
        kit.TestProbe.ExpectNoMsg(100 * Second);
    }

    [Theory, EveryDispatcher]
    public async Task StateTimeout_StartsAnewWithEachMessage(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef door = Door(kit);
        kit.TestProbe.Send(door, "open");
        kit.TestProbe.ExpectMsg<string>();
        kit.Time.Advance(9 * Second);
        kit.TestProbe.Send(door, "where");
        kit.TestProbe.ExpectMsg("Open 1");
        kit.TestProbe.ExpectNoMsg(9 * Second);
        kit.Time.Advance(Second);
        kit.TestProbe.ExpectMsg("Open->Closed 1->1");
    }

    [Theory, EveryDispatcher]
    public async Task ForMax_OverridesTheTimeoutOfTheState_Once(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef door = Door(kit);
        kit.TestProbe.Send(door, "open briefly");
        kit.TestProbe.ExpectMsg<string>();
        kit.Time.Advance(2 * Second);
        kit.TestProbe.ExpectMsg("Open->Closed 0->0");
        kit.TestProbe.Send(door, "open for good");
        kit.TestProbe.ExpectMsg<string>();
        kit.TestProbe.ExpectNoMsg(1000 * Second);
        kit.TestProbe.Send(door, "where");
        kit.TestProbe.ExpectMsg("Open 0");
        kit.TestProbe.ExpectNoMsg(9 * Second);
        kit.Time.Advance(Second);
        kit.TestProbe.ExpectMsg("Open->Closed 0->0");
    }

    [Theory, EveryDispatcher]
    public async Task NamedTimers_FireOnceOrRepeatedly_UntilCancelled(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef door = Door(kit);
        kit.TestProbe.Send(door, "timer once");
        kit.Settle();
        kit.Time.Advance(5 * Second);
        kit.TestProbe.ExpectMsg("ring");
        kit.TestProbe.ExpectNoMsg();
        kit.TestProbe.Send(door, "timer repeat");
        kit.Settle();
        kit.Time.Advance(3 * Second);
        Assert.Equal(["ring", "ring", "ring"], kit.TestProbe.ReceiveN(3));
        kit.TestProbe.Send(door, "timer?");
        kit.TestProbe.ExpectMsg(true);
        kit.TestProbe.Send(door, "timer cancel");
        kit.TestProbe.Send(door, "timer?");
        kit.TestProbe.ExpectMsg(false);
        kit.TestProbe.ExpectNoMsg(10 * Second);
    }

    [Theory, EveryDispatcher]
    public async Task Unhandled_GoesToWhenUnhandled_ThenToTheLog(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef door = Door(kit);
        kit.TestProbe.Send(door, 7);
        kit.TestProbe.ExpectMsg("unhandled 7 in Closed");
        kit.EventFilter.Warning(contains: "Unhandled event Double in state Closed").ExpectOne(() => door.Tell(1.5));
    }

    [Theory, EveryDispatcher]
    public async Task Stop_CallsOnTermination_ThenEndsTheActor(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef door = Door(kit);
        kit.TestProbe.Watch(door);
        kit.TestProbe.Send(door, "stop");
        kit.TestProbe.ExpectMsg("bye");
        kit.TestProbe.ExpectMsg("ended Normal in Closed with 99");
        kit.TestProbe.ExpectTerminated(door);
        kit.TestProbe.ExpectNoMsg();
    }

    [Theory, EveryDispatcher]
    public async Task StopFromOutside_IsAShutdown(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef door = Door(kit);
        kit.TestProbe.Watch(door);
        kit.TestProbe.Send(door, "open");
        kit.TestProbe.ExpectMsg<string>();
        kit.Sys.Stop(door);
        kit.TestProbe.ExpectMsg("ended Shutdown in Open with 1");
        kit.TestProbe.ExpectTerminated(door);
    }

    [Theory, EveryDispatcher]
    public async Task GoTo_AnUndeclaredState_EndsTheActorWithAFailure(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef door = Door(kit);
        kit.TestProbe.Watch(door);
        kit.EventFilter.Error(contains: "Next state Broken does not exist").ExpectOne(() => kit.TestProbe.Send(door, "break"));
        kit.TestProbe.ExpectMsg("ended Failure in Closed with 0");
        kit.TestProbe.ExpectTerminated(door);
    }

    [Theory, EveryDispatcher]
    public async Task Subscribers_HearTheStateAndEachTransition(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef door = Door(kit);
        TestProbe listener = kit.CreateTestProbe();
        door.Tell(new FSMBase.SubscribeTransitionCallBack(listener.Ref));
        listener.ExpectMsg(new FSMBase.CurrentState<DoorState>(door, DoorState.Closed));
        door.Tell("open");
        listener.ExpectMsg(new FSMBase.Transition<DoorState>(door, DoorState.Closed, DoorState.Open));
        door.Tell(new FSMBase.UnsubscribeTransitionCallBack(listener.Ref));
        door.Tell("close");
        listener.ExpectNoMsg();
    }

    [Theory, EveryDispatcher]
    public async Task Restart_StartsOver(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef door = Door(kit);
        kit.TestProbe.Send(door, "open");
        kit.TestProbe.ExpectMsg<string>();
        kit.TestProbe.Send(door, "fail");
        kit.TestProbe.ExpectMsg("ended Shutdown in Open with 1");
        kit.TestProbe.ExpectMsg("Closed->Closed 0->0");
        kit.TestProbe.Send(door, "where");
        kit.TestProbe.ExpectMsg("Closed 0");
    }

    [Theory, EveryDispatcher]
    public async Task Transform_ChangesTheOutcome(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef door = Door(kit);
        kit.TestProbe.Send(door, "open");
        kit.TestProbe.ExpectMsg<string>();
        kit.TestProbe.Send(door, "lock");
        kit.TestProbe.ExpectMsg("Open->Locked 1->1");
        kit.TestProbe.Send(door, "count");
        kit.TestProbe.Send(door, "where");
        kit.TestProbe.ExpectMsg("Locked 1000");
    }

    internal enum DoorState
    {
        Closed,
        Open,
        Locked,
        Broken,
    }

    internal sealed class DoorActor : FSM<DoorState, int>
    {
        public DoorActor(IActorRef probe)
        {
            StartWith(DoorState.Closed, 0);
            When(DoorState.Closed, e => e.FsmEvent switch
            {
                "open" => GoTo(DoorState.Open).Using(e.StateData + 1),
                "open briefly" => GoTo(DoorState.Open).ForMax(2 * Second),
                "open for good" => GoTo(DoorState.Open).ForMax(TimeSpan.MaxValue),
                "again" => GoTo(DoorState.Closed),
                "knock" => Stay().Replying("first").Replying("second"),
                "break" => GoTo(DoorState.Broken),
                "stop" => Stop(Normal.Instance, 99).Replying("bye"),
                _ => null,
            });
            When(DoorState.Closed, e => e.FsmEvent is "count" ? Stay().Using(e.StateData + 1) : null);
            When(
                DoorState.Open,
                e => e.FsmEvent switch
                {
                    "close" or StateTimeout => GoTo(DoorState.Closed),
                    "lock" => GoTo(DoorState.Locked),
                    _ => null,
                },
                10 * Second);
            When(DoorState.Locked, Transform(e => e.FsmEvent is "count" ? Stay() : null).Using(state => state.Using(1000)));
            WhenUnhandled(e =>
            {
                switch (e.FsmEvent)
                {
                    case "where": return Stay().Replying($"{StateName} {StateData}");
                    case "fail": throw new BoomException("asked");
                    case "timer once": SetTimer("t", "ring", 5 * Second); return Stay();
                    case "timer repeat": SetTimer("t", "ring", Second, repeat: true); return Stay();
                    case "timer cancel": CancelTimer("t"); return Stay();
                    case "timer?": return Stay().Replying(IsTimerActive("t"));
                    case "ring": probe.Tell("ring"); return Stay();
                    case int number: return Stay().Replying($"unhandled {number} in {StateName}");
                    default: return null;
                }
            });
            OnTransition((from, to) => probe.Tell($"{from}->{to} {StateData}->{NextStateData}"));
            OnTermination(end => probe.Tell($"ended {end.Reason.GetType().Name} in {end.TerminatedState} with {end.StateData}"));
            Initialize();
        }
    }
}
