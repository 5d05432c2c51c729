using System.Threading.Tasks.Sources;

namespace ClusterTransfer.Transport.Pacing;

/// <summary>Paces one chunk, from when it may begin; disposed when that is written or will not be. Used again for a later chunk, so that a chunk allocates nothing.</summary>
public sealed class PacedChunk : IPacer, IValueTaskSource<PacedChunk>
{
    private readonly TransferPacer _owner;
    private readonly ShareTaker _taker;
    private ManualResetValueTaskSourceCore<PacedChunk> _begun;
    private CancellationTokenRegistration _registration;
    private int _isLive;

    internal PacedChunk(TransferPacer owner, SendShare share)
    {
        _owner = owner;
        _taker = new ShareTaker(share);
        _begun.RunContinuationsAsynchronously = !share.Limits.Inline;
        Place = new LinkedListNode<PacedChunk>(this);
    }

    /// <summary>Its place among those that wait to begin, or have begun and are not being written. This and the next: guarded by the lock of <see cref="TransferPacer"/>.</summary>
    internal LinkedListNode<PacedChunk> Place { get; }

    /// <summary>Bytes that have yet to be taken of those that were expected.</summary>
    internal int Left { get; set; }

    internal bool HasBegun { get; set; }

    internal bool IsRecalled { get; set; }

    /// <summary>Who holds the chunk; null while it is being read.</summary>
    internal IRecallable? Holder { get; set; }

    internal PacedChunk? NextBegun { get; set; }

    internal ShareTaker Taker => _taker;

    /// <inheritdoc/>
    public ValueTask<int> TakeAsync(int most, CancellationToken cancellationToken)
    {
        _owner.BeforeTake(this);
        return _taker.TakePartAsync(most, cancellationToken);
    }

    /// <summary>From now on somebody holds the chunk in memory and is asked to let go of it when it must not be.</summary>
    /// <returns>False when it must not be already: the limit was lowered while it was read. Whoever has it disposes both, and begins again.</returns>
    public bool TryHold(IRecallable holder) => _owner.TryHold(this, holder);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isLive, 0) == 1)
        {
            _owner.End(this, mayBeUsedAgain: _taker.Withdraw());
        }
    }

    internal void Start() => _isLive = 1;

    internal ValueTask<PacedChunk> WaitToBegin(CancellationToken cancellationToken)
    {
        _registration = cancellationToken.UnsafeRegister(static (chunk, token) => ((PacedChunk)chunk!).GiveUp(token), this);
        return new ValueTask<PacedChunk>(this, _begun.Version);
    }

    internal void Begin() => _begun.SetResult(this);

    internal void Reset()
    {
        _begun.Reset();
        (Left, HasBegun, IsRecalled, Holder) = (0, false, false, null);
    }

    // Whoever waited hears of it by the exception and does not have it; it is not used again.
    private void GiveUp(CancellationToken cancellationToken)
    {
        if (_owner.TryGiveUp(this))
        {
            _begun.SetException(new OperationCanceledException(cancellationToken));
        }
    }

    PacedChunk IValueTaskSource<PacedChunk>.GetResult(short token)
    {
        _registration.Dispose();
        return _begun.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<PacedChunk>.GetStatus(short token) => _begun.GetStatus(token);

    void IValueTaskSource<PacedChunk>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _begun.OnCompleted(continuation, state, token, flags);
}
