namespace ClusterTransfer.TestKit;

/// <summary>A clock that stands still until the test advances it; due timers then fire in the order of their due times, on the test's thread.</summary>
public sealed class VirtualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<(VirtualTimer Timer, long Arming), (long DueTicks, long Order)> _due = new();
    private readonly DateTimeOffset _start;
    private long _nowTicks;
    private long _order;

    /// <summary>A clock that starts at 2030-01-01T00:00Z, or when told.</summary>
    public VirtualTime(DateTimeOffset? start = null) => _start = start ?? new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Called before the first timer, and after each: lets actors settle, so that effects happen at their own time.</summary>
    public Action? Settle { get; set; }

    /// <summary>How far somebody has set the time of day off; the time that passes goes on as before.</summary>
    public TimeSpan WallClockOffset { get; set; }

    /// <summary>Time since the start.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(Volatile.Read(ref _nowTicks));

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long GetTimestamp() => Volatile.Read(ref _nowTicks);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start + Elapsed + WallClockOffset;

    /// <summary>Moves the clock and fires what falls due on the way, each timer at its own time.</summary>
    public void Advance(TimeSpan delta)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delta, TimeSpan.Zero);
        Settle?.Invoke();
        long target = Volatile.Read(ref _nowTicks) + delta.Ticks;
        while (TakeDue(target) is { } timer)
        {
            timer.Fire();
            Settle?.Invoke();
        }
        Volatile.Write(ref _nowTicks, target);
    }

    /// <summary>Moves the clock to the next timer and fires it; false when no timer is set.</summary>
    public bool AdvanceToNextTimer()
    {
        Settle?.Invoke();
        if (TakeDue(long.MaxValue) is not { } timer) { return false; }
        timer.Fire();
        Settle?.Invoke();
        return true;
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private VirtualTimer? TakeDue(long targetTicks)
    {
        lock (_lock)
        {
            while (_due.TryPeek(out (VirtualTimer Timer, long Arming) next, out (long DueTicks, long Order) due))
            {
                bool stale = next.Timer.Arming != next.Arming;
                if (!stale && due.DueTicks > targetTicks) { return null; }
                _due.Dequeue();
                if (stale) { continue; }
                Volatile.Write(ref _nowTicks, Math.Max(_nowTicks, due.DueTicks));
                if (next.Timer.PeriodTicks > 0) { ArmLocked(next.Timer, due.DueTicks + next.Timer.PeriodTicks); }
                else { next.Timer.Arming = 0; }
                return next.Timer;
            }
            return null;
        }
    }

    private void ArmLocked(VirtualTimer timer, long dueTicks)
    {
        timer.Arming = ++_order; // makes the entry of an earlier arming stale
        _due.Enqueue((timer, timer.Arming), (dueTicks, timer.Arming));
    }

    private sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private bool _disposed;

        /// <summary>Number of the entry that counts; 0 for none. Guarded by the clock's lock.</summary>
        public long Arming { get; set; }

        public long PeriodTicks { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                if (_disposed) { return false; }
                PeriodTicks = period == Timeout.InfiniteTimeSpan ? 0 : period.Ticks;
                Arming = 0;
                if (dueTime != Timeout.InfiniteTimeSpan) { time.ArmLocked(this, time._nowTicks + dueTime.Ticks); }
                return true;
            }
        }

        public void Dispose()
        {
            lock (time._lock)
            {
                _disposed = true;
                Arming = 0;
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
