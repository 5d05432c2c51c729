namespace ClusterTransfer.Transport.Pacing;

/// <summary>Bytes that come in at a steady rate and are given out to those who share it, each by its weight, however many of its connections ask.</summary>
/// <remarks>Thread-safe. What comes in is divided among the shares as it comes; what one has no use for goes to the others. A share that asks for nothing keeps its
/// part of a tenth of a second, so that a pause to read does not cost rate; nobody can save up more than that.</remarks>
public sealed class TokenBucket : IDisposable
{
    // Longest time for which bytes are kept for somebody who does not ask.
    private const double BurstSeconds = 0.1;

    // A part is written in one go: short, so that what is sent is smooth, and not so short that it is all headers and timers.
    private const double PartSeconds = 0.02;
    private const int LeastPart = 4 * 1024;
    private const int MostPart = 1024 * 1024;

    // Fractions of a byte are lost in sums; nobody waits for those.
    private const double Dust = 1e-3;

    // Timers know no less; and somebody may stop asking, so that the others have more than was thought.
    private static readonly TimeSpan ShortestNap = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestNap = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly TaskCreationOptions _completions;
    private readonly ITimer _timer;
    private readonly List<BucketShare> _shares = [];    // this and the rest: guarded by _lock
    private readonly List<(TaskCompletionSource<int>, int)> _granted = [];
    private long _rate;                                 // 0 for none; written under the lock, read anywhere
    private long _settledAt;
    private double _weights;                            // of all shares
    private bool _napping;

    /// <param name="time">The clock.</param>
    /// <param name="bytesPerSecond">The rate; null for no limit.</param>
    /// <param name="completions">How those who wait go on; else than asynchronously only where everything runs in one thread.</param>
    public TokenBucket(TimeProvider time, long? bytesPerSecond, TaskCreationOptions completions = TaskCreationOptions.RunContinuationsAsynchronously)
    {
        _time = time;
        _completions = completions;
        _rate = Checked(bytesPerSecond);
        _settledAt = time.GetTimestamp();
        _timer = time.CreateTimer(static bucket => ((TokenBucket)bucket!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Bytes per second; null for no limit.</summary>
    public long? Rate => Volatile.Read(ref _rate) is > 0 and long rate ? rate : null;

    /// <summary>What is written in one go at that rate, in bytes.</summary>
    public int Part => Volatile.Read(ref _rate) is > 0 and long rate ? (int)Math.Clamp(rate * PartSeconds, LeastPart, MostPart) : int.MaxValue;

    /// <summary>Changes the rate, also for those who wait.</summary>
    public void SetRate(long? bytesPerSecond)
    {
        (TaskCompletionSource<int> Waiting, int Bytes)[] granted;
        lock (_lock)
        {
            SettleLocked();
            Volatile.Write(ref _rate, Checked(bytesPerSecond));
            foreach (BucketShare share in _shares)
            {
                share.Balance = Math.Min(share.Balance, CapLocked(share));
            }

            granted = GrantLocked();
        }

        Tell(granted);
    }

    /// <summary>Somebody more shares it, from now on and until the share is disposed.</summary>
    /// <param name="weight">Above 0; one of weight 2 gets twice what one of weight 1 gets.</param>
    public BucketShare Join(double weight = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(weight);
        lock (_lock)
        {
            SettleLocked();
            var share = new BucketShare(this, weight);
            _shares.Add(share);
            _weights += weight;
            return share;
        }
    }

    /// <summary>Ends the timer. Nobody may wait any more.</summary>
    public void Dispose() => _timer.Dispose();

    internal ValueTask<int> TakeAsync(BucketShare share, int most, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _rate) == 0)
        {
            return new ValueTask<int>(most);
        }

        cancellationToken.ThrowIfCancellationRequested();
        BucketWait wait;
        lock (_lock)
        {
            SettleLocked();
            int bytes = Math.Min(most, Part);
            if (share.Waiting.Count == 0 && (_rate == 0 || share.Balance >= bytes - Dust))
            {
                share.Balance -= _rate == 0 ? 0 : bytes;
                return new ValueTask<int>(bytes);
            }

            wait = new BucketWait(most, _time.GetTimestamp(), new TaskCompletionSource<int>(_completions));
            share.Waiting.AddLast(wait);
            NapLocked();
        }

        return WaitAsync(share, wait, cancellationToken);
    }

    internal void GiveBack(BucketShare share, int bytes)
    {
        lock (_lock)
        {
            share.Balance += _rate == 0 ? 0 : bytes;
        }
    }

    internal (TimeSpan Waited, bool Waits) WaitedOf(BucketShare share)
    {
        lock (_lock)
        {
            return (share.Waited, share.Waiting.Count > 0);
        }
    }

    internal void Leave(BucketShare share)
    {
        lock (_lock)
        {
            SettleLocked();
            _weights -= _shares.Remove(share) ? share.Weight : 0;
        }
    }

    private static long Checked(long? bytesPerSecond)
    {
        if (bytesPerSecond is { } rate)
        {
            // Zero would mean "unlimited" here; nobody may ask for that with a number.
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate, nameof(bytesPerSecond));
        }

        return bytesPerSecond ?? 0;
    }

    private async ValueTask<int> WaitAsync(BucketShare share, BucketWait wait, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            _ =>
            {
                bool removed;
                lock (_lock)
                {
                    removed = share.Waiting.Remove(wait);
                }

                if (removed)
                {
                    wait.Granted.TrySetCanceled(cancellationToken);
                }
            },
            null);
        return await wait.Granted.Task.ConfigureAwait(false);
    }

    private void Wake()
    {
        (TaskCompletionSource<int> Waiting, int Bytes)[] granted;
        lock (_lock)
        {
            _napping = false;
            SettleLocked();
            granted = GrantLocked();
        }

        Tell(granted);
    }

    private static void Tell((TaskCompletionSource<int> Waiting, int Bytes)[] granted)
    {
        foreach ((TaskCompletionSource<int> waiting, int bytes) in granted)
        {
            waiting.TrySetResult(bytes);
        }
    }

    private (TaskCompletionSource<int> Waiting, int Bytes)[] GrantLocked()
    {
        _granted.Clear();
        bool waits = false;
        foreach (BucketShare share in _shares)
        {
            while (share.Waiting.First?.Value is { } wait && (_rate == 0 || share.Balance >= NeedOf(wait) - Dust))
            {
                share.Waiting.RemoveFirst();
                share.Balance -= _rate == 0 ? 0 : NeedOf(wait);
                share.Waited += _time.GetElapsedTime(wait.Since);
                _granted.Add((wait.Granted, NeedOf(wait)));
            }

            waits |= share.Waiting.Count > 0;
        }

        if (waits)
        {
            NapLocked(anew: true);
        }

        return [.. _granted];
    }

    // What has come in since the last look is divided by weight. Where that is more than somebody can keep, the rest is divided among the others.
    private void SettleLocked()
    {
        long now = _time.GetTimestamp();
        double left = _rate * _time.GetElapsedTime(_settledAt, now).TotalSeconds;
        _settledAt = now;
        while (left > Dust)
        {
            double weights = OpenWeightLocked();
            if (weights == 0)
            {
                return;   // nobody has a use for it: it is lost, else it would be a burst later
            }

            double given = 0;
            foreach (BucketShare share in _shares)
            {
                double room = CapLocked(share) - share.Balance;
                if (room > Dust)
                {
                    double part = Math.Min(room, left * share.Weight / weights);
                    share.Balance += part;
                    given += part;
                }
            }

            left -= given;
        }
    }

    private double OpenWeightLocked()
    {
        double weights = 0;
        foreach (BucketShare share in _shares)
        {
            weights += CapLocked(share) - share.Balance > Dust ? share.Weight : 0;
        }

        return weights;
    }

    // One that waits may collect what it waits for, and what comes in until it is told. The others keep their part of the burst.
    private double CapLocked(BucketShare share)
    {
        double burst = _rate * BurstSeconds;
        if (share.Waiting.First?.Value is { } wait)
        {
            return NeedOf(wait) + burst;
        }

        return burst * share.Weight / _weights;
    }

    // By the rate of now: what was asked at a higher one would take long.
    private int NeedOf(BucketWait wait) => Math.Min(wait.Most, Part);

    private void NapLocked(bool anew = false)
    {
        if (_napping && !anew)
        {
            // Whoever came since then may be served sooner, but never later than the longest nap.
            return;
        }

        double weights = OpenWeightLocked();
        double seconds = LongestNap.TotalSeconds;
        foreach (BucketShare share in _shares)
        {
            if (share.Waiting.First?.Value is { } wait)
            {
                seconds = Math.Min(seconds, (NeedOf(wait) - share.Balance) * weights / (_rate * share.Weight));
            }
        }

        _napping = true;
        _timer.Change(TimeSpan.FromTicks(Math.Clamp((long)(seconds * TimeSpan.TicksPerSecond) + 1, ShortestNap.Ticks, LongestNap.Ticks)), Timeout.InfiniteTimeSpan);
    }
}
