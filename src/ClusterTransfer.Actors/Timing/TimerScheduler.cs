namespace ClusterTransfer.Actors;

/// <summary>What a timer puts in the mailbox. Its identity tells a live timer from one that was cancelled or replaced.</summary>
internal sealed class TimerMessage(object key, object payload, bool repeats, TimeSpan? fixedDelay = null) : IAutoReceivedMessage, IDeadLetterSuppression
{
    public object Key { get; } = key;

    public object Payload { get; } = payload;

    public bool Repeats { get; } = repeats;

    /// <summary>Time from taking this message to sending the next; null for timers of another kind.</summary>
    public TimeSpan? FixedDelay { get; } = fixedDelay;
}

/// <summary>Timers of one incarnation.</summary>
internal sealed class TimerScheduler(ActorCell cell) : ITimerScheduler
{
    private Dictionary<object, (TimerMessage Message, ICancelable Scheduled)>? _timers;

    public void StartSingleTimer(object key, object msg, TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        TimerMessage message = Replace(key, msg, repeats: false);
        Remember(message, cell.System.Scheduler.ScheduleTellOnceCancelable(timeout, cell.Self, message, ActorRefs.NoSender));
    }

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval) => StartPeriodicTimer(key, msg, interval, interval);

    public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(initialDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        TimerMessage message = Replace(key, msg, repeats: true);
        Remember(message, cell.System.Scheduler.ScheduleTellRepeatedlyCancelable(initialDelay, interval, cell.Self, message, ActorRefs.NoSender));
    }

    public void StartTimerWithFixedDelay(object key, object msg, TimeSpan delay) => StartTimerWithFixedDelay(key, msg, delay, delay);

    public void StartTimerWithFixedDelay(object key, object msg, TimeSpan initialDelay, TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(initialDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(delay, TimeSpan.Zero);
        TimerMessage message = Replace(key, msg, repeats: true, delay);
        Remember(message, cell.System.Scheduler.ScheduleTellOnceCancelable(initialDelay, cell.Self, message, ActorRefs.NoSender));
    }

    public bool IsTimerActive(object key) => _timers?.ContainsKey(key) == true;

    public void Cancel(object key)
    {
        if (_timers is not null && _timers.Remove(key, out (TimerMessage, ICancelable Scheduled) timer)) { timer.Scheduled.Cancel(); }
    }

    public void CancelAll()
    {
        if (_timers is null) { return; }
        foreach ((_, ICancelable scheduled) in _timers.Values) { scheduled.Cancel(); }
        _timers = null;
    }

    /// <summary>The payload when the timer still counts, else null.</summary>
    public object? Take(TimerMessage message)
    {
        if (_timers is null || !_timers.TryGetValue(message.Key, out (TimerMessage Message, ICancelable) active) || !ReferenceEquals(active.Message, message))
        {
            return null;
        }
        if (!message.Repeats) { _timers.Remove(message.Key); }
        if (message.FixedDelay is { } delay)
        {
            Remember(message, cell.System.Scheduler.ScheduleTellOnceCancelable(delay, cell.Self, message, ActorRefs.NoSender));
        }
        return message.Payload;
    }

    private TimerMessage Replace(object key, object msg, bool repeats, TimeSpan? fixedDelay = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (msg is null) { throw new InvalidMessageException("A message must not be null."); }
        Cancel(key);
        return new TimerMessage(key, msg, repeats, fixedDelay);
    }

    // The message cannot be handled before this: the actor that sets the timer is in the middle of its turn.
    private void Remember(TimerMessage message, ICancelable scheduled) => (_timers ??= [])[message.Key] = (message, scheduled);
}
