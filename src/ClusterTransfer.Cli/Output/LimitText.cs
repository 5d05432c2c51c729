using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Output;

/// <summary>Limits in words.</summary>
internal static class LimitText
{
    /// <summary>What holds a transfer back, without a full stop; null where nothing does.</summary>
    public static string? Of(TransferResource transfer) => transfer.HeldBackBy is not { } held ? null : held.Scope switch
    {
        LimitScope.Transfer => $"held back by the limit of the transfer ({RateLimit.Text(held.BytesPerSecond)})",
        LimitScope.Peer => $"{To(held)} by the limit of what node {transfer.SourceNode} sends to node {transfer.DestinationNode} ({RateLimit.Text(held.BytesPerSecond)}){With(held)}",
        LimitScope.Node => $"{To(held)} by the limit of node {transfer.SourceNode} ({RateLimit.Text(held.BytesPerSecond)}){With(held)}",
        _ => $"held back by a limit ({RateLimit.Text(held.BytesPerSecond)})",   // of a newer node
    };

    /// <summary>What to type so that it holds back no more.</summary>
    public static string Remedy(TransferResource transfer) => transfer.HeldBackBy?.Scope switch
    {
        LimitScope.Peer => $"ct limit --on {transfer.SourceNode} --to {transfer.DestinationNode} none",
        LimitScope.Node => $"ct limit --on {transfer.SourceNode} none",
        _ => $"ct limit {transfer.Id} none",
    };

    /// <summary>The limit of a transfer, what holds it back, and who may not hold to it; null where there is nothing to say.</summary>
    public static string? All(TransferResource transfer)
    {
        string[] parts =
        [
            .. transfer.Limit is { } limit ? new[] { RateLimit.Text(limit) } : [],
            .. Ignored(transfer) is { } ignored ? new[] { ignored } : [],
            .. Of(transfer) is { } held ? new[] { held } : [],
        ];
        return parts.Length == 0 ? null : string.Join(", ", parts);
    }

    /// <summary>Who may not hold to the limit of a transfer; null where everybody does.</summary>
    public static string? Ignored(TransferResource transfer) => transfer.LimitIgnoredBy is { } node
        ? $"which node {node} may not hold to: it is older and does not say that it knows limits"
        : null;

    /// <summary>A node's limit for a table: what it is, who said so where that was not its configuration, and whether it holds yet.</summary>
    public static string Of(NodeLimitsResource? limits) => limits is null ? "?" : OfOne(limits.Limit, limits.Origin) + (limits.InForce ? string.Empty : " (not in force yet)");

    /// <summary>The limits of its peers.</summary>
    public static string OfPeers(NodeLimitsResource? limits) => limits is null
        ? "?"
        : string.Join(", ", limits.Peers.Select(peer => $"{peer.Peer} {OfOne(peer.Limit, peer.Origin)}"));

    /// <summary>All limits of a node as sentences.</summary>
    public static string Sentence(NodeLimitsResource limits)
    {
        string all = limits.Limit is null
            ? $"Node {limits.Node} sends without a limit of its own"
            : $"Node {limits.Node} sends at most {RateLimit.Text(limits.Limit)}";
        string peers = string.Concat(limits.Peers.Select(peer => peer.Limit is null ? $", to node {peer.Peer} without one" : $", at most {RateLimit.Text(peer.Limit)} to node {peer.Peer}"));
        return $"{all}{peers}.{(limits.InForce ? string.Empty : " It has yet to say that this holds; it is told as soon as it is connected.")}";
    }

    private static string OfOne(long? limit, LimitOrigin origin) => RateLimit.Text(limit) + (origin == LimitOrigin.Set ? " (set)" : string.Empty);

    private static string To(HeldBack held) => held.Share is { } share ? $"limited to {Units.Rate(share)}" : "held back";

    private static string With(HeldBack held) => held.SharedWith switch
    {
        0 => string.Empty,
        1 => ", shared with 1 other transfer",
        _ => $", shared with {Units.Count(held.SharedWith)} other transfers",
    };
}
