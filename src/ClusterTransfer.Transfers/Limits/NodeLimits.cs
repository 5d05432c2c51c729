using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transport.Pacing;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Transfers.Limits;

/// <summary>How fast this node sends: what it is configured with, and what the hub says that somebody set in its place.</summary>
/// <remarks>Thread-safe. While the hub is away what it said last goes on to hold.</remarks>
internal sealed class NodeLimits
{
    private readonly Lock _lock = new();
    private readonly NodeId _self;
    private readonly long? _limit;
    private readonly IReadOnlyDictionary<NodeId, long> _peers;
    private readonly SendLimits _sending;
    private readonly ILogger _log;
    private (Incarnation Hub, long Version) _told;
    private NodeLimitsResource _current;

    /// <param name="self">This node.</param>
    /// <param name="limit">What it is configured with; null for no limit.</param>
    /// <param name="peers">The same of single nodes.</param>
    /// <param name="sending">Where it takes effect.</param>
    /// <param name="log">Where it is told.</param>
    public NodeLimits(NodeId self, long? limit, IReadOnlyDictionary<NodeId, long> peers, SendLimits sending, ILogger log)
    {
        (_self, _limit, _peers, _sending, _log) = (self, limit, peers, sending, log);
        _current = new NodeLimitsResource { Node = self, InForce = true };
        TakeUp(Combine([]));
    }

    /// <summary>What holds.</summary>
    public NodeLimitsResource Current
    {
        get
        {
            lock (_lock)
            {
                return _current;
            }
        }
    }

    /// <summary>Takes up what is set; from a hub's run what is older than what it said before is passed over. Returns what holds.</summary>
    /// <exception cref="ClusterTransferException">A limit is none, or one is there twice.</exception>
    public NodeLimitsResource Take(SetNodeLimits set)
    {
        if (set.Limits.FirstOrDefault(one => !RateLimit.IsValid(one.Limit)) is { } wrong)
        {
            throw new ClusterTransferException(Reason.ProtocolViolation, $"The hub sets a limit of {wrong.Limit} bytes/s; want {RateLimit.Min} to {RateLimit.Max}.");
        }

        if (set.Limits.DistinctBy(one => one.Peer).Count() != set.Limits.Count)
        {
            throw new ClusterTransferException(Reason.ProtocolViolation, "The hub sets a limit twice.");
        }

        lock (_lock)
        {
            if (_told.Hub != set.Hub || set.Version > _told.Version)
            {
                _told = (set.Hub, set.Version);
                TakeUp(Combine(set.Limits));
            }

            return _current;
        }
    }

    private NodeLimitsResource Combine(IReadOnlyList<SetNodeLimit> set)
    {
        SetNodeLimit? all = set.FirstOrDefault(one => one.Peer is null);
        var peers = _peers.ToDictionary(peer => peer.Key, peer => new PeerLimitResource { Peer = peer.Key, Limit = peer.Value });
        foreach (SetNodeLimit one in set)
        {
            if (one.Peer is { } peer)
            {
                peers[peer] = new PeerLimitResource { Peer = peer, Limit = one.Limit, Origin = LimitOrigin.Set };
            }
        }

        return new NodeLimitsResource
        {
            Node = _self,
            Limit = all is null ? _limit : all.Limit,
            Origin = all is null ? LimitOrigin.Configuration : LimitOrigin.Set,
            Peers = [.. peers.Values.OrderBy(peer => peer.Peer.Value, StringComparer.Ordinal)],
            InForce = true,
        };
    }

    private void TakeUp(NodeLimitsResource limits)
    {
        string before = Text(_current);
        _current = limits;
        _sending.Set(limits.Limit, limits.Peers.Where(peer => peer.Limit is not null).ToDictionary(peer => peer.Peer, peer => peer.Limit!.Value));   // just looked at
        if (Text(limits) is { } text && text != before)
        {
            _log.SendLimitsChanged(text);
        }
    }

    private static string Text(NodeLimitsResource limits) => string.Join(", ", limits.Peers
        .Where(peer => peer.Limit is not null)
        .Select(peer => $"at most {RateLimit.Text(peer.Limit)} to node {peer.Peer} ({OriginOf(peer.Origin)})")
        .Prepend(limits.Limit is null ? $"without a limit of its own{(limits.Origin == LimitOrigin.Set ? " (set by hand)" : string.Empty)}" : $"at most {RateLimit.Text(limits.Limit)} in all ({OriginOf(limits.Origin)})"));

    private static string OriginOf(LimitOrigin origin) => origin == LimitOrigin.Set ? "set by hand" : "configured";
}
