namespace ClusterTransfer.Transfers.Coordination;

/// <summary>The time of day for deciding what has expired: it never runs ahead of how long this process has run.</summary>
/// <remarks>A wall clock that jumps forward while the process runs makes nothing expire early; one that jumps back makes things expire late. What the clock was
/// before the start cannot be known. Not for time-outs, which have no time of day at all, nor for showing.</remarks>
internal sealed class SteadyClock(TimeProvider time)
{
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly long _startedAt = time.GetTimestamp();

    public DateTimeOffset Now
    {
        get
        {
            DateTimeOffset wall = time.GetUtcNow();
            DateTimeOffset elapsed = _start + time.GetElapsedTime(_startedAt);
            return wall < elapsed ? wall : elapsed;
        }
    }
}
