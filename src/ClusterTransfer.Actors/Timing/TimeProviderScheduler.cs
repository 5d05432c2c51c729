namespace ClusterTransfer.Actors;

/// <summary>Scheduler over the timers of a <see cref="TimeProvider"/>.</summary>
internal sealed class TimeProviderScheduler(ActorSystem system) : IScheduler, IAdvancedScheduler
{
    private readonly long _start = system.TimeProvider.GetTimestamp();

    public IAdvancedScheduler Advanced => this;

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

    public void ScheduleOnce(TimeSpan delay, Action action, ICancelable? cancelable = null) =>
        ScheduleTellOnce(delay, new ActionReceiver(system, action), action, ActorRefs.NoSender, cancelable);

    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable? cancelable = null) =>
        ScheduleTellRepeatedly(initialDelay, interval, new ActionReceiver(system, action), action, ActorRefs.NoSender, cancelable);

    private void Schedule(TimeSpan delay, TimeSpan? interval, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        if (message is null) { throw new InvalidMessageException("A message must not be null."); }
        // The timer keeps it alive and it ends itself.
        _ = new ScheduledTell(system, delay, interval, receiver, message, sender, cancelable);
    }

    /// <summary>Runs the action in place of receiving a message. An action that throws must not take the timer's thread with it.</summary>
    private sealed class ActionReceiver(ActorSystem system, Action action) : ICanTell
    {
        public void Tell(object message, IActorRef? sender)
        {
            try
            {
                action();
            }
            catch (Exception error)
            {
                system.WriteLog(LogEventLevel.Error, system.Root.Path, "A scheduled action failed.", error);
            }
        }
    }
}
