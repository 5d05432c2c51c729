namespace ClusterTransfer.TestKit.Proxy;

/// <summary>Holds whoever comes until the test opens it, and tells the test that someone came.</summary>
public sealed class Gate
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the first came.</summary>
    public Task Reached => _reached.Task.WithinDeadline();

    /// <summary>Lets everybody through, from now on.</summary>
    public void Open() => _open.TrySetResult();

    /// <summary>Comes, and waits.</summary>
    public async ValueTask PassAsync(CancellationToken cancellationToken)
    {
        _reached.TrySetResult();
        await _open.Task.WaitAsync(cancellationToken);
    }
}
