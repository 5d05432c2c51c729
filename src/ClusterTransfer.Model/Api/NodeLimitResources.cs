using System.Text.Json.Serialization;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Model.Api;

/// <summary>How fast a node sends at most, in all and to single nodes.</summary>
public sealed record NodeLimitsResource : IJsonOnDeserialized
{
    /// <summary>Version of this shape; changes only add.</summary>
    public int SchemaVersion { get; init => field = Math.Max(1, value); } = 1;

    /// <summary>The node.</summary>
    public required NodeId Node { get; init; }

    /// <summary>Most bytes per second that it sends over all its transfers; null for no limit.</summary>
    public long? Limit { get; init; }

    /// <summary>Who said so.</summary>
    public LimitOrigin Origin { get; init; }

    /// <summary>Of what it sends to single nodes, by their names; a node that is not listed has no limit of its own.</summary>
    public IReadOnlyList<PeerLimitResource> Peers { get; init => field = value ?? []; } = [];

    /// <summary>Whether the node has said that these hold. Else it is not connected, or has yet to answer; what is set holds from when it does.</summary>
    public bool InForce { get; init; }

    void IJsonOnDeserialized.OnDeserialized() => WholeList.Require(Peers, nameof(Peers));
}

/// <summary>How fast a node sends to another at most.</summary>
public sealed record PeerLimitResource
{
    /// <summary>The other.</summary>
    public required NodeId Peer { get; init; }

    /// <summary>Most bytes per second; null for no limit.</summary>
    public long? Limit { get; init; }

    /// <summary>Who said so.</summary>
    public LimitOrigin Origin { get; init; }
}

/// <summary>Where a limit comes from.</summary>
[JsonConverter(typeof(EnumNameConverter<LimitOrigin>))]
public enum LimitOrigin
{
    /// <summary>The node's configuration.</summary>
    Configuration,

    /// <summary>A request; it holds in place of the configuration, until it is set back.</summary>
    Set,
}

/// <summary>Body of <c>PUT /api/v1/nodes/{name}/limit</c>: how fast a node may send from now on.</summary>
public sealed record LimitNode
{
    /// <summary>Only what it sends to this node; null for all it sends.</summary>
    public NodeId? Peer { get; init; }

    /// <summary>Most bytes per second, 65536 to 1099511627776; null for no limit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]   // null is said, as for a transfer
    public long? Limit { get; init; }

    /// <summary>True when what the node is configured with holds again; there is no <see cref="Limit"/> then.</summary>
    public bool? Configured { get; init; }
}
