namespace ClusterTransfer.Client;

/// <summary>Waits between attempts: the first at once, then doubling up to a limit, shortened at random so that clients do not come in step.</summary>
internal sealed class Backoff(TimeSpan min, TimeSpan max, TimeProvider time)
{
    private int _attempts;

    public void Reset() => _attempts = 0;

    public Task WaitAsync(CancellationToken cancellationToken)
    {
        int attempt = _attempts++;
        if (attempt == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Task.CompletedTask;
        }

        double full = Math.Min(max.TotalMilliseconds, min.TotalMilliseconds * Math.Pow(2, Math.Min(attempt - 1, 30)));
#pragma warning disable CA5394 // Spreads load; nothing secret depends on it.
        double jittered = full * (0.5 + (Random.Shared.NextDouble() / 2));
#pragma warning restore CA5394
        return Task.Delay(TimeSpan.FromMilliseconds(jittered), time, cancellationToken);
    }
}
