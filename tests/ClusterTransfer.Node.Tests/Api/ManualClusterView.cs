using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Api;

namespace ClusterTransfer.Node.Tests.Api;

/// <summary>A cluster of two nodes that looks as the test says.</summary>
internal sealed class ManualClusterView : IClusterView
{
    public IReadOnlyList<NodeResource> NodeList { get; set; } = Samples.Nodes;

    public IReadOnlyList<LocationResource> LocationList { get; set; } = Samples.Locations;

    public Problem? Problem { get; set; }

    public IReadOnlyList<NodeResource> Nodes() => NodeList;

    public IReadOnlyList<LocationResource> Locations() => LocationList;

    public ActorResource Actors() => Samples.Actors;

    public VersionResource Version() => new("0.1.0", new NodeId("alpha"), 1);

    public Problem? NotReady() => Problem;
}
