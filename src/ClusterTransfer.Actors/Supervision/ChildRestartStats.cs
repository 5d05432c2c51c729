namespace ClusterTransfer.Actors;

/// <summary>How often a child was restarted, in all or in the current window.</summary>
public sealed class ChildRestartStats
{
    private readonly TimeProvider _time;
    private long _windowStart;

    internal ChildRestartStats(IActorRef child, TimeProvider time)
    {
        Child = child;
        _time = time;
    }

    /// <summary>The child.</summary>
    public IActorRef Child { get; }

    /// <summary>Restarts counted so far, in the window when there is one.</summary>
    public int MaxNrOfRetriesCount { get; private set; }

    /// <summary>Counts one more restart; false when the limit is passed.</summary>
    /// <param name="maxNrOfRetries">The limit; negative for none.</param>
    /// <param name="withinTimeMilliseconds">The window; 0 or negative for none.</param>
    public bool RequestRestartPermission(int maxNrOfRetries, int withinTimeMilliseconds)
    {
        if (maxNrOfRetries == 0) { return false; }
        if (withinTimeMilliseconds <= 0)
        {
            if (maxNrOfRetries < 0) { return true; }
            MaxNrOfRetriesCount++;
            return MaxNrOfRetriesCount <= maxNrOfRetries;
        }
        // A window without a limit allows one restart in it, as in the classic strategies.
        int limit = maxNrOfRetries < 0 ? 1 : maxNrOfRetries;
        long now = _time.GetTimestamp();
        bool inside = MaxNrOfRetriesCount > 0 && _time.GetElapsedTime(_windowStart, now) <= TimeSpan.FromMilliseconds(withinTimeMilliseconds);
        if (!inside)
        {
            _windowStart = now;
            MaxNrOfRetriesCount = 0;
        }
        MaxNrOfRetriesCount++;
        return MaxNrOfRetriesCount <= limit;
    }
}
