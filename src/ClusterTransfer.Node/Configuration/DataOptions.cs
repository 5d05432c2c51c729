using System.Net;

namespace ClusterTransfer.Node.Configuration;

/// <summary>Where data connections of other nodes are accepted; section <c>data</c>.</summary>
public sealed record DataOptions
{
    /// <summary>Where the node listens, mutual TLS; port 0 lets the system choose. Default 127.0.0.1:7402.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 7402);

    /// <summary>Where others reach it, as host:port; empty announces <see cref="Listen"/>. Needed when that is every address.</summary>
    public IReadOnlyList<string> Advertise { get; init; } = [];
}
