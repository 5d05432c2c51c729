using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Chaos.Harness;

/// <summary>Follows one transfer by the event stream of a node, through that node's own deaths, and says when something has happened.</summary>
internal sealed class TransferFollower : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<TransferEvent> _events = [];
    private readonly Lock _lock = new();
    private readonly Task _following;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _durableLost = [];
    private TransferResource? _latest;
    private long _mostDurable;
    private int _disposed;

    public TransferFollower(NodeProcess by, TransferId id)
    {
        Id = id;
        _following = FollowAsync(by.Client);
    }

    public TransferId Id { get; }

    /// <summary>The stored events so far, in order.</summary>
    public IReadOnlyList<TransferEvent> Events
    {
        get
        {
            lock (_lock)
            {
                return [.. _events];
            }
        }
    }

    /// <summary>Moments at which less was durable than before, which was said to be on disk. What the hub does not know yet after its own start counts as nothing said.</summary>
    public IReadOnlyList<string> DurableLost
    {
        get
        {
            lock (_lock)
            {
                return [.. _durableLost];
            }
        }
    }

    /// <summary>How often a stored event of the kind came.</summary>
    public int Count(string kind) => Events.Count(item => item.Kind == kind);

    /// <summary>Waits until the transfer is as wanted.</summary>
    public async Task<TransferResource> WhenAsync(string what, Func<TransferResource, bool> condition)
    {
        using var deadline = new CancellationTokenSource(Patience.Transfer);
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_latest is { } latest && condition(latest))
                {
                    return latest;
                }

                if (_following.IsCompleted)
                {
                    throw new ChaosException($"The transfer's events ended before it was so: {what}. {Describe()} {_following.Exception?.GetBaseException().Message}");
                }

                changed = _changed.Task;
            }

            try
            {
                await Task.WhenAny(changed, _following).WaitAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                throw new ChaosException($"Not within {Patience.Transfer.TotalSeconds:0} s: {what}. {Describe()}");
            }
        }
    }

    /// <summary>Waits for its end.</summary>
    public Task<TransferResource> EndedAsync() => WhenAsync("the transfer has ended", transfer => transfer.State.IsTerminal());

    /// <summary>The story of the transfer.</summary>
    public string Story() => string.Join('\n', Events.Select(item => $"{item.At:HH:mm:ss.fff} {item.Kind}: {item.Text}").Append(Describe()));

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync();
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private string Describe() => _latest is { } at
        ? $"Now: {at.State}, sessions {at.Sessions}, epoch {at.Epoch}, found {at.Progress.BytesFound}, sent {at.Progress.BytesSent}, "
            + $"durable {at.Progress.BytesDurable}, connections {at.Progress.Connections}, {at.Problem?.ToString() ?? "no problem"}."
        : "Nothing was heard of it.";

    private async Task FollowAsync(ClusterTransferClient client)
    {
        try
        {
            await foreach (TransferEvent item in client.WatchAsync(Id, cancellationToken: _stopping.Token))
            {
                lock (_lock)
                {
                    if (item.Sequence > 0)
                    {
                        _events.Add(item);
                    }

                    if (item.Sequence == 0)
                    {
                        Compare(item.Transfer);   // A stored event shows the transfer as it was then, and comes when it is stored.
                    }

                    _latest = item.Transfer;
                }

                Signal();
            }
        }
        finally
        {
            Signal();
        }
    }

    private void Compare(TransferResource now)
    {
        long said = now.Progress.BytesDurable;
        _mostDurable = Math.Max(_mostDurable, said);
        if (said > 0 && said < _mostDurable)
        {
            _durableLost.Add($"{_mostDurable} bytes were durable, then {said} (session {now.Sessions}, {now.State})");
        }
    }

    private void Signal()
    {
        TaskCompletionSource signalled;
        lock (_lock)
        {
            signalled = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        signalled.SetResult();
    }
}
