using ClusterTransfer.Node.Api.Description;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace ClusterTransfer.Node.Api;

/// <summary>The server that carries the API: its services and its limits.</summary>
public static class ApiServer
{
    /// <summary>Registers what <see cref="ApiEndpoints.Map"/> needs.</summary>
    public static void AddServices(IServiceCollection services)
    {
        services.AddRoutingCore();
        ApiDocument.AddTo(services);
    }

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
