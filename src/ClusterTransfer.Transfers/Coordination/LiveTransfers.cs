using System.Collections.Concurrent;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>What the coordinators show of their transfers, readable by the API without a message: the newest view and a signal when it changes.</summary>
public sealed class LiveTransfers
{
    private readonly ConcurrentDictionary<TransferId, View> _views = new();
    private readonly ConcurrentDictionary<TransferId, Problem> _unreadable = new();

    // From anywhere: a caller that brings the number of a view of an earlier run must not find it in use again.
    private long _version = Random.Shared.NextInt64(1, 1L << 52);

    /// <summary>The newest view of a transfer whose coordinator runs; null for others.</summary>
    public TransferResource? Find(TransferId id) => Look(id)?.Transfer;

    /// <summary>The newest view with its number; null for a transfer whose coordinator does not run.</summary>
    public (TransferResource Transfer, long Version)? Look(TransferId id) => _views.TryGetValue(id, out View? view) ? (view.Resource, view.Version) : null;

    /// <summary>Ids of the transfers whose coordinators run.</summary>
    public IEnumerable<TransferId> Ids => _views.Keys;

    /// <summary>Transfers whose journal cannot be read, and which row it is; no coordinator runs for them, and there may be no view.</summary>
    public IEnumerable<KeyValuePair<TransferId, Problem>> Unreadable => _unreadable;

    /// <summary>Completes when the view is another than the one of this number, or is gone; at once when it already is.</summary>
    public Task ChangedAsync(TransferId id, long version, CancellationToken cancellationToken)
    {
        if (!_views.TryGetValue(id, out View? view) || view.Version != version)
        {
            return Task.CompletedTask;
        }

        return view.Changed.Task.WaitAsync(cancellationToken);
    }

    /// <summary>The live data connections of a transfer; empty when it has none or its coordinator does not run.</summary>
    public IReadOnlyList<ConnectionReport> ConnectionsOf(TransferId id) => _views.TryGetValue(id, out View? view) ? view.Connections : [];

    internal void Publish(TransferResource resource, IReadOnlyList<ConnectionReport> connections)
    {
        View? previous = null;
        var next = new View(resource, connections, Interlocked.Increment(ref _version));
        _views.AddOrUpdate(resource.Id, next, (_, old) =>
        {
            previous = old;
            return next;
        });
        previous?.Changed.TrySetResult();
    }

    internal void NoteUnreadable(TransferId id, Problem problem) => _unreadable[id] = problem;

    internal void Remove(TransferId id)
    {
        if (_views.TryRemove(id, out View? view))
        {
            view.Changed.TrySetResult();
        }
    }

    private sealed record View(TransferResource Resource, IReadOnlyList<ConnectionReport> Connections, long Version)
    {
        public TaskCompletionSource Changed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
