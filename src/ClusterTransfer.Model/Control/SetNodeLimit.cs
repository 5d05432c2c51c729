using System.Text.Json.Serialization;

namespace ClusterTransfer.Model.Control;

/// <summary>A limit of what a node sends that somebody set; it holds in place of what the node is configured with.</summary>
public sealed record SetNodeLimit
{
    /// <summary>Only of what it sends to this node; null for all it sends.</summary>
    public NodeId? Peer { get; init; }

    /// <summary>Most bytes per second; null for no limit.</summary>
    public long? Limit { get; init; }
}

/// <summary>Hub to node: all limits of yours that are set; what is not here is as you are configured.</summary>
public sealed record SetNodeLimits : IJsonOnDeserialized
{
    /// <summary>Most limits that can be set for one node: with the longest names they fit into one message of the bus, however they are written.</summary>
    public const int Most = 128;

    /// <summary>The run of the hub that says so, and the how-manieth time: what comes late of one run is passed over.</summary>
    public required Incarnation Hub { get; init; }

    /// <summary>From 0.</summary>
    public required long Version { get; init; }

    /// <summary>At most one for each peer, and one for all.</summary>
    public required IReadOnlyList<SetNodeLimit> Limits { get; init; }

    void IJsonOnDeserialized.OnDeserialized() => WholeList.Require(Limits, nameof(Limits));
}
