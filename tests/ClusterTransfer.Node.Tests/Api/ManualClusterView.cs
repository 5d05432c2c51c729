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

    /// <summary>Thrown by every method but <see cref="NotReady"/> while set.</summary>
    public Exception? Failure { get; set; }

    public IReadOnlyList<NodeResource> Nodes() => OrFail(NodeList);

    public IReadOnlyList<LocationResource> Locations() => OrFail(LocationList);

    public ActorResource Actors() => OrFail(Samples.Actors);

    public VersionResource Version() => OrFail(new VersionResource("0.1.0", new NodeId("alpha"), 1));

    public Problem? NotReady() => Problem;

    private T OrFail<T>(T value) => Failure is { } failure ? throw failure : value;
}
