using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Hosting;
using ClusterTransfer.Node.Tests.Api.Description;
using ClusterTransfer.TestKit;
using ClusterTransfer.TestKit.Proxy;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>The API of real nodes, asked at the hub and at the other node.</summary>
public sealed class ApiTests
{
    [Fact]
    public async Task Submit_RepeatedWithItsKey_GivesTheSameAnswerAlsoWhileTheNodeIsDown()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Files.Write(Path.Combine(cluster.Source, "file"), 10);
        TransferResource first = await AssertSubmitAsync(cluster.Beta, cluster.BetaToken, "{\"source\":\"src:file\",\"destination\":\"dst:in\"}", HttpStatusCode.Created);
        await cluster.EndOfAsync(first.Id);

        TransferResource atTheOther = await AssertSubmitAsync(cluster.Beta, cluster.BetaToken, "{\"destination\":\"dst:in\",\"source\":\"src:file\"}", HttpStatusCode.OK);
        await cluster.StopBetaAsync();
        TransferResource whileDown = await AssertSubmitAsync(
            cluster.Alpha, cluster.AlphaToken, "{\"source\":\"src:file\",\"destination\":\"dst:in\",\"conflict\":\"Fail\"}", HttpStatusCode.OK);
        ClusterTransferApiException reused = await Assert.ThrowsAsync<ClusterTransferApiException>(
            () => cluster.Client.SubmitAsync(new SubmitTransfer { Source = "src:file", Destination = "dst:elsewhere" }, "nightly", TestContext.Current.CancellationToken));
        ClusterTransferApiException withoutKey = await Assert.ThrowsAsync<ClusterTransferApiException>(() => cluster.SubmitAsync("src:file", "dst:in"));

        Assert.Equal((first.Id, first.Id), (atTheOther.Id, whileDown.Id));
        Assert.Equal((Reason.KeyReused, 13), (reused.Reason, reused.ExitCode));
        Assert.Equal(Reason.NodeUnreachable, withoutKey.Reason);
    }

    [Fact]
    public async Task Submit_RefusedAtFirst_MayBeMendedWithTheSameKey()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Files.Write(Path.Combine(cluster.Source, "file"), 10);
        var wrong = new SubmitTransfer { Source = "src:file", Destination = "nowhere:in" };
        CancellationToken token = TestContext.Current.CancellationToken;

        await Assert.ThrowsAsync<ClusterTransferApiException>(() => cluster.Client.SubmitAsync(wrong, "nightly", token));
        TransferResource mended = await cluster.Client.SubmitAsync(wrong with { Destination = "dst:in" }, "nightly", token);

        Assert.Equal(TransferState.Completed, (await cluster.EndOfAsync(mended.Id)).State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TransferInTheMiddle_IsShownAndHeldAtEitherNode(bool atTheHub)
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxy = true });
        using ClusterTransferClient client = atTheHub ? Cluster.ClientOf(cluster.Alpha, cluster.AlphaToken) : Cluster.ClientOf(cluster.Beta, cluster.BetaToken);
        Files.Write(Path.Combine(cluster.Source, "file"), 6 * Cluster.ChunkSize);
        var gate = new Gate();
        int passed = 0;
        cluster.Proxy.Script = async (frame, cancellationToken) =>
        {
            if (frame.IsChunk && Interlocked.Increment(ref passed) > 2)
            {
                await gate.PassAsync(cancellationToken);
            }

            return FrameFate.Forward;
        };
        CancellationToken token = TestContext.Current.CancellationToken;
        TransferResource submitted = await cluster.SubmitAsync("src:file", "dst:", connections: 1);
        await gate.Reached;
        await cluster.EventAsync(submitted.Id, item => item.Transfer.Progress is { Connections: > 0, ChunksDurable: 2 });
        string id = submitted.Id.Value[..8];

        // While it moves.
        ConnectionReport connection = await ConnectionInUseAsync(client, submitted.Id).WithinDeadline();
        ChunksResource chunks = await client.ChunksAsync(id, token);
        Assert.Equal(new NodeId("beta"), connection.Peer);
        Assert.Equal((submitted.Id, 6L, 2L), (chunks.Transfer, chunks.Found, chunks.Durable));

        // While it is held.
        Assert.Equal(DesiredState.Pause, (await client.PauseAsync(id, token)).Desired);
        await cluster.EventAsync(submitted.Id, item => item.Kind == "paused");
        Assert.Empty(await client.ConnectionsAsync(id, token));
        Assert.Equal(Reason.WrongState, (await Assert.ThrowsAsync<ClusterTransferApiException>(() => client.RetryAsync(id, token))).Reason);
        var held = new TransferListQuery { States = [TransferState.Queued], Location = new LocationName("dst"), Node = new NodeId("beta"), Sort = TransferSort.LatestEndFirst };
        Assert.Equal(submitted.Id, Assert.Single((await client.ListPageAsync(held, token)).Items).Id);
        Assert.Empty((await client.ListPageAsync(held with { Location = new LocationName("shelf") }, token)).Items);

        // To the end.
        gate.Open();
        Assert.Equal(DesiredState.Run, (await client.ResumeAsync(id, token)).Desired);
        Assert.Equal(TransferState.Completed, (await client.WaitAsync(submitted.Id, cancellationToken: token).WithinDeadline()).State);
        Assert.Empty((await client.ChunksAsync(id, token)).Failed);
    }

    [Fact]
    public async Task ChunkThatWasGivenUp_IsShownWithItsEvidenceAndRetriedAtTheOtherNode()
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxy = true });
        using ClusterTransferClient client = Cluster.ClientOf(cluster.Beta, cluster.BetaToken);
        Files.Write(Path.Combine(cluster.Source, "file"), 3 * Cluster.ChunkSize);
        cluster.Proxy.Script = (frame, _) =>
        {
            if (frame.IsChunk && frame.Header.Chunk.Value == 1)
            {
                frame.FlipBody();
            }

            return new(FrameFate.Forward);
        };
        TransferResource failed = await cluster.CopyAsync("src:file", "dst:");

        ChunksResource chunks = await client.ChunksAsync(failed.Id.Value, TestContext.Current.CancellationToken);
        cluster.Proxy.Script = (_, _) => new(FrameFate.Forward);
        TransferResource taken = await client.RetryAsync(failed.Id.Value, TestContext.Current.CancellationToken);
        TransferResource done = await client.WaitAsync(failed.Id, cancellationToken: TestContext.Current.CancellationToken).WithinDeadline();

        FailedChunkResource chunk = Assert.Single(chunks.Failed);
        Assert.Equal(("file", Reason.ChunkCorrupt, (long)Cluster.ChunkSize), (chunk.Path, chunk.Problem.Reason, chunk.Evidence.FileOffset));
        Assert.NotEqual(chunk.Evidence.Expected, chunk.Evidence.Actual);
        Assert.Equal((3L, failed.Progress.ChunksDurable, failed.Progress.ChunksRetried), (chunks.Found, chunks.Durable, chunks.Retried));
        Assert.NotEqual(0, chunks.Retried);
        Assert.Equal((failed.Id, 1, TransferState.Completed), (taken.Id, taken.Retries, done.State));
    }

    [Fact]
    public async Task AnswersOfRealNodes_FitTheDocument()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Files.Write(Path.Combine(cluster.Source, "tree", "new"), 3 * Cluster.ChunkSize);
        Files.Write(Path.Combine(cluster.Source, "tree", "taken"), 10);
        Files.Write(Path.Combine(cluster.Target, "tree", "taken"), 3);
        TransferResource partial = await cluster.CopyAsync("src:tree", "dst:");
        Assert.Equal(TransferState.Partial, partial.State);
        using var client = new HttpClient { BaseAddress = cluster.Beta.ApiAddress };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", cluster.BetaToken);
        DocumentedApi api = DocumentedApi.Parse(await client.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken));

        foreach (DocumentedOperation operation in api.Operations.Where(operation => operation.Method == "GET"))
        {
            JsonProperty content = operation.Answers.Single(answer => answer.Status == 200).Answer.GetProperty("content").EnumerateObject().Single();
            string path = operation.Path.Replace("{id}", partial.Id.Value, StringComparison.Ordinal).Replace("{code}", "key-reused", StringComparison.Ordinal);
            string body = await client.GetStringAsync(path, TestContext.Current.CancellationToken).WithinDeadline();
            (string Json, JsonElement Schema)[] values = content.Name switch
            {
                "application/json" => [(body, content.Value.GetProperty("schema"))],
                "text/event-stream" => [.. body.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => (line[6..], api.Schema("TransferEvent")))],
                _ => [],
            };
            Assert.True(values.Length > 0 || content.Name == "text/plain", $"{operation.Id} gave nothing to look at.");
            Assert.All(values, value =>
            {
                using JsonDocument json = JsonDocument.Parse(value.Json);
                Assert.Empty(api.Problems(json.RootElement, value.Schema).Select(problem => $"{operation.Id}: {problem}"));
            });
        }
    }

    private static async Task<TransferResource> AssertSubmitAsync(NodeHost node, string token, string body, HttpStatusCode status)
    {
        using var client = new HttpClient { BaseAddress = node.ApiAddress };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/transfers") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Add("Idempotency-Key", "nightly");
        using HttpResponseMessage answer = await client.SendAsync(request, TestContext.Current.CancellationToken).WithinDeadline();
        Assert.Equal((status, status == HttpStatusCode.OK), (answer.StatusCode, answer.Headers.Contains("Idempotent-Replay")));
        return JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), ApiJson.Default.TransferResource)!;
    }

    // The source says so with its reports; each shows itself as an event.
    private static async Task<ConnectionReport> ConnectionInUseAsync(ClusterTransferClient client, TransferId id)
    {
        await foreach (TransferEvent _ in client.WatchAsync(id))
        {
            if (await client.ConnectionsAsync(id.Value) is [{ BytesSent: > 0 } connection])
            {
                return connection;
            }
        }

        throw new InvalidOperationException("The transfer ended before anything was sent.");
    }
}
