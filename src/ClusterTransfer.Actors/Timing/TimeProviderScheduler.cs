namespace ClusterTransfer.Actors;

/// <summary>Scheduler over the timers of a <see cref="TimeProvider"/>.</summary>
internal sealed class TimeProviderScheduler(ActorSystem system) : IScheduler
{
    private readonly long _start = system.TimeProvider.GetTimestamp();

    public DateTimeOffset Now => system.TimeProvider.GetUtcNow();

    public TimeSpan MonotonicClock => system.TimeProvider.GetElapsedTime(_start);

    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        Schedule(delay, null, receiver, message, sender, cancelable);
    }

    public void ScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(initialDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        Schedule(initialDelay, interval, receiver, message, sender, cancelable);
    }

    private void Schedule(TimeSpan delay, TimeSpan? interval, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        if (message is null) { throw new InvalidMessageException("A message must not be null."); }
        // The timer keeps it alive and it ends itself.
        _ = new ScheduledTell(system, delay, interval, receiver, message, sender, cancelable);
    }
}
