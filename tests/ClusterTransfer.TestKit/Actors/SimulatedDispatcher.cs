namespace ClusterTransfer.TestKit;

/// <summary>
/// Runs all actors on the test's thread, one turn at a time; the seed picks which mailbox is next, so a seed is a schedule that
/// can be run again. Other threads may schedule turns, but only the test's thread runs them.
/// </summary>
public sealed class SimulatedDispatcher(int seed) : ITestDispatcher
{
    /// <summary>Turns after which a run without rest counts as endless.</summary>
    public const int MaxTurns = 5_000_000;

    private readonly Lock _lock = new();
    private readonly List<IThreadPoolWorkItem> _runnable = [];
    private readonly Random _random = new(seed);
    private readonly EventSignal _signal = new();
    private bool _running;

    /// <summary>The seed; print it when a test fails.</summary>
    public int Seed { get; } = seed;

    /// <summary>Turns run so far.</summary>
    public long Turns { get; private set; }

    /// <inheritdoc/>
    public void Schedule(IThreadPoolWorkItem turn)
    {
        lock (_lock) { _runnable.Add(turn); }
        _signal.Set();
    }

    /// <inheritdoc/>
    public void RunUntilIdle() => RunUntil(static () => false, Deadline.Default);

    /// <inheritdoc/>
    public bool RunUntil(Func<bool> condition, TimeSpan deadline)
    {
        ArgumentNullException.ThrowIfNull(condition);
        if (_running) { throw new InvalidOperationException("The simulated dispatcher runs already; an actor must not wait for actors."); }
        SynchronizationContext? context = SynchronizationContext.Current;
        _running = true;
        // A context of the test runner would be captured by handlers and carry their continuations off to other threads.
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            for (int turns = 0; !condition(); turns++)
            {
                if (Take() is not { } turn) { return false; }
                if (turns >= MaxTurns) { throw new ActorTestException($"No rest after {MaxTurns} turns (seed {Seed}): actors keep each other busy."); }
                Turns++;
                turn.Execute();
            }
            return true;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
            _running = false;
        }
    }

    /// <inheritdoc/>
    public Task NextEventAsync() => _signal.Next;

    /// <inheritdoc/>
    public void Signal() => _signal.Set();

    private IThreadPoolWorkItem? Take()
    {
        lock (_lock)
        {
            if (_runnable.Count == 0) { return null; }
            int index = _random.Next(_runnable.Count);
            IThreadPoolWorkItem turn = _runnable[index];
            _runnable[index] = _runnable[^1];
            _runnable.RemoveAt(_runnable.Count - 1);
            return turn;
        }
    }
}
