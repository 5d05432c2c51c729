using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Api.Description;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ClusterTransfer.Node.Api;

/// <summary>The HTTP API of a node: documented in docs/api.md and, to the last field, in docs/openapi.json.</summary>
public static class ApiEndpoints
{
    /// <summary>Path of everything that needs the token.</summary>
    public const string Root = "/api/v1";

    // What a newer client asks for and this node does not have is said as such, not as an empty 404 or 405. In no document, because it is nothing.
    private static readonly ApiOperation Missing = new("missing", string.Empty, string.Empty) { LeavesQueryAlone = true };

    /// <summary>Maps every endpoint below <see cref="Root"/>, and those that need no token.</summary>
    /// <param name="endpoints">Where to map them; the services must be those of <see cref="ApiServer.AddServices"/>.</param>
    /// <param name="transfers">Owns the transfers.</param>
    /// <param name="cluster">Knows the nodes.</param>
    /// <param name="options">Token, limits and clock.</param>
    public static void Map(IEndpointRouteBuilder endpoints, ITransferService transfers, IClusterView cluster, ApiServerOptions options)
    {
        var guard = new ApiGuard(options);
        var handlers = new TransferHandlers(transfers, options);
        var nodes = new NodeHandlers(cluster, transfers);
        var events = new EventStreams(transfers, options);

        Post($"{Root}/transfers", ApiOperations.Submit, handlers.SubmitAsync);
        Get($"{Root}/transfers", ApiOperations.List, handlers.ListAsync);
        Get($"{Root}/transfers/{{id}}", ApiOperations.Get, handlers.GetAsync);
        Post($"{Root}/transfers/{{id}}/cancel", ApiOperations.Cancel, handlers.CancelAsync);
        Post($"{Root}/transfers/{{id}}/pause", ApiOperations.Pause, handlers.PauseAsync);
        Post($"{Root}/transfers/{{id}}/resume", ApiOperations.Resume, handlers.ResumeAsync);
        Post($"{Root}/transfers/{{id}}/retry", ApiOperations.Retry, handlers.RetryAsync);
        Post($"{Root}/transfers/{{id}}/limit", ApiOperations.Limit, handlers.LimitAsync);
        Get($"{Root}/transfers/{{id}}/connections", ApiOperations.Connections, handlers.ConnectionsAsync);
        Get($"{Root}/transfers/{{id}}/chunks", ApiOperations.Chunks, handlers.ChunksAsync);
        Get($"{Root}/transfers/{{id}}/events", ApiOperations.Events, events.ServeAsync);

        Get($"{Root}/kept", ApiOperations.Kept, context => handlers.KeptAsync(context, remove: false));
        Post($"{Root}/kept/remove", ApiOperations.RemoveKept, context => handlers.KeptAsync(context, remove: true));
        Get($"{Root}/queue", ApiOperations.Queue, handlers.QueueAsync);
        Post($"{Root}/queue/pause", ApiOperations.PauseQueue, handlers.PauseQueueAsync);
        Post($"{Root}/queue/resume", ApiOperations.ResumeQueue, handlers.ResumeQueueAsync);

        Get($"{Root}/nodes", ApiOperations.Nodes, nodes.ListAsync);
        Put($"{Root}/nodes/{{name}}/limit", ApiOperations.LimitNode, nodes.LimitAsync);
        Get($"{Root}/locations", ApiOperations.Locations, context => ApiAnswer.WriteAsync(
            context, new ResourceList<LocationResource>(cluster.Locations()), ApiJson.Default.ResourceListLocationResource));
        Get($"{Root}/actors", ApiOperations.Actors, context => ApiAnswer.WriteAsync(
            context, new ResourceList<ActorResource>([cluster.Actors()]), ApiJson.Default.ResourceListActorResource));
        Get($"{Root}/version", ApiOperations.Version, context => ApiAnswer.WriteAsync(context, cluster.Version(), ApiJson.Default.VersionResource));

        Get($"{Root}/problems", ApiOperations.Problems, ProblemCatalogue.ListAsync);
        Get($"{ProblemCatalogue.Root}/{{code}}", ApiOperations.Problem, ProblemCatalogue.GetAsync);

        Get("/healthz", ApiOperations.Alive, context => ApiAnswer.WriteTextAsync(context, "alive\n"));
        Get("/readyz", ApiOperations.Ready, context => cluster.NotReady() is { } problem
            ? ApiAnswer.WriteProblemAsync(context, problem, StatusCodes.Status503ServiceUnavailable)
            : ApiAnswer.WriteTextAsync(context, "ready\n"));
        Get(ApiDocument.Path, ApiOperations.Document, async context => await ApiAnswer.WriteJsonAsync(
            context, await context.RequestServices.GetRequiredService<ApiDocument>().BytesAsync()));

        endpoints.Map("/api/{**rest}", guard.Wrap(
            context => ApiAnswer.WriteProblemAsync(
                context,
                new Problem(Reason.VersionMismatch, $"This node ({cluster.Version().Version}) has no {PathText.Escape($"{context.Request.Method} {context.Request.Path}")}."),
                StatusCodes.Status404NotFound),
            Missing));

        void Get(string path, ApiOperation operation, Func<HttpContext, Task> handler) => Describe(endpoints.MapGet(path, guard.Wrap(handler, operation)), operation);

        void Put(string path, ApiOperation operation, Func<HttpContext, Task> handler) => Describe(endpoints.MapPut(path, guard.Wrap(handler, operation)), operation);

        void Post(string path, ApiOperation operation, Func<HttpContext, Task> handler) => Describe(endpoints.MapPost(path, guard.Wrap(handler, operation)), operation);
    }

    private static void Describe(IEndpointConventionBuilder endpoint, ApiOperation operation)
    {
        endpoint.WithMetadata(operation, ((Action)SaidByTheOperation).Method);
        foreach ((int index, Type type) in operation.Types.Index())
        {
            // The framework makes a schema of what an endpoint says it answers. The status says nothing: the operation's own answers replace these.
            endpoint.WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status200OK + index, type));
        }
    }

    // The framework describes endpoints by the method behind them and leaves out those that have none. Ours all have the same; its form says nothing.
    private static void SaidByTheOperation()
    {
    }
}
