using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ClusterTransfer.Node.Api;

/// <summary>Limits of the server that carries the API.</summary>
public static class ApiServer
{
    /// <summary>Bounds connections, header and body sizes and how slowly a request may arrive.</summary>
    public static void Limit(KestrelServerOptions server, ApiServerOptions options)
    {
        server.AddServerHeader = false;
        server.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        server.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        server.Limits.MaxRequestLineSize = 8 * 1024;
        server.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);

        // Every event stream holds a connection; the rest is for short requests.
        server.Limits.MaxConcurrentConnections = options.MaxEventStreams + 128;
    }
}
