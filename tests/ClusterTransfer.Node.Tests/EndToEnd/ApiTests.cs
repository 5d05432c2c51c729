using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Hosting;
using ClusterTransfer.TestKit;

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
}
