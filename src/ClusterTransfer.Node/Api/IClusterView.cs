using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Node.Api;

/// <summary>What the API shows of the node and its cluster: snapshots, taken without waiting.</summary>
public interface IClusterView
{
    /// <summary>The nodes this one knows, itself included.</summary>
    IReadOnlyList<NodeResource> Nodes();

    /// <summary>The locations of those nodes; with folder only where this node serves them.</summary>
    IReadOnlyList<LocationResource> Locations();

    /// <summary>The root of the actor tree.</summary>
    ActorResource Actors();

    /// <summary>What this node is.</summary>
    VersionResource Version();

    /// <summary>Why this node cannot take work now; null when it can.</summary>
    Problem? NotReady();
}
