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

    public void Cancel() => Cancel(false);

    public void CancelAfter(int millisecondsDelay) => CancelAfter(TimeSpan.FromMilliseconds(millisecondsDelay));

    public void CancelAfter(TimeSpan delay)
    {
        ScheduledTell? scheduled;
        lock (_lock) { scheduled = _scheduled; }
        // Nothing left to call off when it has fired already.
        scheduled?.System.Scheduler.Advanced.ScheduleOnce(delay, Cancel);
    }

    public void Cancel(bool throwOnFirstException)
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
        source?.Cancel(throwOnFirstException);
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
