namespace ClusterTransfer.Actors;

/// <summary>Cancelable of one scheduled message: no token source is made unless somebody asks for the token.</summary>
internal sealed class ScheduledCancelable : ICancelable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _source;
    private ScheduledTell? _scheduled;
    private bool _cancelled;

    public bool IsCancellationRequested => Volatile.Read(ref _cancelled);

    public CancellationToken Token
    {
        get
        {
            lock (_lock)
            {
                _source ??= new CancellationTokenSource();
                if (_cancelled) { _source.Cancel(); }
                return _source.Token;
            }
        }
    }

    public void Cancel()
    {
        CancellationTokenSource? source;
        ScheduledTell? scheduled;
        lock (_lock)
        {
            if (_cancelled) { return; }
            _cancelled = true;
            (source, scheduled, _scheduled) = (_source, _scheduled, null);
        }
        scheduled?.Dispose();
        source?.Cancel();
    }

    /// <summary>Ties this to what it cancels.</summary>
    public void Attach(ScheduledTell scheduled)
    {
        lock (_lock)
        {
            if (!_cancelled)
            {
                _scheduled = scheduled;
                return;
            }
        }
        scheduled.Dispose();
    }
}
