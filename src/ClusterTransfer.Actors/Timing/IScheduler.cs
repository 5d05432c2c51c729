namespace ClusterTransfer.Actors;

/// <summary>Sends messages later. All times go through the system's <see cref="TimeProvider"/>.</summary>
public interface ITellScheduler
{
    /// <summary>Sends once, after the delay, unless cancelled before.</summary>
    void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable = null);

    /// <summary>Sends again and again, until cancelled or the receiver or the system has stopped.</summary>
    void ScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable = null);
}

/// <summary>Runs actions later, on a thread of the clock: they must be short and must not touch the state of actors.</summary>
public interface IActionScheduler
{
    /// <summary>Runs once, after the delay, unless cancelled before.</summary>
    void ScheduleOnce(TimeSpan delay, Action action, ICancelable? cancelable = null);

    /// <summary>Runs again and again, until cancelled or the system has stopped.</summary>
    void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable? cancelable = null);
}

/// <summary>A scheduler for messages and for actions.</summary>
public interface IAdvancedScheduler : IActionScheduler, ITellScheduler;

/// <summary>The scheduler of a system.</summary>
public interface IScheduler : ITellScheduler
{
    /// <summary>The forms that run actions; messages are the better choice where an actor is concerned.</summary>
    IAdvancedScheduler Advanced { get; }

    /// <summary>The system's clock.</summary>
    DateTimeOffset Now { get; }

    /// <summary>Time since the system started; never goes back.</summary>
    TimeSpan MonotonicClock { get; }
}

/// <summary>Forms that return the cancelable, and forms in milliseconds.</summary>
public static class SchedulerExtensions
{
    /// <summary>Sends once, after the delay.</summary>
    public static void ScheduleTellOnce(this ITellScheduler scheduler, int millisecondsDelay, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable = null) =>
        scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(millisecondsDelay), receiver, message, sender, cancelable);

    /// <summary>Sends again and again.</summary>
    public static void ScheduleTellRepeatedly(this ITellScheduler scheduler, int initialMillisecondsDelay, int millisecondsInterval, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable = null) =>
        scheduler.ScheduleTellRepeatedly(TimeSpan.FromMilliseconds(initialMillisecondsDelay), TimeSpan.FromMilliseconds(millisecondsInterval), receiver, message, sender, cancelable);

    /// <summary>Sends once, after the delay.</summary>
    public static ICancelable ScheduleTellOnceCancelable(this ITellScheduler scheduler, int millisecondsDelay, ICanTell receiver, object message, IActorRef? sender) =>
        scheduler.ScheduleTellOnceCancelable(TimeSpan.FromMilliseconds(millisecondsDelay), receiver, message, sender);

    /// <summary>Sends again and again.</summary>
    public static ICancelable ScheduleTellRepeatedlyCancelable(this ITellScheduler scheduler, int initialMillisecondsDelay, int millisecondsInterval, ICanTell receiver, object message, IActorRef? sender) =>
        scheduler.ScheduleTellRepeatedlyCancelable(TimeSpan.FromMilliseconds(initialMillisecondsDelay), TimeSpan.FromMilliseconds(millisecondsInterval), receiver, message, sender);

    /// <summary>Runs once, after the delay.</summary>
    public static ICancelable ScheduleOnceCancelable(this IActionScheduler scheduler, TimeSpan delay, Action action)
    {
        var scheduled = new ScheduledCancelable();
        scheduler.ScheduleOnce(delay, action, scheduled);
        return scheduled;
    }

    /// <summary>Runs again and again.</summary>
    public static ICancelable ScheduleRepeatedlyCancelable(this IActionScheduler scheduler, TimeSpan initialDelay, TimeSpan interval, Action action)
    {
        var scheduled = new ScheduledCancelable();
        scheduler.ScheduleRepeatedly(initialDelay, interval, action, scheduled);
        return scheduled;
    }

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
