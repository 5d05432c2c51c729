using System.Threading.Tasks.Sources;

namespace ClusterTransfer.Transport.Pacing;

/// <summary>Somebody who takes of a share, one part after the other; used again for the next, so that a wait allocates nothing.</summary>
internal sealed class ShareTaker : IValueTaskSource<int>
{
    private readonly SendShare _share;
    private ManualResetValueTaskSourceCore<int> _granted;
    private CancellationTokenRegistration _registration;
    private bool _waits;    // somebody has yet to hear what became of the wait

    public ShareTaker(SendShare share)
    {
        _share = share;
        _granted.RunContinuationsAsynchronously = !share.Limits.Inline;
        Place = new LinkedListNode<ShareTaker>(this);
    }

    /// <summary>Its place among those who wait, and what it waits for; guarded by the lock of <see cref="SendLimits"/>.</summary>
    public LinkedListNode<ShareTaker> Place { get; }

    public int Most { get; set; }

    public long Since { get; set; }

    /// <summary>The next of those that were granted in one pass, and how much this one took last.</summary>
    public ShareTaker? NextGranted { get; set; }

    public int Bytes { get; set; }

    /// <summary>Waits for a part, in turn with the others of the share. Only one wait at a time.</summary>
    /// <param name="most">What could be used, in bytes; at least 1.</param>
    /// <param name="cancellationToken">Ends the wait at once; nothing is taken then.</param>
    public ValueTask<int> TakePartAsync(int most, CancellationToken cancellationToken)
    {
        if (!_share.IsLimited)
        {
            Bytes = most;
            return new ValueTask<int>(most);
        }

        cancellationToken.ThrowIfCancellationRequested();
        _granted.Reset();
        if (_share.Limits.TryTake(_share, this, most, out int bytes))
        {
            Bytes = bytes;
            return new ValueTask<int>(bytes);
        }

        _waits = true;

        _registration = cancellationToken.UnsafeRegister(static (taker, token) => ((ShareTaker)taker!).Cancel(token), this);
        return new ValueTask<int>(this, _granted.Version);
    }

    /// <summary>It waits no more, and nobody hears of it; what it was given meanwhile goes back.</summary>
    /// <returns>False when it is being told just now, so that it must not be used for another wait.</returns>
    public bool Withdraw()
    {
        _registration.Dispose();
        if (!_waits || _share.Limits.TryWithdraw(_share, this))
        {
            _waits = false;   // else the next that uses it would be given back what it sent
            return true;
        }

        _share.Limits.GiveBack(_share, Bytes);
        return false;
    }

    /// <summary>What it took last; 0 when asked again.</summary>
    public int TakeBytes()
    {
        int bytes = Bytes;
        Bytes = 0;
        return bytes;
    }

    public void Grant() => _granted.SetResult(Bytes);

    int IValueTaskSource<int>.GetResult(short token)
    {
        _waits = false;
        _registration.Dispose();
        return _granted.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _granted.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _granted.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken cancellationToken)
    {
        if (_share.Limits.TryWithdraw(_share, this))
        {
            _granted.SetException(new OperationCanceledException(cancellationToken));
        }
    }
}
