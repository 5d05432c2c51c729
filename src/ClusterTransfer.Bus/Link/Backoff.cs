namespace ClusterTransfer.Bus;

/// <summary>Pauses between attempts: doubled each time, and jittered so that nodes that lost the same hub do not return as one.</summary>
internal static class Backoff
{
    // 2^20 times any minimum is beyond any maximum in use.
    private const int MaxDoublings = 20;

    /// <param name="min">First pause.</param>
    /// <param name="max">Longest pause.</param>
    /// <param name="attempt">From 0.</param>
    /// <param name="random">From 0 to below 1; the pause is between half and all of its step.</param>
    public static TimeSpan Pause(TimeSpan min, TimeSpan max, int attempt, double random)
    {
        double step = Math.Min(min.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, MaxDoublings)), max.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(Math.Max(min.TotalMilliseconds / 2, step * (0.5 + (random / 2))));
    }
}
