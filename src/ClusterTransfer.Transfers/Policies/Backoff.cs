namespace ClusterTransfer.Transfers.Policies;

/// <summary>Exponential pauses with full jitter in their upper half: 0.5 to 1 times min, 2 min, 4 min ... up to max.</summary>
/// <param name="min">The first.</param>
/// <param name="max">The longest.</param>
/// <param name="random">Numbers from 0 to 1 for the jitter.</param>
internal sealed class Backoff(TimeSpan min, TimeSpan max, Func<double> random)
{
    private int _attempts;

    /// <summary>The next pause.</summary>
    public TimeSpan Next() => After(++_attempts, min, max, random);

    /// <summary>The pause after so many failures in a row, from 1.</summary>
    public static TimeSpan After(int failures, TimeSpan min, TimeSpan max, Func<double> random)
    {
        double ceiling = Math.Min(max.TotalMilliseconds, min.TotalMilliseconds * Math.Pow(2, Math.Clamp(failures - 1, 0, 30)));
        return TimeSpan.FromMilliseconds(ceiling * (0.5 + (random() / 2)));
    }

    /// <summary>Starts again at the shortest pause, after a success.</summary>
    public void Reset() => _attempts = 0;
}
