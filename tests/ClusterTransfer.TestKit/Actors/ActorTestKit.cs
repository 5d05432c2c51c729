using ClusterTransfer.Actors;
using ClusterTransfer.Actors.Persistence;

namespace ClusterTransfer.TestKit;

/// <summary>An actor system under test: simulated or on the thread pool, always in virtual time.</summary>
public sealed class ActorTestKit : IAsyncDisposable
{
    private readonly List<LogEvent> _logged = [];
    private readonly Random _random;

    /// <summary>Makes the system.</summary>
    public ActorTestKit(ActorTestOptions? options = null)
    {
        Options = options ?? new ActorTestOptions();
        _random = new Random(Options.Seed);
        Time = Options.Time ?? new VirtualTime();
        Dispatcher = Options.Dispatcher ?? (Options.UseThreadPool ? new ObservedPoolDispatcher() : new SimulatedDispatcher(Options.Seed));
        Journal = Options.Journal ?? new InMemoryJournal();
        Time.Settle = Dispatcher.RunUntilIdle;
        Sys = ActorSystem.Create("test", new ActorSystemSetup
        {
            Dispatcher = Dispatcher,
            TimeProvider = Time,
            Journal = Journal,
            SnapshotStore = Options.SnapshotStore ?? Journal as ISnapshotStore,
            Throughput = Options.Throughput ?? (Options.UseThreadPool ? 100 : 1 + (Options.Seed % 5)),
            StashCapacity = Options.StashCapacity,
            Log = Remember,
            Random = NextRandom,
        });
        Sys.TaskEndedCallback = Dispatcher.Signal;
        TestProbe = CreateTestProbe("testActor");
    }

    /// <summary>What it was made from.</summary>
    public ActorTestOptions Options { get; }

    /// <summary>The system.</summary>
    public ActorSystem Sys { get; }

    /// <summary>The clock.</summary>
    public VirtualTime Time { get; }

    /// <summary>What runs the actors.</summary>
    public ITestDispatcher Dispatcher { get; }

    /// <summary>The journal.</summary>
    public IEventJournal Journal { get; }

    /// <summary>The probe behind <see cref="TestActor"/>.</summary>
    public TestProbe TestProbe { get; }

    /// <summary>A reference to send answers to.</summary>
    public IActorRef TestActor => TestProbe.Ref;

    /// <summary>What the kernel logged so far.</summary>
    public IReadOnlyList<LogEvent> Logged
    {
        get
        {
            lock (_logged) { return [.. _logged]; }
        }
    }

    /// <summary>Expectations about logs and dead letters.</summary>
    public EventFilterFactory EventFilter => new(this);

    /// <summary>An actor whose messages the default probe receives.</summary>
    public IActorRef CreateTestActor(string name) => Sys.ActorOf(Props.CreateBy(new TestProbe.ProbeProducer(TestProbe)), name);

    /// <summary>The action ends before so much virtual time has passed.</summary>
    public void Within(TimeSpan max, Action action) => Within(TimeSpan.Zero, max, action);

    /// <summary>The action takes at least and at most so much virtual time.</summary>
    public void Within(TimeSpan min, TimeSpan max, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        Within(min, max, () => { action(); return true; });
    }

    /// <summary>The function ends before so much virtual time has passed.</summary>
    public T Within<T>(TimeSpan max, Func<T> function) => Within(TimeSpan.Zero, max, function);

    /// <summary>The function takes at least and at most so much virtual time.</summary>
    public T Within<T>(TimeSpan min, TimeSpan max, Func<T> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        TimeSpan start = Time.Elapsed;
        T result = function();
        TimeSpan taken = Time.Elapsed - start;
        if (taken < min) { throw new ActorTestException($"The block took {taken}, should have taken at least {min}."); }
        if (taken > max) { throw new ActorTestException($"The block took {taken}, more than {max}."); }
        return result;
    }

    /// <summary>Lets the actors settle and runs the assertion; while it fails, advances the clock by the interval (default 100 ms) up to the duration (default 3 s).</summary>
    public void AwaitAssert(Action assertion, TimeSpan? duration = null, TimeSpan? interval = null)
    {
        ArgumentNullException.ThrowIfNull(assertion);
        TimeSpan end = Time.Elapsed + (duration ?? TimeSpan.FromSeconds(3));
        while (true)
        {
            Settle();
            try
            {
                assertion();
                return;
            }
            catch (Exception) when (Time.Elapsed < end)
            {
                // Not yet: later, perhaps. At the end the assertion's own failure goes to the test.
            }
            Time.Advance(interval ?? TimeSpan.FromMilliseconds(100));
        }
    }

    /// <summary>Like <see cref="AwaitAssert"/> with a condition.</summary>
    public void AwaitCondition(Func<bool> condition, TimeSpan? max = null, TimeSpan? interval = null) =>
        AwaitAssert(() => { if (!condition()) { throw new ActorTestException("The condition did not become true in time."); } }, max, interval);

    /// <summary>A further probe.</summary>
    public TestProbe CreateTestProbe(string? name = null) => new(this, name);

    /// <summary>Returns when all mailboxes are empty; synchronous form of <see cref="SettleAsync"/>.</summary>
    public void Settle() => Dispatcher.RunUntilIdle();

    /// <summary>Completes when all mailboxes are empty.</summary>
    /// <param name="waitForTasks">
    /// Also waits for tasks the kernel knows of: pipes, awaits inside handlers, journals. Leave it false when the test itself
    /// decides when such a task completes.
    /// </param>
    public async Task SettleAsync(bool waitForTasks = false)
    {
        while (true)
        {
            Task next = Dispatcher.NextEventAsync();
            Dispatcher.RunUntilIdle();
            if (!waitForTasks || Sys.PendingTasks == 0)
            {
                if (next.IsCompleted && waitForTasks) { continue; } // something happened on the way: look again
                return;
            }
            await next.WithinDeadline();
        }
    }

    /// <summary>Runs the actors until the task completes, and returns its result; for <c>Ask</c> from the test itself.</summary>
    public async Task<T> RunAsync<T>(Task<T> task)
    {
        await RunAsync((Task)task);
        return await task;
    }

    /// <summary>Runs the actors until the task completes.</summary>
    public async Task RunAsync(Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        while (!task.IsCompleted)
        {
            Task next = Dispatcher.NextEventAsync();
            Dispatcher.RunUntilIdle();
            if (!task.IsCompleted) { await Task.WhenAny(task, next).WithinDeadline(); }
        }
        await task;
    }

    /// <summary>Ends the system and waits for its last actor, unless one is still inside an async handler the test never let end.</summary>
    public async ValueTask DisposeAsync()
    {
        Task ended = Sys.Terminate();
        Dispatcher.RunUntilIdle();
        // Waiting for a handler the test holds back would hide the failure of the test behind a time-out.
        if (Sys.PendingTasks == 0) { await RunAsync(ended); }
    }

    private double NextRandom()
    {
        lock (_random) { return _random.NextDouble(); }
    }

    private void Remember(LogEvent entry)
    {
        lock (_logged) { _logged.Add(entry); }
        Options.Log?.Invoke(entry);
    }
}
