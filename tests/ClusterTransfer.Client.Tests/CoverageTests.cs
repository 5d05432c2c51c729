using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Tests.Api;
using Microsoft.AspNetCore.Http;

namespace ClusterTransfer.Client.Tests;

/// <summary>The client has a method for every operation of the API, and asks for what the document says.</summary>
public sealed class CoverageTests
{
    private const string Id = "k3m9x2p7q4w8r5tz";

    private static readonly Dictionary<string, Func<ClusterTransferClient, Task>> Calls = new()
    {
        ["submitTransfer"] = client => client.SubmitAsync(new SubmitTransfer { Source = "src:a", Destination = "beta:" }, "key", Token),
        ["listTransfers"] = client => client.ListPageAsync(new TransferListQuery(), Token),
        ["getTransfer"] = client => client.GetAsync(Id, Token),
        ["cancelTransfer"] = client => client.CancelAsync(Id, Token),
        ["pauseTransfer"] = client => client.PauseAsync(Id, Token),
        ["resumeTransfer"] = client => client.ResumeAsync(Id, Token),
        ["retryTransfer"] = client => client.RetryAsync(Id, Token),
        ["limitTransfer"] = client => client.LimitAsync(Id, null, Token),
        ["getQueue"] = client => client.QueueAsync(Token),
        ["pauseQueue"] = client => client.PauseQueueAsync(Token),
        ["resumeQueue"] = client => client.ResumeQueueAsync(Token),
        ["listConnections"] = client => client.ConnectionsAsync(Id, Token),
        ["getChunks"] = client => client.ChunksAsync(Id, Token),
        ["watchTransfer"] = async client => await client.WatchAsync(new TransferId(Id), cancellationToken: Token).GetAsyncEnumerator(Token).MoveNextAsync(),
        ["listNodes"] = client => client.NodesAsync(Token),
        ["limitNode"] = client => client.LimitNodeAsync(new NodeId("alpha"), new LimitNode { Limit = 65536 }, Token),
        ["listLocations"] = client => client.LocationsAsync(Token),
        ["listKept"] = client => client.KeptPageAsync(null, Token),
        ["removeKept"] = client => client.RemoveKeptPageAsync(null, Token),
        ["listActors"] = client => client.ActorsAsync(Token),
        ["getVersion"] = client => client.VersionAsync(Token),
        ["listProblems"] = client => client.ProblemKindsAsync(Token),
        ["getProblem"] = client => client.ProblemKindAsync("key-reused", Token),
        ["isAlive"] = client => client.CheckAliveAsync(Token),
        ["isReady"] = client => client.CheckReadyAsync(Token),
        ["getDocument"] = client => client.OpenApiDocumentAsync(Token),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryOperation_HasAMethodThatAsksForIt()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using ClusterTransferClient client = RequestTests.Connect(server);
        using JsonDocument document = JsonDocument.Parse(await client.OpenApiDocumentAsync(Token));
        string asked = string.Empty;
        await using RawServer refusing = await RawServer.StartAsync(context =>
        {
            asked = $"{context.Request.Method.ToLowerInvariant()} {context.Request.Path}";
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            context.Response.ContentType = "application/problem+json";
            return context.Response.WriteAsync("""{"type":"/problems/unclassified","title":"t","status":500,"detail":"d","code":"unclassified","exitCode":1}""");
        });
        await using var asking = new ClusterTransferClient(new ClientOptions { Address = refusing.Address });

        foreach (JsonProperty path in document.RootElement.GetProperty("paths").EnumerateObject())
        {
            foreach (JsonProperty operation in path.Value.EnumerateObject())
            {
                string id = operation.Value.GetProperty("operationId").GetString()!;
                Assert.True(Calls.TryGetValue(id, out Func<ClusterTransferClient, Task>? call), $"The client has no method for {id}.");
                await Assert.ThrowsAsync<ClusterTransferApiException>(() => call(asking));
                Assert.Equal($"{operation.Name} {path.Name.Replace("{id}", Id, StringComparison.Ordinal).Replace("{name}", "alpha", StringComparison.Ordinal).Replace("{code}", "key-reused", StringComparison.Ordinal)}", asked);
            }
        }
    }
}
