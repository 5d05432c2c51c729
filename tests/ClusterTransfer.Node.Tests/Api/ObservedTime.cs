using ClusterTransfer.TestKit;

namespace ClusterTransfer.Node.Tests.Api;

/// <summary>Virtual time that tells a test when something waits for it: to advance the clock before that would be too early.</summary>
internal sealed class ObservedTime : TimeProvider
{
    private readonly VirtualTime _time = new();
    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _started = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override long TimestampFrequency => _time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _time.GetUtcNow();

    public override long GetTimestamp() => _time.GetTimestamp();

    public void Advance(TimeSpan by) => _time.Advance(by);

    /// <summary>Completes when so many waits of that length were begun in all.</summary>
    public async Task WaitsAsync(TimeSpan length, int times)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_started.Count(started => started == length) >= times)
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WithinDeadline();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = _time.CreateTimer(callback, state, dueTime, period);
        TaskCompletionSource changed;
        lock (_gate)
        {
            _started.Add(dueTime);
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
        return timer;
    }
}
