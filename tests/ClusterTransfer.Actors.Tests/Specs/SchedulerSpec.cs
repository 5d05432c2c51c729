using ClusterTransfer.TestKit;

namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class SchedulerSpec
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory, EveryDispatcher]
    public async Task ScheduleOnce_RunsTheAction_Once(int seed)
    {
        await using var kit = Kits.Of(seed);
        int runs = 0;
        kit.Sys.Scheduler.Advanced.ScheduleOnce(Second, () => runs++);
        kit.Time.Advance(0.9 * Second);
        Assert.Equal(0, runs);
        kit.Time.Advance(5 * Second);
        Assert.Equal(1, runs);
    }

    [Theory, EveryDispatcher]
    public async Task ScheduleRepeatedly_RunsUntilCancelled_AndSurvivesAFailure(int seed)
    {
        await using var kit = Kits.Of(seed);
        int runs = 0;
        ICancelable ticking = kit.Sys.Scheduler.Advanced.ScheduleRepeatedlyCancelable(Second, 2 * Second, () =>
        {
            runs++;
            throw new BoomException("tick");
        });
        kit.Time.Advance(5 * Second);
        Assert.Equal(3, runs);
        Assert.Equal(3, kit.Logged.Count(entry => entry.Exception is BoomException));
        ticking.Cancel();
        kit.Time.Advance(10 * Second);
        Assert.Equal(3, runs);
    }

    [Theory, EveryDispatcher]
    public async Task ScheduleTellOnce_InMilliseconds_Tells(int seed)
    {
        await using var kit = Kits.Of(seed);
        kit.Sys.Scheduler.ScheduleTellOnce(1500, kit.TestActor, "once", ActorRefs.NoSender);
        ICancelable ticking = kit.Sys.Scheduler.ScheduleTellRepeatedlyCancelable(1000, 1000, kit.TestActor, "tick", ActorRefs.NoSender);
        kit.Time.Advance(2 * Second);
        Assert.Equal(["tick", "once", "tick"], kit.TestProbe.ReceiveN(3));
        ticking.CancelAfter(1500);
        kit.Time.Advance(10 * Second);
        kit.TestProbe.ExpectMsg("tick");
        kit.TestProbe.ExpectNoMsg();
        Assert.True(ticking.IsCancellationRequested);
    }

    [Theory, EveryDispatcher]
    public async Task Cancelable_WithADelay_GoesByTheClockOfTheScheduler(int seed)
    {
        await using var kit = Kits.Of(seed);
        using var cancelable = new Cancelable(kit.Sys.Scheduler, Second);
        kit.Sys.Scheduler.ScheduleTellRepeatedly(TimeSpan.Zero, 0.4 * Second, kit.TestActor, "tick", ActorRefs.NoSender, cancelable);
        kit.Time.Advance(10 * Second);
        Assert.Equal(3, kit.TestProbe.ReceiveWhile<string>().Count);
        Assert.True(cancelable.Token.IsCancellationRequested);
    }

    [Theory, EveryDispatcher]
    public async Task Cancelable_Linked_IsCancelledWithAnyOfTheOthers(int seed)
    {
        await using var kit = Kits.Of(seed);
        using var first = new Cancelable(kit.Sys.Scheduler);
        using var second = new Cancelable(kit.Sys.Scheduler);
        ICancelable linked = Cancelable.CreateLinkedCancelable(kit.Sys.Scheduler, first, second);
        Assert.False(linked.IsCancellationRequested);
        second.Cancel();
        Assert.True(linked.IsCancellationRequested);
        Assert.False(first.IsCancellationRequested);
        Assert.True(Cancelable.CreateCanceled().IsCancellationRequested);
        ((ICancelable?)null).CancelIfNotNull();
    }

    [Theory, EveryDispatcher]
    public async Task TimerWithFixedDelay_CountsFromTheHandlingOfTheLast(int seed)
    {
        await using var kit = Kits.Of(seed);
        var gate = new TaskCompletionSource();
        IActorRef slow = kit.Sys.ActorOf(Props.Create(() => new SlowTicker(kit.TestActor, gate.Task)));
        kit.Settle();
        kit.Time.Advance(Second);
        kit.TestProbe.ExpectMsg("tick 1");
        slow.Tell("busy");
        kit.Settle();
        kit.Time.Advance(10 * Second); // the timer fires once into the mailbox that waits
        kit.TestProbe.ExpectNoMsg();
        gate.SetResult();
        await kit.SettleAsync(waitForTasks: true);
        kit.TestProbe.ExpectMsg("tick 2");
        kit.TestProbe.ExpectNoMsg(0.9 * Second);
        kit.Time.Advance(0.1 * Second);
        kit.TestProbe.ExpectMsg("tick 3");
        slow.Tell("cancel");
        kit.TestProbe.ExpectNoMsg(10 * Second);
    }

    private sealed class SlowTicker : ReceiveActor, IWithTimers
    {
        private int _ticks;

        public SlowTicker(IActorRef probe, Task gate)
        {
            Receive<int>(_ => probe.Tell($"tick {++_ticks}"));
            Receive<string>(text => text == "cancel", _ => Timers.Cancel("key"));
            ReceiveAsync<string>(_ => gate);
        }

        public ITimerScheduler Timers { get; set; } = null!; // set by the kernel

        protected override void PreStart() => Timers.StartTimerWithFixedDelay("key", 0, Second);
    }
}
