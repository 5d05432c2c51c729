namespace ClusterTransfer.Actors;

/// <summary>Asks the actor to look whether it was idle for long enough.</summary>
internal sealed class IdleTick : IAutoReceivedMessage, IDeadLetterSuppression, INotInfluenceReceiveTimeout
{
    public static readonly IdleTick Instance = new();
}

/// <summary>
/// The receive time-out of one actor. A message only notes the time; the timer is set again when it fires too early, so that a
/// busy actor does not pay for a timer change with each message.
/// </summary>
internal sealed class IdleTimer(LocalActorRef self, TimeProvider time) : IDisposable
{
    private ITimer? _timer;
    private long _lastActivity;

    public TimeSpan? Timeout { get; private set; }

    public void Set(TimeSpan? timeout)
    {
        if (timeout is { } value)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            Timeout = value;
            _lastActivity = time.GetTimestamp();
            Arm(value);
            return;
        }
        Timeout = null;
        _timer?.Change(System.Threading.Timeout.InfiniteTimeSpan, System.Threading.Timeout.InfiniteTimeSpan);
    }

    /// <summary>True when the time-out has passed; else waits for the rest of it.</summary>
    public bool IsDue()
    {
        if (Timeout is not { } timeout) { return false; }
        TimeSpan idle = time.GetElapsedTime(_lastActivity);
        if (idle >= timeout)
        {
            _lastActivity = time.GetTimestamp();
            Arm(timeout);
            return true;
        }
        Arm(timeout - idle);
        return false;
    }

    public void OnMessageHandled(object message)
    {
        if (Timeout is not null && message is not INotInfluenceReceiveTimeout) { _lastActivity = time.GetTimestamp(); }
    }

    public void Dispose() => _timer?.Dispose();

    private void Arm(TimeSpan due)
    {
        _timer ??= time.CreateTimer(
            static state => ((LocalActorRef)state!).Post(IdleTick.Instance, ActorRefs.NoSender),
            self, System.Threading.Timeout.InfiniteTimeSpan, System.Threading.Timeout.InfiniteTimeSpan);
        _timer.Change(due, System.Threading.Timeout.InfiniteTimeSpan);
    }
}
