namespace ClusterTransfer.TestKit;

/// <summary>A clock that goes on by a millisecond each time it is looked at: what lies between two looks takes one, and how often somebody looks can be counted.</summary>
public sealed class TickingTime : TimeProvider
{
    private long _ticks;

    /// <summary>What lies between two looks.</summary>
    public static TimeSpan Tick => TimeSpan.FromMilliseconds(1);

    /// <summary>How often it was looked at.</summary>
    public long Looks => Volatile.Read(ref _ticks) / Tick.Ticks;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override long GetTimestamp() => Interlocked.Add(ref _ticks, Tick.Ticks);

    /// <summary>Something takes as long as this.</summary>
    public void Take(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);
}
