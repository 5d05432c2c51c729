using ClusterTransfer.Actors;
using ClusterTransfer.Actors.Persistence;

namespace ClusterTransfer.Benchmarks.Kernel;

/// <summary>The kernel's benchmarks with their bars.</summary>
internal static class KernelBenchmarks
{
    private const string Message = "message";

    public static IEnumerable<Benchmark> All =>
    [
        new("tell, one way, one core", "messages/s", 5_000_000, TellOneCore),
        new("tell, one way, sender and receiver on two threads", "messages/s", null, TellTwoThreads),
        new("fan-in from 8 senders", "messages/s", null, FanIn),
        new("ping-pong, 4 pairs, 100 in flight", "round trips/s", 1_000_000, () => PingPong(4, 100, 2_000_000)),
        new("ping-pong, 1 pair, 1 in flight", "round trips/s", null, () => PingPong(1, 1, 300_000)),
        new("ask, one at a time", "asks/s", null, () => Ask(1, 60_000)),
        new("ask, 64 at a time", "asks/s", null, () => Ask(64, 300_000)),
        new("spawn", "actors/s", 100_000, () => Spawn(stop: false)),
        new("spawn and stop", "actors/s", 100_000, () => Spawn(stop: true)),
        new("persist, one event a command", "events/s", null, () => Persist("one", 100_000, _ => Message, 1)),
        new("persist, 100 events a command", "events/s", null, () => Persist("all", 10_000, _ => Hundred, 100)),
        new("persist async, one event a command", "events/s", null, () => Persist("async", 100_000, _ => new object[] { Message }, 1)),
        new("memory of an idle actor", "bytes", 1023, IdleActorMemory),
        new("memory of a waiting message (the envelope)", "bytes", 48, WaitingMessageMemory),
        new("allocation of a tell (the envelope)", "bytes", 48, TellAllocation),
    ];

    private static readonly string[] Hundred = [.. Enumerable.Repeat(Message, 100)];

    private static Measurement TellOneCore()
    {
        const int Messages = 5_000_000;
        const int Burst = 1000;
        var dispatcher = new SameThreadDispatcher();
        using var system = ActorSystem.Create("bench", new ActorSystemSetup { Dispatcher = dispatcher });
        using var countdown = new Countdown();
        countdown.Reset(Messages);
        IActorRef actor = system.ActorOf(Props.Create(() => new CountingActor(countdown)));
        dispatcher.Run();
        Measurement rate = Harness.Rate(Messages, () =>
        {
            for (int sent = 0; sent < Messages; sent += Burst)
            {
                for (int number = 0; number < Burst; number++) { actor.Tell(Message, ActorRefs.NoSender); }
                dispatcher.Run();
            }
        });
        countdown.Wait();
        return rate;
    }

    private static Measurement TellTwoThreads()
    {
        const int Messages = 3_000_000;
        return OnPool(system =>
        {
            using var countdown = new Countdown();
            countdown.Reset(Messages);
            IActorRef actor = system.ActorOf(Props.Create(() => new CountingActor(countdown)));
            return Harness.Rate(Messages, () =>
            {
                for (int sent = 0; sent < Messages; sent++) { actor.Tell(Message, ActorRefs.NoSender); }
                countdown.Wait();
            });
        });
    }

    private static Measurement FanIn()
    {
        const int Senders = 8;
        const int Each = 300_000;
        return OnPool(system =>
        {
            using var countdown = new Countdown();
            countdown.Reset(Senders * Each);
            IActorRef actor = system.ActorOf(Props.Create(() => new CountingActor(countdown)));
            return Harness.Rate(Senders * Each, () =>
            {
                var threads = new Thread[Senders];
                for (int number = 0; number < Senders; number++)
                {
                    threads[number] = new Thread(() =>
                    {
                        for (int sent = 0; sent < Each; sent++) { actor.Tell(Message, ActorRefs.NoSender); }
                    });
                    threads[number].Start();
                }
                countdown.Wait();
                foreach (Thread thread in threads) { thread.Join(); }
            });
        });
    }

    private static Measurement PingPong(int pairs, int window, int rounds) => OnPool(system =>
    {
        var waits = new Countdown[pairs];
        var pings = new (IActorRef Ping, IActorRef Echo)[pairs];
        for (int number = 0; number < pairs; number++)
        {
            Countdown wait = waits[number] = new Countdown();
            wait.Reset(1);
            pings[number] = (system.ActorOf(Props.Create(() => new PingActor(wait))), system.ActorOf(Props.Create(() => new EchoActor())));
        }
        Measurement rate = Harness.Rate(rounds, () =>
        {
            foreach ((IActorRef ping, IActorRef echo) in pings) { ping.Tell(new PingActor.Start(echo, rounds / pairs, window), ActorRefs.NoSender); }
            foreach (Countdown wait in waits) { wait.Wait(); }
        });
        foreach (Countdown wait in waits) { wait.Dispose(); }
        return rate;
    });

    private static Measurement Ask(int concurrency, int asks) => OnPool(system =>
    {
        IActorRef echo = system.ActorOf(Props.Create(() => new EchoActor()));
        return Harness.Rate(asks, () => Await(Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(async () =>
        {
            for (int asked = 0; asked < asks / concurrency; asked++) { await echo.Ask<string>(Message).ConfigureAwait(false); }
        })))));
    });

    private static Measurement Spawn(bool stop)
    {
        const int Actors = 100_000;
        return OnPool(system =>
        {
            using var done = new Countdown();
            done.Reset(Actors);
            IActorRef parent = system.ActorOf(Props.Create(() => new ParentActor(done)));
            return Harness.Rate(Actors, () =>
            {
                parent.Tell(new ParentActor.Spawn(Actors, stop), ActorRefs.NoSender);
                done.Wait();
            });
        });
    }

    private static Measurement Persist(string id, int commands, Func<int, object> command, int eventsEach)
    {
        var journal = new InMemoryJournal();
        return OnPool(
            system =>
            {
                using var done = new Countdown();
                done.Reset((long)commands * eventsEach);
                IActorRef actor = system.ActorOf(Props.Create(() => new StoringActor(id, done)));
                return Harness.Rate((long)commands * eventsEach, () =>
                {
                    for (int number = 0; number < commands; number++) { actor.Tell(command(number), ActorRefs.NoSender); }
                    done.Wait();
                });
            },
            new ActorSystemSetup { Journal = journal, SnapshotStore = journal });
    }

    private static Measurement IdleActorMemory()
    {
        const int Count = 100_000;
        var dispatcher = new SameThreadDispatcher();
        using var system = ActorSystem.Create("bench", new ActorSystemSetup { Dispatcher = dispatcher });
        Props props = Props.Create(() => new IdleActor());
        var actors = new IActorRef[Count];
        dispatcher.Run();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int number = 0; number < Count; number++) { actors[number] = system.ActorOf(props); }
        dispatcher.Run();
        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
        GC.KeepAlive(actors);
        return new Measurement(each, double.NaN);
    }

    private static Measurement WaitingMessageMemory()
    {
        const int Count = 100_000;
        var dispatcher = new SameThreadDispatcher();
        using var system = ActorSystem.Create("bench", new ActorSystemSetup { Dispatcher = dispatcher });
        IActorRef actor = system.ActorOf(Props.Create(() => new IdleActor()));
        dispatcher.Run();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int number = 0; number < Count; number++) { actor.Tell(Message, ActorRefs.NoSender); }
        double each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Count;
        dispatcher.Run();
        return new Measurement(each, double.NaN);
    }

    private static Measurement TellAllocation()
    {
        const int Count = 100_000;
        var dispatcher = new SameThreadDispatcher();
        using var system = ActorSystem.Create("bench", new ActorSystemSetup { Dispatcher = dispatcher });
        IActorRef actor = system.ActorOf(Props.Create(() => new IdleActor()));
        actor.Tell(Message, ActorRefs.NoSender);
        dispatcher.Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int number = 0; number < Count; number++) { actor.Tell(Message, ActorRefs.NoSender); }
        dispatcher.Run();
        double each = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Count;
        return new Measurement(each, double.NaN);
    }

    private static Measurement OnPool(Func<ActorSystem, Measurement> run, ActorSystemSetup? setup = null)
    {
        using var system = ActorSystem.Create("bench", setup ?? new ActorSystemSetup());
        Measurement measured = run(system);
        Await(system.Terminate());
        return measured;
    }

    private static void Await(Task task)
    {
        using var done = new ManualResetEventSlim();
        task.ContinueWith(_ => done.Set(), TaskScheduler.Default);
        done.Wait(TimeSpan.FromMinutes(2));
    }
}

/// <summary>Makes children, and if told so stops each as soon as it has started.</summary>
internal sealed class ParentActor : ReceiveActor
{
    private bool _stop;

    public ParentActor(Countdown done)
    {
        Props child = Props.Create(() => new ChildActor());
        Receive<Spawn>(spawn =>
        {
            _stop = spawn.Stop;
            for (int number = 0; number < spawn.Count; number++)
            {
                IActorRef made = Context.ActorOf(child);
                if (_stop) { Context.Watch(made); }
            }
        });
        Receive<string>(_ =>
        {
            if (_stop) { Context.Stop(Sender); }
            else { done.Signal(); }
        });
        Receive<Terminated>(_ => done.Signal());
    }

    internal sealed record Spawn(int Count, bool Stop);
}

/// <summary>Says that it has started.</summary>
internal sealed class ChildActor : ReceiveActor
{
    public ChildActor() => ReceiveAny(_ => { });

    protected override void PreStart() => Context.Parent.Tell("started", Self);
}
