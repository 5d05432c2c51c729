using System.Net;

namespace ClusterTransfer.Node.Configuration;

/// <summary>The HTTP API that <c>ct</c> and programs use; section <c>api</c>.</summary>
public sealed record ApiOptions
{
    /// <summary>Where it listens: a loopback address, because it speaks plain HTTP; port 0 lets the system choose. Default 127.0.0.1:7400.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 7400);

    /// <summary>Absolute path of the file with the bearer token; null for <c>api-token</c> in the state folder.</summary>
    public string? TokenFile { get; init; }
}
