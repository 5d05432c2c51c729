using ClusterTransfer.Actors;

namespace ClusterTransfer.TestKit;

/// <summary>The thread pool, with a count of turns that run or wait, so that a test can wait for rest.</summary>
public sealed class ObservedPoolDispatcher : ITestDispatcher
{
    private readonly ThreadPoolDispatcher _pool = new();
    private readonly EventSignal _signal = new();
    private readonly object _lock = new(); // a Monitor: waiting for a pulse is the point
    private int _turns;

    /// <inheritdoc/>
    public void Schedule(IThreadPoolWorkItem turn)
    {
        lock (_lock) { _turns++; }
        _signal.Set();
        _pool.Schedule(new ObservedTurn(this, turn));
    }

    /// <inheritdoc/>
    public void RunUntilIdle()
    {
        long start = TimeProvider.System.GetTimestamp();
        lock (_lock)
        {
            while (_turns > 0)
            {
                TimeSpan left = Deadline.Default - TimeProvider.System.GetElapsedTime(start);
                if (left <= TimeSpan.Zero || !Monitor.Wait(_lock, left)) { throw new ActorTestException($"No rest within {Deadline.Default}."); }
            }
        }
    }

    /// <inheritdoc/>
    public bool RunUntil(Func<bool> condition, TimeSpan deadline)
    {
        ArgumentNullException.ThrowIfNull(condition);
        long start = TimeProvider.System.GetTimestamp();
        lock (_lock)
        {
            while (!condition())
            {
                TimeSpan left = deadline - TimeProvider.System.GetElapsedTime(start);
                if (left <= TimeSpan.Zero) { return false; }
                Monitor.Wait(_lock, left);
            }
            return true;
        }
    }

    /// <inheritdoc/>
    public Task NextEventAsync() => _signal.Next;

    /// <inheritdoc/>
    public void Signal()
    {
        lock (_lock) { Monitor.PulseAll(_lock); }
        _signal.Set();
    }

    private void Ended()
    {
        lock (_lock)
        {
            _turns--;
            Monitor.PulseAll(_lock);
        }
        _signal.Set();
    }

    private sealed class ObservedTurn(ObservedPoolDispatcher owner, IThreadPoolWorkItem turn) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            try
            {
                turn.Execute();
            }
            finally
            {
                owner.Ended();
            }
        }
    }
}
