using ClusterTransfer.Actors;
using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>Keeps the limits of nodes that users set. Journaled at the hub, which tells the nodes: they survive a restart of either.</summary>
internal sealed class NodeLimitsActor : ReceivePersistentActor
{
    // Of all nodes together. A message to one holds all of that one, which are bounded by it.
    private const int MaxLimits = 1000;

    private readonly CoordinationServices _services;
    private readonly Dictionary<(NodeId Node, NodeId? Peer), long?> _limits = [];

    public NodeLimitsActor(CoordinationServices services)
    {
        _services = services;
        RecoverAny(happened =>
        {
            if (happened is RecoveryCompleted)
            {
                Announce();
            }
            else
            {
                Apply(happened);
            }
        });
        Become(Serving);
    }

    public override string PersistenceId => "node-limits";

    private static string Text(bool isSet, long? limit) => isSet ? RateLimit.Text(limit) : "as configured";

    private void Serving() => Command<CoordinationProtocol.LimitNode>(OnLimit);

    // A wish that is there already is answered like one that is new: a client may repeat it after a lost answer.
    private void OnLimit(CoordinationProtocol.LimitNode wish)
    {
        IActorRef replyTo = Sender;
        bool wasSet = _limits.TryGetValue((wish.Node, wish.Peer), out long? before);
        if (wasSet != wish.Configured && (wish.Configured || before == wish.BytesPerSecond))
        {
            replyTo.Tell(CoordinationProtocol.NodeLimited.Instance);
            return;
        }

        if (!wasSet && _limits.Count >= MaxLimits)
        {
            replyTo.Tell(new CoordinationProtocol.Refused(new Problem(Reason.LimitReached, $"Limits are set for {MaxLimits} nodes and peers already; set some back to what is configured.")));
            return;
        }

        if (!wasSet && _limits.Keys.Count(limit => limit.Node == wish.Node) >= SetNodeLimits.Most)
        {
            replyTo.Tell(new CoordinationProtocol.Refused(new Problem(Reason.LimitReached, $"{SetNodeLimits.Most} limits are set for node {wish.Node} already; set some back to what is configured.")));
            return;
        }

        DateTimeOffset now = _services.Time.GetUtcNow();
        Persist(
            wish.Configured ? new TransferEvents.NodeLimitSetBack(wish.Node, now, wish.Peer) : new TransferEvents.NodeLimitSet(wish.Node, now, wish.Peer, wish.BytesPerSecond),
            (object happened) =>
            {
                Apply(happened);
                Announce();
                (string was, string now) = (Text(wasSet, before), Text(!wish.Configured, wish.BytesPerSecond));
                string text = $"The limit of what node {wish.Node} sends{(wish.Peer is { } peer ? $" to node {peer}" : string.Empty)} was {was} and is {now}.";
                _services.Log.NodeLimitSet(text);
                Context.Parent.Tell(new CoordinationProtocol.NodeLimitChanged(wish.Node, wish.Peer, text, EventData.Of(
                    ("node", wish.Node.Value), ("peer", wish.Peer?.Value), ("before", wasSet ? (object?)before ?? RateLimit.None : "configured"), ("after", wish.Configured ? "configured" : (object?)wish.BytesPerSecond ?? RateLimit.None))));
                replyTo.Tell(CoordinationProtocol.NodeLimited.Instance);
            });
    }

    private void Apply(object happened)
    {
        switch (happened)
        {
            case TransferEvents.NodeLimitSet set:
                _limits[(set.Node, set.Peer)] = set.Limit;
                break;
            case TransferEvents.NodeLimitSetBack back:
                _limits.Remove((back.Node, back.Peer));
                break;
            default:
                throw new InvalidOperationException($"The limits of nodes have no event of type {happened.GetType().Name}.");
        }
    }

    private void Announce() => _services.NodeLimits.Set(_limits
        .GroupBy(limit => limit.Key.Node)
        .ToDictionary(
            node => node.Key,
            node => (IReadOnlyList<SetNodeLimit>)[.. node.OrderBy(limit => limit.Key.Peer?.Value, StringComparer.Ordinal).Select(limit => new SetNodeLimit { Peer = limit.Key.Peer, Limit = limit.Value })]));
}
