using System.Net;

namespace ClusterTransfer.Node.Configuration;

/// <summary>The hub keeps the transfers and relays control messages; section <c>hub</c>. One node of a cluster is the hub.</summary>
public sealed record HubOptions
{
    /// <summary>Whether this node is the hub. Default false.</summary>
    public bool Enabled { get; init; }

    /// <summary>Where the hub accepts the other nodes' control links, mutual TLS; port 0 lets the system choose. Default 127.0.0.1:7401.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 7401);

    /// <summary>Where the hub is, as host:port; required on every node that is not the hub, not used on the hub.</summary>
    public string? Address { get; init; }
}
