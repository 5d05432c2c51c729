namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class TimingSpec
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static IActorRef Telling(ClusterTransfer.TestKit.ActorTestKit kit) =>
        kit.Spawn(new Script { On = (_, message) => kit.TestActor.Tell(message) });

    [Theory, EveryDispatcher]
    public async Task SingleTimer_FiresOnceAtItsTime(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = Telling(kit);
        kit.Run(actor, self => self.Timers.StartSingleTimer("key", "tick", Second));
        kit.Time.Advance(Second - TimeSpan.FromTicks(1));
        kit.TestProbe.ExpectNoMsg();
        kit.Time.Advance(TimeSpan.FromTicks(1));
        kit.TestProbe.ExpectMsg("tick");
        kit.Run(actor, self => kit.TestActor.Tell(self.Timers.IsTimerActive("key")));
        kit.TestProbe.ExpectMsg(false);
        kit.TestProbe.ExpectNoMsg(Second * 10);
    }

    [Theory, EveryDispatcher]
    public async Task PeriodicTimer_FiresUntilCancelled(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = Telling(kit);
        kit.Run(actor, self => self.Timers.StartPeriodicTimer("key", "tick", TimeSpan.Zero, Second));
        kit.Time.Advance(Second * 3);
        Assert.Equal(["tick", "tick", "tick", "tick"], kit.TestProbe.ReceiveN(4));
        kit.Run(actor, self => self.Timers.Cancel("key"));
        kit.TestProbe.ExpectNoMsg(Second * 10);
    }

    [Theory, EveryDispatcher]
    public async Task Timer_Replaced_NeverDeliversTheOldMessage(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = Telling(kit);
        kit.Run(actor, self => self.Timers.StartSingleTimer("key", "old", Second));
        kit.Run(actor, self => self.Timers.StartSingleTimer("key", "new", Second * 2));
        kit.Time.Advance(Second * 5);
        kit.TestProbe.ExpectMsg("new");
        kit.TestProbe.ExpectNoMsg();
    }

    public sealed class LateCanceller : ReceiveActor, IWithTimers
    {
        public LateCanceller(Task gate, IActorRef probe, bool replace)
        {
            ReceiveAsync<string>(text => text == "start", async _ =>
            {
                Timers.StartSingleTimer("key", "stale", Second);
                await gate; // the timer fires and its message waits in the mailbox
                if (replace) { Timers.StartSingleTimer("key", "fresh", Second); }
                else { Timers.Cancel("key"); }
                probe.Tell("cancelled");
            });
            ReceiveAny(message => probe.Tell(message));
        }

        public ITimerScheduler Timers { get; set; } = null!; // set by the kernel
    }

    [Theory, EveryDispatcher]
    public async Task Timer_CancelledWhileItsMessageIsQueued_NeverDeliversIt(int seed)
    {
        await using var kit = Kits.Of(seed);
        var gate = new TaskCompletionSource();
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new LateCanceller(gate.Task, kit.TestActor, false)));
        actor.Tell("start");
        kit.Time.Advance(Second * 2);
        gate.SetResult();
        kit.TestProbe.ExpectMsg("cancelled");
        kit.TestProbe.ExpectNoMsg(Second * 5);
    }

    [Theory, EveryDispatcher]
    public async Task Timer_ReplacedWhileItsMessageIsQueued_DeliversOnlyTheNewOne(int seed)
    {
        await using var kit = Kits.Of(seed);
        var gate = new TaskCompletionSource();
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new LateCanceller(gate.Task, kit.TestActor, true)));
        actor.Tell("start");
        kit.Time.Advance(Second * 2);
        gate.SetResult();
        kit.TestProbe.ExpectMsg("cancelled");
        kit.TestProbe.ExpectNoMsg();
        kit.Time.Advance(Second);
        kit.TestProbe.ExpectMsg("fresh");
        kit.TestProbe.ExpectNoMsg(Second * 5);
    }

    [Theory, EveryDispatcher]
    public async Task Timers_OfAFormerIncarnation_NeverFire(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = Telling(kit);
        kit.Run(actor, self => self.Timers.StartPeriodicTimer("key", "tick", Second));
        actor.Tell(new Fail("x"));
        kit.Settle();
        kit.TestProbe.ExpectNoMsg(Second * 5);
    }

    [Theory, EveryDispatcher]
    public async Task Timers_OfAStoppedActor_MakeNoDeadLetters(int seed)
    {
        await using var kit = Kits.Of(seed);
        kit.Sys.EventStream.Subscribe<DeadLetter>(kit.TestActor);
        IActorRef actor = Telling(kit);
        kit.Run(actor, self => self.Timers.StartPeriodicTimer("key", "tick", Second));
        kit.Sys.Stop(actor);
        kit.TestProbe.ExpectNoMsg(Second * 5);
    }

    [Theory, EveryDispatcher]
    public async Task ReceiveTimeout_FiresWhenIdleAndAgain(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script { PreStart = self => self.Ctx.SetReceiveTimeout(Second * 10), On = (_, message) => kit.TestActor.Tell(message) });
        kit.Settle();
        kit.Time.Advance(Second * 9);
        actor.Tell("busy");
        kit.TestProbe.ExpectMsg("busy");
        kit.Time.Advance(Second * 9);
        kit.TestProbe.ExpectNoMsg();
        kit.Time.Advance(Second);
        kit.TestProbe.ExpectMsg<ReceiveTimeout>();
        kit.Time.Advance(Second * 10);
        kit.TestProbe.ExpectMsg<ReceiveTimeout>();
    }

    [Theory, EveryDispatcher]
    public async Task ReceiveTimeout_SetToNull_Ends(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script { PreStart = self => self.Ctx.SetReceiveTimeout(Second), On = (_, message) => kit.TestActor.Tell(message) });
        kit.Run(actor, self => self.Ctx.SetReceiveTimeout(null));
        kit.TestProbe.ExpectNoMsg(Second * 10);
    }

    private sealed record Quiet : INotInfluenceReceiveTimeout;

    [Theory, EveryDispatcher]
    public async Task ReceiveTimeout_IsNotPutOffByMessagesThatSaySo(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script
        {
            PreStart = self => self.Ctx.SetReceiveTimeout(Second * 2),
            On = (_, message) =>
            {
                if (message is ReceiveTimeout) { kit.TestActor.Tell(message); }
            },
        });
        kit.Settle();
        kit.Time.Advance(Second);
        actor.Tell(new Quiet());
        kit.Time.Advance(Second);
        kit.TestProbe.ExpectMsg<ReceiveTimeout>();
    }

    [Theory, EveryDispatcher]
    public async Task Scheduler_Once_SendsAfterTheDelayWithTheSender(int seed)
    {
        await using var kit = Kits.Of(seed);
        kit.Sys.Scheduler.ScheduleTellOnce(Second, kit.TestActor, "later", kit.Sys.DeadLetters);
        kit.TestProbe.ExpectNoMsg();
        kit.Time.Advance(Second);
        kit.TestProbe.ExpectMsg("later");
        Assert.Equal(kit.Sys.DeadLetters, kit.TestProbe.LastSender);
        kit.TestProbe.ExpectNoMsg(Second * 5);
    }

    [Theory, EveryDispatcher]
    public async Task Scheduler_Repeatedly_StopsOnCancel(int seed)
    {
        await using var kit = Kits.Of(seed);
        ICancelable ticking = kit.Sys.Scheduler.ScheduleTellRepeatedlyCancelable(Second, Second, kit.TestActor, "tick", ActorRefs.NoSender);
        kit.Time.Advance(Second * 2);
        Assert.Equal(["tick", "tick"], kit.TestProbe.ReceiveN(2));
        ticking.Cancel();
        kit.TestProbe.ExpectNoMsg(Second * 5);
    }

    [Theory, EveryDispatcher]
    public async Task Scheduler_WithAForeignCancelable_StopsOnCancel(int seed)
    {
        await using var kit = Kits.Of(seed);
        using var cancelable = new Cancelable(kit.Sys.Scheduler);
        kit.Sys.Scheduler.ScheduleTellOnce(Second, kit.TestActor, "never", ActorRefs.NoSender, cancelable);
        cancelable.Cancel();
        kit.TestProbe.ExpectNoMsg(Second * 5);
    }

    [Fact]
    public async Task Scheduler_WithBadTimes_Throws()
    {
        await using var kit = Kits.Of(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => kit.Sys.Scheduler.ScheduleTellOnce(-Second, kit.TestActor, "x", null));
        Assert.Throws<ArgumentOutOfRangeException>(() => kit.Sys.Scheduler.ScheduleTellRepeatedly(Second, TimeSpan.Zero, kit.TestActor, "x", null));
    }

    [Fact]
    public async Task Timers_DueAtDifferentTimes_FireInOrderOfTime()
    {
        await using var kit = Kits.Of(3);
        IActorRef actor = Telling(kit);
        kit.Run(actor, self =>
        {
            foreach (int at in new[] { 5, 1, 4, 2, 3 }) { self.Timers.StartSingleTimer(at, at, Second * at); }
        });
        kit.Time.Advance(Second * 10);
        Assert.Equal([1, 2, 3, 4, 5], kit.TestProbe.ReceiveN(5));
    }
}
