namespace ClusterTransfer.Transport.Pacing;

/// <summary>Paces what one transfer sends, over all its connections: lets chunks begin only as fast as they can be sent, and hands out the parts in which they are written.</summary>
/// <remarks>Thread-safe. A chunk that waits for its turn has no buffer yet: a slow transfer would else hold all there are, and those beside it would wait with it.</remarks>
public sealed class TransferPacer : IDisposable
{
    // So much is read ahead of the limit, that a disk may take its time.
    private const int AheadPerSecond = 4;

    private readonly Lock _lock = new();
    private readonly TokenBucket _own;
    private readonly BucketShare _share;
    private readonly TaskCreationOptions _completions;
    private readonly LinkedList<Beginning> _waiting = [];   // this and the next: guarded by _lock
    private long _ahead;                                    // bytes of chunks that have begun and are not written
    private TimeSpan _told;                                 // only whoever asks IsHeldBack

    /// <param name="time">The clock.</param>
    /// <param name="bytesPerSecond">The transfer's limit; null for none.</param>
    /// <param name="completions">As for <see cref="TokenBucket"/>.</param>
    public TransferPacer(TimeProvider time, long? bytesPerSecond, TaskCreationOptions completions = TaskCreationOptions.RunContinuationsAsynchronously)
    {
        _completions = completions;
        _own = new TokenBucket(time, bytesPerSecond, completions);
        _share = _own.Join();
    }

    /// <summary>The transfer's limit in bytes per second; null for none. Takes effect at once, also on what waits.</summary>
    public long? Limit
    {
        get => _own.Rate;
        set
        {
            _own.SetRate(value);
            Release(0);
        }
    }

    /// <summary>Whether something waited for the limit since this was asked last. Only one may ask.</summary>
    public bool WasHeldBack()
    {
        (TimeSpan waited, bool waits) = _share.Waits;
        bool held = waits || waited > _told;
        _told = waited;
        return held;
    }

    /// <summary>Waits until a chunk may begin, and returns what paces it.</summary>
    /// <param name="bytes">Its length as far as that is known; it may turn out to be less.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    public async ValueTask<IPacer> BeginAsync(int bytes, CancellationToken cancellationToken)
    {
        Beginning? beginning = null;
        lock (_lock)
        {
            if (_waiting.Count == 0 && MayBeginLocked())
            {
                _ahead += bytes;
            }
            else
            {
                beginning = new Beginning(bytes, new TaskCompletionSource(_completions));
                _waiting.AddLast(beginning);
            }
        }

        if (beginning is not null)
        {
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(_ => GiveUp(beginning, cancellationToken), null);
            await beginning.Begun.Task.ConfigureAwait(false);
        }

        return new PacedPayload(this, bytes);
    }

    /// <summary>The transfer sends no more. What is on its way goes unpaced: in the middle of a frame it would hold up everybody else on that connection.</summary>
    public void Dispose()
    {
        Limit = null;
        _share.Dispose();
        _own.Dispose();
    }

    private bool MayBeginLocked() => _ahead == 0 || _own.Rate is not { } rate || _ahead <= rate / AheadPerSecond;

    private void GiveUp(Beginning beginning, CancellationToken cancellationToken)
    {
        bool removed;
        lock (_lock)
        {
            removed = _waiting.Remove(beginning);
        }

        if (removed)
        {
            beginning.Begun.TrySetCanceled(cancellationToken);
        }
    }

    private void Release(int written)
    {
        List<Beginning> begun = [];
        lock (_lock)
        {
            _ahead -= written;
            while (_waiting.First?.Value is { } next && MayBeginLocked())
            {
                _waiting.RemoveFirst();
                _ahead += next.Bytes;
                begun.Add(next);
            }
        }

        begun.ForEach(static next => next.Begun.TrySetResult());
    }

    private sealed record Beginning(int Bytes, TaskCompletionSource Begun);

    /// <summary>Paces one chunk; disposed when that is written or will not be.</summary>
    private sealed class PacedPayload(TransferPacer owner, int bytes) : IPacer
    {
        private int _left = bytes;

        public async ValueTask<int> TakeAsync(int most, CancellationToken cancellationToken)
        {
            int part = await owner._share.TakeAsync(most, cancellationToken).ConfigureAwait(false);
            int ahead = Math.Min(part, _left);
            _left -= ahead;
            owner.Release(ahead);
            return part;
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 0) is > 0 and int left)
            {
                owner.Release(left);
            }
        }
    }
}
