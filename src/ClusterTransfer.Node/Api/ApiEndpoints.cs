using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ClusterTransfer.Node.Api;

/// <summary>The HTTP API of a node: documented in docs/api.md.</summary>
public static class ApiEndpoints
{
    /// <summary>Path of everything that needs the token.</summary>
    public const string Root = "/api/v1";

    /// <summary>Maps every endpoint below <see cref="Root"/>, and <c>/healthz</c> and <c>/readyz</c>.</summary>
    /// <param name="endpoints">Where to map them.</param>
    /// <param name="transfers">Owns the transfers.</param>
    /// <param name="cluster">Knows the nodes.</param>
    /// <param name="options">Token, limits and clock.</param>
    public static void Map(IEndpointRouteBuilder endpoints, ITransferService transfers, IClusterView cluster, ApiServerOptions options)
    {
        var open = new ApiGuard(options, needsToken: false);
        var guarded = new ApiGuard(options, needsToken: true);
        var handlers = new TransferHandlers(transfers, options);
        var events = new EventStreams(transfers, options);

        endpoints.MapPost($"{Root}/transfers", guarded.Wrap(handlers.SubmitAsync, []));
        endpoints.MapGet($"{Root}/transfers", guarded.Wrap(handlers.ListAsync, ListQuery.Names));
        endpoints.MapGet($"{Root}/transfers/{{id}}", guarded.Wrap(handlers.GetAsync, []));
        endpoints.MapPost($"{Root}/transfers/{{id}}/cancel", guarded.Wrap(handlers.CancelAsync, []));
        endpoints.MapPost($"{Root}/transfers/{{id}}/pause", guarded.Wrap(handlers.PauseAsync, []));
        endpoints.MapPost($"{Root}/transfers/{{id}}/resume", guarded.Wrap(handlers.ResumeAsync, []));
        endpoints.MapPost($"{Root}/transfers/{{id}}/retry", guarded.Wrap(handlers.RetryAsync, []));
        endpoints.MapGet($"{Root}/transfers/{{id}}/connections", guarded.Wrap(handlers.ConnectionsAsync, []));
        endpoints.MapGet($"{Root}/transfers/{{id}}/chunks", guarded.Wrap(handlers.ChunksAsync, []));
        endpoints.MapGet($"{Root}/transfers/{{id}}/events", guarded.Wrap(events.ServeAsync, ["after"]));

        endpoints.MapGet($"{Root}/nodes", guarded.Wrap(context => ApiAnswer.WriteAsync(
            context, new ResourceList<NodeResource>(cluster.Nodes()), ApiJson.Default.ResourceListNodeResource), []));
        endpoints.MapGet($"{Root}/locations", guarded.Wrap(context => ApiAnswer.WriteAsync(
            context, new ResourceList<LocationResource>(cluster.Locations()), ApiJson.Default.ResourceListLocationResource), []));
        endpoints.MapGet($"{Root}/actors", guarded.Wrap(context => ApiAnswer.WriteAsync(
            context, new ResourceList<ActorResource>([cluster.Actors()]), ApiJson.Default.ResourceListActorResource), []));
        endpoints.MapGet($"{Root}/version", guarded.Wrap(context => ApiAnswer.WriteAsync(
            context, cluster.Version(), ApiJson.Default.VersionResource), []));

        endpoints.MapGet($"{Root}/problems", guarded.Wrap(ProblemCatalogue.ListAsync, []));
        endpoints.MapGet($"{ProblemCatalogue.Root}/{{code}}", open.Wrap(ProblemCatalogue.GetAsync, []));

        // What a newer client asks for and this node does not have is said as such, not as an empty 404 or 405.
        endpoints.Map("/api/{**rest}", guarded.Wrap(context => ApiAnswer.WriteProblemAsync(
            context,
            new Problem(Reason.VersionMismatch, $"This node ({cluster.Version().Version}) has no {PathText.Escape($"{context.Request.Method} {context.Request.Path}")}."),
            StatusCodes.Status404NotFound), null));

        endpoints.MapGet("/healthz", open.Wrap(context => ApiAnswer.WriteTextAsync(context, "alive\n"), null));
        endpoints.MapGet("/readyz", open.Wrap(context => cluster.NotReady() is { } problem
            ? ApiAnswer.WriteProblemAsync(context, problem, StatusCodes.Status503ServiceUnavailable)
            : ApiAnswer.WriteTextAsync(context, "ready\n"), null));
    }
}
