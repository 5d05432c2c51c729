using Microsoft.AspNetCore.Http.Features;

namespace ClusterTransfer.Node.Tests.Api;

/// <summary>The life of a request whose client leaves when the test says so.</summary>
internal sealed class ClientLifetime : IHttpRequestLifetimeFeature
{
    public bool IsAborted { get; private set; }

    public CancellationToken RequestAborted { get; set; }

    public void Abort() => IsAborted = true;
}
