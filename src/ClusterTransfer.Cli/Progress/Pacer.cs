namespace ClusterTransfer.Cli.Progress;

/// <summary>Shows changes at most ten times a second, and the last one always: what comes too soon is shown when the time has passed.</summary>
/// <param name="time">Clock.</param>
/// <param name="show">Shows what is true now; called by one thread at a time.</param>
internal sealed class Pacer(TimeProvider time, Action show)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private long? _lastShown;
    private ITimer? _timer;
    private bool _isOver;

    /// <summary>Makes a change, and shows it now, or with later ones when the interval is over.</summary>
    /// <param name="change">What changes; no showing happens meanwhile.</param>
    /// <param name="atOnce">Whether it cannot wait.</param>
    public void Change(Action change, bool atOnce = false)
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }

            change();
            TimeSpan wait = _lastShown is { } last && !atOnce ? Interval - time.GetElapsedTime(last) : TimeSpan.Zero;
            if (wait <= TimeSpan.Zero)
            {
                ShowLocked();
            }
            else
            {
                _timer ??= time.CreateTimer(_ => OnTime(), null, wait, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Ends it; the last action runs once and nothing is shown behind it.</summary>
    public void End(Action last)
    {
        lock (_gate)
        {
            if (!_isOver)
            {
                _isOver = true;
                _timer?.Dispose();
                _timer = null;
                last();
            }
        }
    }

    private void OnTime()
    {
        lock (_gate)
        {
            // The timer of a change that was shown meanwhile may still fire.
            if (!_isOver && _timer is not null)
            {
                ShowLocked();
            }
        }
    }

    private void ShowLocked()
    {
        _timer?.Dispose();
        _timer = null;
        _lastShown = time.GetTimestamp();
        show();
    }
}
