using ClusterTransfer.Actors;
using ClusterTransfer.Actors.Persistence;

namespace ClusterTransfer.TestKit;

/// <summary>An actor system under test: simulated or on the thread pool, always in virtual time.</summary>
public sealed class ActorTestKit : IAsyncDisposable
{
    private readonly List<LogEvent> _logged = [];

    /// <summary>Makes the system.</summary>
    public ActorTestKit(ActorTestOptions? options = null)
    {
        Options = options ?? new ActorTestOptions();
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

    private void Remember(LogEvent entry)
    {
        lock (_logged) { _logged.Add(entry); }
        Options.Log?.Invoke(entry);
    }
}
