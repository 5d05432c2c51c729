using ClusterTransfer.Actors;
using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Node.Api;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Transfers.Engine;

namespace ClusterTransfer.Node.Hosting;

/// <summary>What this node knows of the cluster.</summary>
internal sealed class ClusterView(IMessageBus bus, LocationSet locations, TransferEngine engine, string version) : IClusterView
{
    private const int ApiVersion = 1;

    public IReadOnlyList<NodeResource> Nodes() =>
        [.. bus.KnownMembers.OrderBy(known => known.Member.Node.Value, StringComparer.Ordinal).Select(known => new NodeResource
        {
            Name = known.Member.Node,
            State = known.Connected ? "up" : "unreachable",
            Roles = known.Member.IsHub ? ["hub", "mover"] : ["mover"],
            Version = known.Member.Version,
            DataAddresses = known.Member.DataAddresses,
            Locations = [.. known.Member.Locations.Select(location => location.Name)],
            Incarnation = known.Member.Incarnation,
        })];

    public IReadOnlyList<LocationResource> Locations() =>
        [.. bus.KnownMembers
            .SelectMany(known => known.Member.Locations.Select(location => Resource(known, location)))
            .OrderBy(location => location.Name.Value, StringComparer.Ordinal)];

    public ActorResource Actors() => Resource(engine.Inspect());

    public VersionResource Version() => new(version, bus.Self, ApiVersion);

    public Problem? NotReady() => bus.IsConnected ? null : new Problem(Reason.HubUnreachable, "This node is not connected to the hub.");

    private LocationResource Resource(KnownMember known, MemberLocation location) => new()
    {
        Name = location.Name,
        Node = known.Member.Node,
        ReadOnly = location.ReadOnly,
        Folder = known.Member.Node == bus.Self ? locations.All.FirstOrDefault(own => own.Options.Name == location.Name).Options?.Folder : null,
        Problem = known.Connected ? location.Problem : new Problem(Reason.NodeUnreachable, $"Node '{known.Member.Node}' is not connected."),
    };

    private static ActorResource Resource(ActorSnapshot actor) => new()
    {
        Path = actor.Path,
        Type = actor.Type,
        State = actor.State,
        MailboxDepth = actor.MailboxDepth,
        Restarts = actor.Restarts,
        LastFailure = actor.LastFailure,
        Children = [.. actor.Children.Select(Resource)],
    };
}
