using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Client;

/// <summary>What there is beside transfers: nodes, locations, actors, the kinds of problems, health.</summary>
public sealed partial class ClusterTransferClient
{
    /// <summary>The nodes of the cluster.</summary>
    public async Task<IReadOnlyList<NodeResource>> NodesAsync(CancellationToken cancellationToken = default) =>
        (await GetAsync("api/v1/nodes", ApiJson.Default.ResourceListNodeResource, cancellationToken).ConfigureAwait(false)).Items;

    /// <summary>Limits how fast a node sends, from now on and over restarts.</summary>
    /// <param name="node">The node.</param>
    /// <param name="limit">What it may send, in all or to another node; or that what it is configured with holds again.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<NodeLimitsResource> LimitNodeAsync(NodeId node, LimitNode limit, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"api/v1/nodes/{node}/limit")
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(limit, ApiJson.Default.LimitNode)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await SendAsync(request, ApiJson.Default.NodeLimitsResource, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The locations of the cluster.</summary>
    public async Task<IReadOnlyList<LocationResource>> LocationsAsync(CancellationToken cancellationToken = default) =>
        (await GetAsync("api/v1/locations", ApiJson.Default.ResourceListLocationResource, cancellationToken).ConfigureAwait(false)).Items;

    /// <summary>The roots of the node's actor tree.</summary>
    public async Task<IReadOnlyList<ActorResource>> ActorsAsync(CancellationToken cancellationToken = default) =>
        (await GetAsync("api/v1/actors", ApiJson.Default.ResourceListActorResource, cancellationToken).ConfigureAwait(false)).Items;

    /// <summary>What the node is.</summary>
    public Task<VersionResource> VersionAsync(CancellationToken cancellationToken = default) =>
        GetAsync("api/v1/version", ApiJson.Default.VersionResource, cancellationToken);

    /// <summary>The kinds of problems: every code that a refusal, a transfer or a file can have.</summary>
    public async Task<IReadOnlyList<ProblemKindResource>> ProblemKindsAsync(CancellationToken cancellationToken = default) =>
        (await GetAsync("api/v1/problems", ApiJson.Default.ResourceListProblemKindResource, cancellationToken).ConfigureAwait(false)).Items;

    /// <summary>One kind of problem by its code. Needs no token.</summary>
    public Task<ProblemKindResource> ProblemKindAsync(string code, CancellationToken cancellationToken = default) =>
        GetAsync($"problems/{Uri.EscapeDataString(code)}", ApiJson.Default.ProblemKindResource, cancellationToken);

    /// <summary>Completes when the node's process answers. Needs no token.</summary>
    public Task CheckAliveAsync(CancellationToken cancellationToken = default) => GetTextAsync("healthz", cancellationToken);

    /// <summary>Completes when the node can take work; throws with the reason when it cannot. Needs no token.</summary>
    public Task CheckReadyAsync(CancellationToken cancellationToken = default) => GetTextAsync("readyz", cancellationToken);

    /// <summary>The node's OpenAPI 3.1 document as JSON. Needs no token.</summary>
    public Task<string> OpenApiDocumentAsync(CancellationToken cancellationToken = default) => GetTextAsync("openapi/v1.json", cancellationToken);

    private async Task<string> GetTextAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return Encoding.UTF8.GetString(await SendAsync(
            request, (answer, body) => answer.IsSuccessStatusCode ? body : throw ApiFailure.FromAnswer(answer, body, _shownAddress), cancellationToken).ConfigureAwait(false));
    }
}
