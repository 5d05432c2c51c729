using System.Diagnostics;

namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class StressSpec
{
    private sealed class Idle : ReceiveActor
    {
        public Idle() => Receive<string>(_ => { });
    }

    [Fact]
    public async Task IdleActor_Costs_LessThanOneKibibyte()
    {
        const int count = 50_000;
        await using var kit = Kits.Of(1);
        Props props = Props.Create(() => new Idle());
        IActorRef warm = kit.Sys.ActorOf(props);
        kit.Settle();
        IActorRef[] actors = new IActorRef[count];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int number = 0; number < count; number++) { actors[number] = kit.Sys.ActorOf(props); }
        kit.Settle();
        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / count;
        GC.KeepAlive(actors);
        GC.KeepAlive(warm);
        TestContext.Current.SendDiagnosticMessage($"idle actor: {each} bytes");
        Assert.InRange(each, 1, 1023);
    }

    [Fact]
    public void Tell_Allocates_OneEnvelopeOnly()
    {
        var dispatcher = new Collecting();
        using var system = ActorSystem.Create("alloc", new ActorSystemSetup { Dispatcher = dispatcher });
        IActorRef actor = system.ActorOf(Props.Create(() => new Idle()));
        dispatcher.Run();
        object message = "x";
        for (int number = 0; number < 1000; number++) { actor.Tell(message, ActorRefs.NoSender); }
        dispatcher.Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int number = 0; number < 1000; number++) { actor.Tell(message, ActorRefs.NoSender); }
        dispatcher.Run();
        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / 1000;
        Assert.InRange(each, 1, 56);
    }

    [Fact]
    public async Task Tells_FromManyThreadsToManyActors_AllArriveInOrder()
    {
        using var system = ActorSystem.Create("stress");
        const int actors = 20;
        const int senders = 8;
        const int messages = 5000;
        var done = new CountdownEvent(actors);
        int disorder = 0;
        IActorRef[] receivers = [.. Enumerable.Range(0, actors).Select(_ =>
        {
            int[] last = new int[senders];
            int seen = 0;
            return system.ActorOf(new Script
            {
                On = (_, message) =>
                {
                    (int sender, int number) = ((int, int))message;
                    if (last[sender] + 1 != number) { Interlocked.Increment(ref disorder); }
                    last[sender] = number;
                    if (++seen == senders * messages) { done.Signal(); }
                },
            }.Props);
        })];
        await Task.WhenAll(Enumerable.Range(0, senders).Select(sender => Task.Run(() =>
        {
            for (int number = 1; number <= messages; number++)
            {
                foreach (IActorRef receiver in receivers) { receiver.Tell((sender, number), ActorRefs.NoSender); }
            }
        })));
        Assert.True(done.Wait(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        Assert.Equal(0, disorder);
        await system.Terminate();
    }

    [Fact]
    public async Task Stops_RacingWithTells_LoseNoMessageInSilence()
    {
        await using var kit = Kits.Of(0);
        int handled = 0;
        int dead = 0;
        IActorRef counter = kit.Spawn(new Script { On = (_, _) => dead++ });
        kit.Sys.EventStream.Subscribe<DeadLetter>(counter);
        const int rounds = 200;
        const int messages = 100;
        for (int round = 0; round < rounds; round++)
        {
            IActorRef victim = kit.Spawn(new Script { On = (_, _) => Interlocked.Increment(ref handled) });
            Task telling = Task.Run(() =>
            {
                for (int number = 0; number < messages; number++) { victim.Tell(number); }
            });
            kit.Sys.Stop(victim);
            await telling;
        }
        kit.Settle();
        Assert.Equal(rounds * messages, handled + dead);
    }

    [Fact]
    public async Task RandomTrees_UnderRandomFailures_ComeToRest()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            await using var kit = Kits.Of(seed);
            var random = new Random(seed);
            var all = new List<IActorRef>();
            Directive[] directives = [Directive.Restart, Directive.Resume, Directive.Stop, Directive.Escalate];
            Script Node(int depth)
            {
                int choice = random.Next(4);
                return new Script
                {
                    Strategy = random.Next(2) == 0 ? new OneForOneStrategy(_ => directives[choice]) : new AllForOneStrategy(3, TimeSpan.FromMinutes(1), _ => directives[choice]),
                    PreStart = self =>
                    {
                        if (depth > 0)
                        {
                            for (int child = 0; child < 3; child++)
                            {
                                IActorRef made = self.Ctx.ActorOf(Node(depth - 1).Props);
                                lock (all) { all.Add(made); }
                            }
                        }
                    },
                };
            }
            for (int top = 0; top < 3; top++) { all.Add(kit.Spawn(Node(3))); }
            kit.Settle();
            for (int step = 0; step < 200; step++)
            {
                IActorRef target;
                lock (all) { target = all[random.Next(all.Count)]; }
                switch (random.Next(4))
                {
                    case 0: target.Tell(PoisonPill.Instance); break;
                    case 1: target.Tell(Kill.Instance); break;
                    default: target.Tell(new Fail("random")); break;
                }
                if (random.Next(5) == 0) { kit.Settle(); }
            }
            kit.Settle();
        }
    }

    [Fact]
    public void PingPong_OfOneMillion_IsQuick()
    {
        var dispatcher = new Collecting();
        using var system = ActorSystem.Create("rate", new ActorSystemSetup { Dispatcher = dispatcher });
        int left = 1_000_000;
        IActorRef pong = system.ActorOf(new Script { On = (self, message) => self.From.Tell(message) }.Props);
        IActorRef ping = system.ActorOf(new Script
        {
            On = (_, message) =>
            {
                if (--left > 0) { pong.Tell(message); }
            },
        }.Props);
        long start = Stopwatch.GetTimestamp();
        for (int ball = 0; ball < 100; ball++) { ping.Tell("ball"); }
        dispatcher.Run();
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        TestContext.Current.SendDiagnosticMessage($"1M ping-pong: {took.TotalMilliseconds:F0} ms");
        Assert.True(left <= 0);
    }

    /// <summary>Runs turns on the caller, first come first served, without a kit around it.</summary>
    private sealed class Collecting : IActorDispatcher
    {
        private readonly Queue<IThreadPoolWorkItem> _turns = new();

        public void Schedule(IThreadPoolWorkItem turn) => _turns.Enqueue(turn);

        public void Run()
        {
            while (_turns.TryDequeue(out IThreadPoolWorkItem? turn)) { turn.Execute(); }
        }
    }

    [Fact]
    public async Task Selections_RacingWithSpawns_NeverReachAnUnbornActor()
    {
        var dispatcher = new Eager();
        int failures = 0;
        using var system = ActorSystem.Create(
            "births", new ActorSystemSetup { Dispatcher = dispatcher, Log = entry => Interlocked.Add(ref failures, entry.Level == LogEventLevel.Error ? 1 : 0) });
        using var stop = new CancellationTokenSource();
        IActorRef parent = system.ActorOf(new Script { On = (self, _) => self.Ctx.Stop(self.Ctx.ActorOf(new Script { On = (_, _) => { } }.Props)) }.Props, "young");
        Task telling = Task.Factory.StartNew(
            () =>
            {
                dispatcher.EagerThread = Environment.CurrentManagedThreadId;
                ActorSelection all = system.ActorSelection("/user/young/*");
                while (!stop.IsCancellationRequested) { all.Tell("hi", ActorRefs.NoSender); }
            },
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        for (int round = 0; round < 20_000; round++) { parent.Tell(round, ActorRefs.NoSender); }
        await parent.GracefulStop(TimeSpan.FromSeconds(60));
        await stop.CancelAsync();
        await telling;
        Assert.Equal(0, failures);
        await system.Terminate();
    }

    /// <summary>Runs turns at once when one thread schedules them: the fastest thread pool there could be.</summary>
    private sealed class Eager : IActorDispatcher
    {
        private readonly ThreadPoolDispatcher _pool = new();

        public int EagerThread { get; set; }

        public void Schedule(IThreadPoolWorkItem turn)
        {
            if (Environment.CurrentManagedThreadId == EagerThread) { turn.Execute(); }
            else { _pool.Schedule(turn); }
        }
    }
}
