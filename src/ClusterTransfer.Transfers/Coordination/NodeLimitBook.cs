using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>Which limits of nodes are set, as journaled; read by whoever tells the nodes.</summary>
/// <remarks>Written by <see cref="NodeLimitsActor"/> alone.</remarks>
public sealed class NodeLimitBook
{
    private volatile Page? _page;

    /// <summary>Called after each change, and once when the journal has been read.</summary>
    public event Action? Changed;

    /// <summary>Whether the journal has been read. Before that nothing is said to nodes: what was set would be set back.</summary>
    public bool IsKnown => _page is not null;

    /// <summary>What is set of a node, in the order of the peers' names, all it sends first; and the number of that state.</summary>
    public (IReadOnlyList<SetNodeLimit> Limits, long Version) Of(NodeId node) =>
        _page is { } page ? (page.Limits.GetValueOrDefault(node, []), page.Version) : ([], 0);

    /// <summary>The nodes of which something is set.</summary>
    public IReadOnlyCollection<NodeId> Nodes => _page is { } page ? page.Limits.Keys : [];

    internal void Set(Dictionary<NodeId, IReadOnlyList<SetNodeLimit>> limits)
    {
        _page = new Page(limits, (_page?.Version ?? 0) + 1);
        Changed?.Invoke();
    }

    private sealed record Page(Dictionary<NodeId, IReadOnlyList<SetNodeLimit>> Limits, long Version);
}
