namespace ClusterTransfer.Chaos.Harness;

/// <summary>Starts a node again whenever it ends, as a service manager does, and remembers how it ended.</summary>
internal sealed class Supervisor : IAsyncDisposable
{
    private readonly NodeProcess _node;
    private readonly Action _beforeStart;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly List<int> _exitCodes = [];
    private readonly Task _watching;

    /// <param name="node">A node that runs.</param>
    /// <param name="beforeStart">Called between its end and its next start.</param>
    public Supervisor(NodeProcess node, Action beforeStart)
    {
        _node = node;
        _beforeStart = beforeStart;
        _watching = WatchAsync();
    }

    /// <summary>Exit codes so far; 137 is SIGKILL.</summary>
    public IReadOnlyList<int> ExitCodes
    {
        get
        {
            lock (_lock)
            {
                return [.. _exitCodes];
            }
        }
    }

    /// <summary>Leaves the node as it is from here on; its end is somebody else's.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task WatchAsync()
    {
        while (true)
        {
            int code = await _node.Run.EndedAsync(_stopping.Token);
            lock (_lock)
            {
                _exitCodes.Add(code);
            }

            _beforeStart();
            _node.Start();
        }
    }
}
