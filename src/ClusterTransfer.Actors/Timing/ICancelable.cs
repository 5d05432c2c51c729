namespace ClusterTransfer.Actors;

/// <summary>Something that can be called off.</summary>
public interface ICancelable
{
    /// <summary>Whether it was.</summary>
    bool IsCancellationRequested { get; }

    /// <summary>Fires on cancellation.</summary>
    CancellationToken Token { get; }

    /// <summary>Calls it off; calling twice does no harm.</summary>
    void Cancel();

    /// <summary>Calls it off after a delay.</summary>
    void CancelAfter(TimeSpan delay);

    /// <summary>Calls it off after a delay.</summary>
    void CancelAfter(int millisecondsDelay);

    /// <summary>Calls it off; says whether the first callback that throws ends the others.</summary>
    void Cancel(bool throwOnFirstException);
}

/// <summary>The plain cancelable.</summary>
public sealed class Cancelable : ICancelable, IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly IScheduler? _scheduler;
    private volatile bool _disposed;

    /// <summary>A fresh one.</summary>
    /// <param name="scheduler">Whose clock <see cref="CancelAfter(TimeSpan)"/> goes by; null for the system clock.</param>
    public Cancelable(IScheduler? scheduler = null)
        : this(scheduler, new CancellationTokenSource()) { }

    /// <summary>One that is called off after a delay.</summary>
    public Cancelable(IScheduler scheduler, TimeSpan delay)
        : this(scheduler) => CancelAfter(delay);

    /// <summary>One that is called off after a delay.</summary>
    public Cancelable(IScheduler scheduler, int millisecondsDelay)
        : this(scheduler, TimeSpan.FromMilliseconds(millisecondsDelay)) { }

    private Cancelable(IScheduler? scheduler, CancellationTokenSource source)
    {
        _scheduler = scheduler;
        _source = source;
    }

    /// <inheritdoc/>
    public bool IsCancellationRequested => _source.IsCancellationRequested;

    /// <inheritdoc/>
    public CancellationToken Token => _source.Token;

    /// <summary>One that is called off already.</summary>
    public static ICancelable CreateCanceled()
    {
        var cancelled = new Cancelable();
        cancelled.Cancel();
        return cancelled;
    }

    /// <summary>One that is called off when any of the others is.</summary>
    public static ICancelable CreateLinkedCancelable(IScheduler scheduler, params ICancelable[] cancelables) =>
        new Cancelable(scheduler, CancellationTokenSource.CreateLinkedTokenSource([.. cancelables.Select(one => one.Token)]));

    /// <inheritdoc/>
    public void Cancel() => Cancel(false);

    /// <inheritdoc/>
    public void Cancel(bool throwOnFirstException) => _source.Cancel(throwOnFirstException);

    /// <inheritdoc/>
    public void CancelAfter(int millisecondsDelay) => CancelAfter(TimeSpan.FromMilliseconds(millisecondsDelay));

    /// <inheritdoc/>
    public void CancelAfter(TimeSpan delay)
    {
        if (_scheduler is null) { _source.CancelAfter(delay); }
        else { _scheduler.Advanced.ScheduleOnce(delay, CancelUnlessDisposed); }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _source.Dispose();
    }

    private void CancelUnlessDisposed()
    {
        if (_disposed) { return; }
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Disposed in the meantime: nobody waits for it any more.
        }
    }
}

/// <summary>Helpers for cancelables.</summary>
public static class CancelableExtensions
{
    /// <summary>Calls it off when there is one.</summary>
    public static void CancelIfNotNull(this ICancelable? cancelable) => cancelable?.Cancel();
}
