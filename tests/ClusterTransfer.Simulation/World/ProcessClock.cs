namespace ClusterTransfer.Simulation.World;

/// <summary>The clock of one process: its timers stand still while it is frozen, its wall clock can be wrong and can jump.</summary>
internal sealed class ProcessClock(SimProcess process) : TimeProvider
{
    /// <summary>How far its wall clock is off. Changes nothing of <see cref="GetTimestamp"/> and of timers.</summary>
    public TimeSpan WallOffset { get; set; }

    public override long TimestampFrequency => process.World.Time.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => process.World.Time.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => process.World.Time.GetUtcNow() + WallOffset;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new ProcessTimer(process, callback, state, dueTime, period);

    private sealed class ProcessTimer : ITimer
    {
        private readonly SimProcess _process;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly ITimer _inner;
        private bool _waits;

        public ProcessTimer(SimProcess process, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _process = process;
            _callback = callback;
            _state = state;
            _inner = process.World.Time.CreateTimer(static timer => ((ProcessTimer)timer!).Fire(), this, dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => _inner.Change(dueTime, period);

        public void Dispose() => _inner.Dispose();

        public ValueTask DisposeAsync() => _inner.DisposeAsync();

        private void Fire()
        {
            if (_process.IsDead)
            {
                _inner.Dispose();
                return;
            }

            // A frozen process finds each of its timers due once, however often it would have fired.
            if (!_waits)
            {
                _waits = true;
                _process.Run(() =>
                {
                    _waits = false;
                    _callback(_state);
                });
            }
        }
    }
}
