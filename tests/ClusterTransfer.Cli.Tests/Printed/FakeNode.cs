using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Tests.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace ClusterTransfer.Cli.Tests.Printed;

/// <summary>Answers like a node whose world never changes: what it says is given, byte for byte the same in every run.</summary>
internal sealed class FakeNode : IAsyncDisposable
{
    private const string Root = "/api/v1/";

    private readonly WebApplication _app;
    private readonly List<string> _requests = [];
    private readonly Dictionary<TransferId, int> _told = [];

    private FakeNode(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    /// <summary>The transfers as they are listed.</summary>
    public IReadOnlyList<TransferResource> Transfers { get; set; } = OutputSamples.Transfers;

    /// <summary>Transfers that go on while somebody follows them: each stream is told the next chapter. After the first the transfer is as the coming chapter begins, after the last as that ended.</summary>
    public Dictionary<TransferId, IReadOnlyList<IReadOnlyList<TransferEvent>>> Stories { get; } = [];

    /// <summary>Paths below /api/v1/ that are answered with a problem, with what it is about.</summary>
    public Dictionary<string, Problem> Problems { get; } = [];

    /// <summary>What a wish makes of a transfer.</summary>
    public Func<string, TransferResource, TransferResource> Wish { get; set; } = OutputSamples.Wish;

    /// <summary>Why it cannot work; null when it can.</summary>
    public Problem? NotReady { get; set; }

    public IReadOnlyList<NodeResource> Nodes { get; set; } = OutputSamples.Nodes;

    public IReadOnlyList<LocationResource> Locations { get; set; } = OutputSamples.Locations;

    public IReadOnlyList<ActorResource> Actors { get; set; } = OutputSamples.Actors;

    public IReadOnlyList<ConnectionReport> Connections { get; set; } = OutputSamples.Connections;

    public IReadOnlyList<KeptResource> Kept { get; set; } = Samples.Kept;

    public ChunksResource Chunks { get; set; } = OutputSamples.Chunks;

    public QueueResource Queue { get; set; } = OutputSamples.Queue;

    public string? NextCursor { get; set; }

    /// <summary>Method and path with query of all requests so far.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public static async Task<FakeNode> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        var node = new FakeNode(app);
        app.Run(node.AnswerAsync);
        await app.StartAsync();
        node.Address = new Uri(app.Urls.Single());
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/readyz")
        {
            return NotReady is { } notReady ? RefuseAsync(context, notReady) : context.Response.WriteAsync("ready\n");
        }

        string path = context.Request.Path.Value![Root.Length..];
        lock (_requests)
        {
            _requests.Add($"{context.Request.Method} {path}{context.Request.QueryString}");
        }

        if (Problems.TryGetValue(path, out Problem? problem))
        {
            return RefuseAsync(context, problem);
        }

        string[] parts = path.Split('/');
        return (context.Request.Method, parts) switch
        {
            ("GET", ["nodes"]) => WriteAsync(context, new ResourceList<NodeResource>(Nodes), ApiJson.Default.ResourceListNodeResource),
            ("PUT", ["nodes", var name, "limit"]) => LimitAsync(context, new NodeId(name)),
            ("GET", ["locations"]) => WriteAsync(context, new ResourceList<LocationResource>(Locations), ApiJson.Default.ResourceListLocationResource),
            ("GET", ["actors"]) => WriteAsync(context, new ResourceList<ActorResource>(Actors), ApiJson.Default.ResourceListActorResource),
            ("GET", ["kept"]) => WriteAsync(context, new KeptPage { Items = Kept }, ApiJson.Default.KeptPage),
            ("POST", ["kept", "remove"]) => WriteAsync(
                context,
                new KeptPage { Items = [.. Kept.Select(one => one with { Removed = one.Why is KeptReason.Ended or KeptReason.Unknown })] },
                ApiJson.Default.KeptPage),
            ("GET", ["version"]) => WriteAsync(context, new VersionResource("0.1.0", new NodeId("alpha"), 1), ApiJson.Default.VersionResource),
            ("GET", ["transfers"]) => WriteAsync(context, new TransferPage { Items = Listed(context.Request.Query["state"]), NextCursor = NextCursor }, ApiJson.Default.TransferPage),
            ("GET", ["queue"]) => WriteAsync(context, Queue, ApiJson.Default.QueueResource),
            ("POST", ["queue", var wish]) => WriteAsync(context, Queue with { Paused = wish == "pause" }, ApiJson.Default.QueueResource),
            ("POST", ["transfers"]) => WriteAsync(context, OutputSamples.Accepted, ApiJson.Default.TransferResource),
            (_, ["transfers", var id, ..]) when Find(id) is null => RefuseAsync(context, new Problem(Reason.TransferUnknown, $"There is no transfer '{id}'.")),
            ("GET", ["transfers", var id]) => WriteAsync(context, Alone(Find(id)!), ApiJson.Default.TransferResource),
            ("GET", ["transfers", _, "connections"]) => WriteAsync(context, new ResourceList<ConnectionReport>(Connections), ApiJson.Default.ResourceListConnectionReport),
            ("GET", ["transfers", _, "chunks"]) => WriteAsync(context, Chunks, ApiJson.Default.ChunksResource),
            ("GET", ["transfers", var id, "events"]) => TellAsync(context, Find(id)!),
            ("POST", ["transfers", var id, var wish]) => WriteAsync(context, Wish(wish, Find(id)!), ApiJson.Default.TransferResource),
            _ => RefuseAsync(context, new Problem(Reason.VersionMismatch, $"This node has no {context.Request.Method} {path}.")),
        };
    }

    // What a node that is configured with nothing would answer.
    private static async Task LimitAsync(HttpContext context, NodeId node)
    {
        LimitNode limit = await JsonSerializer.DeserializeAsync(context.Request.Body, ApiJson.Default.LimitNode, context.RequestAborted) ?? throw new JsonException();
        await WriteAsync(
            context,
            new NodeLimitsResource
            {
                Node = node, InForce = limit.Configured is not true, Limit = limit.Peer is null ? limit.Limit : null, Origin = limit is { Peer: null, Configured: null } ? LimitOrigin.Set : LimitOrigin.Configuration,
                Peers = limit.Peer is { } peer ? [new PeerLimitResource { Peer = peer, Limit = limit.Limit, Origin = LimitOrigin.Set }] : [],
            },
            ApiJson.Default.NodeLimitsResource);
    }

    private IReadOnlyList<TransferResource> Listed(string? states) =>
        string.IsNullOrEmpty(states) ? Transfers : [.. Transfers.Where(transfer => states.Split(',').Contains(transfer.State.ToString()))];

    private static TransferResource Alone(TransferResource transfer) =>
        ReferenceEquals(transfer, OutputSamples.Active) ? transfer with { Bottleneck = OutputSamples.Bottleneck } : transfer;

    private TransferResource? Find(string prefix)
    {
        TransferResource? transfer = Transfers.Append(OutputSamples.Accepted).FirstOrDefault(known => known.Id.Value.StartsWith(prefix, StringComparison.Ordinal));
        lock (_requests)
        {
            return transfer is null || !_told.TryGetValue(transfer.Id, out int told) ? transfer
                : told < Stories[transfer.Id].Count ? Stories[transfer.Id][told][0].Transfer
                : Stories[transfer.Id][^1][^1].Transfer;
        }
    }

    private async Task TellAsync(HttpContext context, TransferResource transfer)
    {
        context.Response.ContentType = "text/event-stream";
        long after = context.Request.Headers.TryGetValue("Last-Event-ID", out var text) ? long.Parse(text!) : 0;
        IReadOnlyList<TransferEvent> story = OutputSamples.EventsOf(transfer);
        lock (_requests)
        {
            if (Stories.TryGetValue(transfer.Id, out IReadOnlyList<IReadOnlyList<TransferEvent>>? chapters))
            {
                int chapter = _told.GetValueOrDefault(transfer.Id);
                story = chapter < chapters.Count ? chapters[chapter] : [];
                _told[transfer.Id] = chapter + 1;
            }
        }

        foreach (TransferEvent item in story.Where(item => item.Sequence == 0 || item.Sequence > after))
        {
            string id = item.Sequence > 0 ? $"id: {item.Sequence}\n" : string.Empty;
            await context.Response.WriteAsync($"{id}event: {item.Kind}\ndata: {JsonSerializer.Serialize(item, ApiJson.Default.TransferEvent)}\n\n");
        }
    }

    private static Task RefuseAsync(HttpContext context, Problem problem)
    {
        ReasonInfo info = problem.Reason.Info();
        context.Response.StatusCode = info.HttpStatus;
        return WriteAsync(
            context,
            new ProblemResource
            {
                Type = $"/problems/{info.Code}", Title = info.Title, Status = info.HttpStatus, Detail = problem.Detail, Code = info.Code, Remedy = info.Remedy, ExitCode = info.ExitCode,
            },
            ApiJson.Default.ProblemResource,
            "application/problem+json");
    }

    private static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type, string contentType = "application/json")
    {
        context.Response.ContentType = contentType;
        return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(value, type))).AsTask();
    }
}
