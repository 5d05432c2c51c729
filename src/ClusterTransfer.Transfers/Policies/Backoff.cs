namespace ClusterTransfer.Transfers.Policies;

/// <summary>Exponential pauses with full jitter in their upper half: 0.5 to 1 times min, 2 min, 4 min ... up to max.</summary>
internal sealed class Backoff(TimeSpan min, TimeSpan max)
{
    private int _attempts;

    /// <summary>The next pause.</summary>
    public TimeSpan Next()
    {
        double ceiling = Math.Min(max.TotalMilliseconds, min.TotalMilliseconds * Math.Pow(2, Math.Min(_attempts++, 30)));
#pragma warning disable CA5394 // Jitter spreads load; it is no secret.
        return TimeSpan.FromMilliseconds(ceiling * (0.5 + (Random.Shared.NextDouble() / 2)));
#pragma warning restore CA5394
    }

    /// <summary>Starts again at the shortest pause, after a success.</summary>
    public void Reset() => _attempts = 0;
}
