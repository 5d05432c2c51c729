namespace ClusterTransfer.Node.Hosting;

/// <summary>Ends a wait after a time, or when whoever waits gives up.</summary>
/// <remarks>Not a timer that cancels: its last call may come when the source is disposed already, and what a timer throws ends the process.</remarks>
internal sealed class WaitLimit : IDisposable
{
    private readonly CancellationTokenSource _over;
    private readonly CancellationTokenSource _either;

    public WaitLimit(TimeSpan wait, TimeProvider time, CancellationToken cancellationToken)
    {
        _over = new CancellationTokenSource(wait, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _over.Token);
    }

    /// <summary>Fires at the end of the wait.</summary>
    public CancellationToken Token => _either.Token;

    public void Dispose()
    {
        _either.Dispose();
        _over.Dispose();
    }
}
