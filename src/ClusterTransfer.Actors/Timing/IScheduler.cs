namespace ClusterTransfer.Actors;

/// <summary>Sends messages later. All times go through the system's <see cref="TimeProvider"/>.</summary>
public interface ITellScheduler
{
    /// <summary>Sends once, after the delay, unless cancelled before.</summary>
    void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable = null);

    /// <summary>Sends again and again, until cancelled or the receiver or the system has stopped.</summary>
    void ScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable = null);
}

/// <summary>The scheduler of a system.</summary>
public interface IScheduler : ITellScheduler
{
    /// <summary>The system's clock.</summary>
    DateTimeOffset Now { get; }

    /// <summary>Time since the system started; never goes back.</summary>
    TimeSpan MonotonicClock { get; }
}

/// <summary>Forms that return the cancelable.</summary>
public static class SchedulerExtensions
{
    /// <summary>Sends once, after the delay.</summary>
    public static ICancelable ScheduleTellOnceCancelable(this ITellScheduler scheduler, TimeSpan delay, ICanTell receiver, object message, IActorRef? sender)
    {
        var scheduled = new ScheduledCancelable();
        scheduler.ScheduleTellOnce(delay, receiver, message, sender, scheduled);
        return scheduled;
    }

    /// <summary>Sends again and again.</summary>
    public static ICancelable ScheduleTellRepeatedlyCancelable(this ITellScheduler scheduler, TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef? sender)
    {
        var scheduled = new ScheduledCancelable();
        scheduler.ScheduleTellRepeatedly(initialDelay, interval, receiver, message, sender, scheduled);
        return scheduled;
    }
}
