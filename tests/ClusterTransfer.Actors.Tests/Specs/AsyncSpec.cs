namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class AsyncSpec
{
    public sealed class Worker : ReceiveActor
    {
        public Worker(Func<Task> work, IActorRef probe)
        {
            ReceiveAsync<string>(async text =>
            {
                IActorRef before = Sender;
                probe.Tell($"begin {text}");
                await work();
                // All of these throw or differ when the continuation is not in the actor.
                bool same = ReferenceEquals(before, Sender) && Context.Self.Equals(Self) && ActorCell.Current is not null;
                probe.Tell($"end {text} {same}");
            });
            Receive<int>(number => probe.Tell(number));
            ReceiveAnyAsync(async message =>
            {
                await Task.Yield();
                probe.Tell(message);
            });
        }

        protected override void PostStop() => Sender.Tell("never seen");
    }

    [Theory, EveryDispatcher]
    public async Task ReceiveAsync_SuspendsTheMailboxAndKeepsTheContext(int seed)
    {
        await using var kit = Kits.Of(seed);
        var gate = new TaskCompletionSource();
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new Worker(() => gate.Task, kit.TestActor)));
        kit.TestProbe.Send(actor, "a");
        kit.TestProbe.Send(actor, 1);
        kit.TestProbe.ExpectMsg("begin a");
        kit.TestProbe.ExpectNoMsg();
        gate.SetResult();
        kit.TestProbe.ExpectMsg("end a True");
        kit.TestProbe.ExpectMsg(1);
    }

    [Theory, EveryDispatcher]
    public async Task ReceiveAsync_WithManyAwaits_StaysInOrder(int seed)
    {
        await using var kit = Kits.Of(seed);
        Func<Task> work = async () =>
        {
            for (int step = 0; step < 20; step++) { await Task.Yield(); }
        };
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new Worker(work, kit.TestActor)));
        for (int number = 0; number < 5; number++)
        {
            kit.TestProbe.Send(actor, $"{number}");
            kit.TestProbe.Send(actor, number);
        }
        object[] expected = [.. Enumerable.Range(0, 5).SelectMany(number => new object[] { $"begin {number}", $"end {number} True", number })];
        Assert.Equal(expected, kit.TestProbe.ReceiveN(15));
    }

    [Theory, EveryDispatcher]
    public async Task ReceiveAsync_CompletingAtOnce_GoesOnAtOnce(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new Worker(() => Task.CompletedTask, kit.TestActor)));
        actor.Tell("x");
        Assert.Equal(["begin x", "end x True"], kit.TestProbe.ReceiveN(2));
    }

    [Theory, EveryDispatcher]
    public async Task ReceiveAsync_WithWorkOnThePool_ComesBackToTheActor(int seed)
    {
        await using var kit = Kits.Of(seed);
        Func<Task> work = () => Task.Run(() => { });
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new Worker(work, kit.TestActor)));
        actor.Tell("x");
        Assert.Equal("begin x", await kit.TestProbe.ExpectMsgAsync<string>());
        Assert.Equal("end x True", await kit.TestProbe.ExpectMsgAsync<string>());
    }

    [Theory, EveryDispatcher]
    public async Task ReceiveAsync_ThatThrowsAfterAnAwait_FailsTheActor(int seed)
    {
        await using var kit = Kits.Of(seed);
        Func<Task> work = async () =>
        {
            await Task.Yield();
            throw new BoomException("late");
        };
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new Worker(work, kit.TestActor)), "late");
        actor.Tell("x");
        actor.Tell(1);
        Assert.Equal(["begin x", 1], kit.TestProbe.ReceiveN(2));
        Assert.Contains(kit.Logged, entry => entry.ActorPath == "/user/late" && entry.Exception is BoomException { Message: "late" });
    }

    [Theory, EveryDispatcher]
    public async Task ReceiveAsync_ThatThrowsAtOnce_FailsTheActor(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new Worker(() => Task.FromException(new BoomException("now")), kit.TestActor)));
        actor.Tell("x");
        actor.Tell(1);
        Assert.Equal(["begin x", 1], kit.TestProbe.ReceiveN(2));
    }

    [Theory, EveryDispatcher]
    public async Task ReceiveAsync_Cancelled_FailsTheActor(int seed)
    {
        await using var kit = Kits.Of(seed);
        var gate = new TaskCompletionSource();
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new Worker(() => gate.Task, kit.TestActor)));
        actor.Tell("x");
        actor.Tell(1);
        kit.Settle();
        gate.SetCanceled(TestContext.Current.CancellationToken);
        Assert.Equal(["begin x", 1], kit.TestProbe.ReceiveN(2));
        Assert.Contains(kit.Logged, entry => entry.Exception is TaskCanceledException);
    }

    [Theory, EveryDispatcher]
    public async Task Stop_DuringAnAwait_WaitsForTheEndOfTheHandler(int seed)
    {
        await using var kit = Kits.Of(seed);
        var gate = new TaskCompletionSource();
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new Worker(() => gate.Task, kit.TestActor)));
        kit.TestProbe.Watch(actor);
        actor.Tell("x");
        actor.Tell(1);
        kit.TestProbe.ExpectMsg("begin x");
        kit.Sys.Stop(actor);
        kit.TestProbe.ExpectNoMsg();
        gate.SetResult();
        kit.TestProbe.ExpectMsg("end x True");
        kit.TestProbe.ExpectTerminated(actor);
        kit.TestProbe.ExpectNoMsg();
    }

    [Theory, EveryDispatcher]
    public async Task ReceiveAsync_AskingAnotherActor_DoesNotDeadlock(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef echo = kit.Spawn(new Script { On = (self, message) => self.From.Tell(message) });
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new Worker(() => echo.Ask<string>("ping"), kit.TestActor)));
        actor.Tell("x");
        Assert.Equal("begin x", await kit.TestProbe.ExpectMsgAsync<string>());
        Assert.Equal("end x True", await kit.TestProbe.ExpectMsgAsync<string>());
    }

    [Fact]
    public async Task ReceiveAsync_AskingAnotherActor_IsDeterministicWhenSimulated()
    {
        await using var kit = Kits.Of(2);
        IActorRef echo = kit.Spawn(new Script { On = (self, message) => self.From.Tell(message) });
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new Worker(() => echo.Ask<string>("ping"), kit.TestActor)));
        actor.Tell("x");
        Assert.Equal(["begin x", "end x True"], kit.TestProbe.ReceiveN(2)); // no waiting for other threads
    }

    [Theory, EveryDispatcher]
    public async Task ReceiveAsync_Delaying_WaitsInVirtualTime(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new Worker(() => Task.Delay(TimeSpan.FromHours(1), kit.Time), kit.TestActor)));
        actor.Tell("x");
        kit.TestProbe.ExpectMsg("begin x");
        kit.Time.Advance(TimeSpan.FromHours(1));
        kit.TestProbe.ExpectMsg("end x True");
    }

    [Fact]
    public async Task Awaits_OfManyActors_HoldNoThreads()
    {
        await using var kit = Kits.Of(0);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        for (int number = 0; number < 2000; number++)
        {
            kit.Sys.ActorOf(Props.Create(() => new Worker(() => gate.Task, kit.TestActor))).Tell("x");
        }
        kit.TestProbe.ReceiveN(2000);
        Assert.True(ThreadPool.ThreadCount < 200, $"{ThreadPool.ThreadCount} pool threads");
        gate.SetResult();
        Assert.All(kit.TestProbe.ReceiveN(2000), message => Assert.Equal("end x True", message));
    }
}
