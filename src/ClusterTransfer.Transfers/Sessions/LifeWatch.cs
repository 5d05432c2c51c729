namespace ClusterTransfer.Transfers.Sessions;

/// <summary>Notices that this process did not run for a while: it was stopped, frozen with its container, or got no processor. Whoever sleeps does not know it, but the clock went on.</summary>
/// <remarks>Any thread may look, and whoever looks first after a gap notices it: nothing has to wake up in a certain order. What is not seen: a gap between looking and acting on it, and
/// a machine that stands still together with its monotonic clock.</remarks>
internal sealed class LifeWatch(TimeProvider time, TimeSpan longestGap, Action<TimeSpan>? onGap = null) : IDisposable
{
    // A watch that is late by less than the rest notices nothing that is not there.
    private const int LooksPerGap = 3;

    private readonly Lock _lock = new();
    private long _seenAt = time.GetTimestamp();
    private int _gaps;
    private ITimer? _timer;

    /// <summary>How often this process did not run for longer than it may, up to now.</summary>
    public int Gaps
    {
        get
        {
            TimeSpan gap;
            int gaps;
            lock (_lock)
            {
                // The clock within the lock: a thread that is stopped here leaves an old time behind, and the next one sees the gap.
                long now = time.GetTimestamp();
                gap = time.GetElapsedTime(_seenAt, now);
                _seenAt = now;
                gaps = gap > longestGap ? ++_gaps : _gaps;
            }

            if (gap > longestGap)
            {
                onGap?.Invoke(gap);
            }

            return gaps;
        }
    }

    /// <summary>Looks from now on often enough that only a process that does not run has a gap. Called once.</summary>
    public void Watch()
    {
        TimeSpan interval = longestGap / LooksPerGap;
        _timer = time.CreateTimer(static watch => _ = ((LifeWatch)watch!).Gaps, this, interval, interval);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();
}
