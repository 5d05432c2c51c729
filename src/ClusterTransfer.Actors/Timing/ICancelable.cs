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
}

/// <summary>The plain cancelable.</summary>
public sealed class Cancelable : ICancelable, IDisposable
{
    private readonly CancellationTokenSource _source = new();

    /// <summary>A fresh one.</summary>
    /// <param name="scheduler">Taken for compatibility of calls; not needed here.</param>
    public Cancelable(IScheduler? scheduler = null) => _ = scheduler;

    /// <inheritdoc/>
    public bool IsCancellationRequested => _source.IsCancellationRequested;

    /// <inheritdoc/>
    public CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Cancel() => _source.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();
}
