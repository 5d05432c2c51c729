namespace ClusterTransfer.Transfers.Coordination;

/// <summary>Rates from passing counts: over the last seconds, since the start, and the best. Durations are monotonic.</summary>
internal sealed class RateMeter(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);
    private const int MaxSamples = 64;

    private readonly Queue<(long At, long Bytes)> _samples = new();
    private long _current;
    private long _lastAt;
    private long _startedAt;
    private long _startedBytes;
    private bool _started;

    /// <summary>Bytes per second over the last <see cref="Window"/>; 0 when nothing was noted for so long.</summary>
    public long Current => _started && time.GetElapsedTime(_lastAt) <= Window ? _current : 0;

    /// <summary>Bytes per second since the first sample.</summary>
    public long Average { get; private set; }

    /// <summary>The best <see cref="Current"/>.</summary>
    public long Peak { get; private set; }

    /// <summary>Notes the count now. A count that fell (a new session counts anew) starts the window again.</summary>
    public void Add(long bytes)
    {
        long now = time.GetTimestamp();
        if (!_started || bytes < _startedBytes)
        {
            _started = true;
            _startedAt = now;
            _startedBytes = bytes;
            _samples.Clear();
        }

        _samples.Enqueue((now, bytes));
        while (_samples.Count > MaxSamples || (_samples.Count > 2 && time.GetElapsedTime(_samples.Peek().At, now) > Window))
        {
            _samples.Dequeue();
        }

        (long firstAt, long firstBytes) = _samples.Peek();
        _lastAt = now;
        _current = PerSecond(bytes - firstBytes, time.GetElapsedTime(firstAt, now));
        Average = PerSecond(bytes - _startedBytes, time.GetElapsedTime(_startedAt, now));
        Peak = Math.Max(Peak, _current);
    }

    private static long PerSecond(long bytes, TimeSpan elapsed) =>
        elapsed < TimeSpan.FromMilliseconds(50) ? 0 : (long)Math.Max(0, bytes / elapsed.TotalSeconds);
}
