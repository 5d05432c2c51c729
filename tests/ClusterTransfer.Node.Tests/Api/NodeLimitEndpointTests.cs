using System.Net;
using System.Text;
using System.Text.Json;
using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Node.Tests.Api;

/// <summary>The limit of a node over HTTP: only what says a limit sets one, and only a written null takes one away.</summary>
public sealed class NodeLimitEndpointTests
{
    [Theory]
    [InlineData("""{"limit":20971520}""", 20_971_520L, null, null)]
    [InlineData("""{"limit":null}""", null, null, null)]
    [InlineData("""{"limit":null,"peer":"beta"}""", null, "beta", null)]
    [InlineData("""{"configured":true,"peer":"beta"}""", null, "beta", true)]
    [InlineData("""{"configured":false,"limit":65536}""", 65_536L, null, null)]
    public async Task Put_ThatSaysALimit_IsTaken(string body, long? limit, string? peer, bool? configured)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();

        (HttpStatusCode status, _) = await PutAsync(server, "alpha", body);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(new LimitNode { Limit = limit, Peer = peer is null ? null : new NodeId(peer), Configured = configured }, server.Transfers.NodeLimited);
    }

    [Theory]
    [InlineData("{}", "limit is missing")]
    [InlineData("""{"peer":"beta"}""", "limit is missing")]
    [InlineData("""{"configured":false}""", "limit is missing")]
    [InlineData("""{"limit":0}""", "limit is 0; want a whole number")]
    [InlineData("""{"limit":-1}""", "limit is -1")]
    [InlineData("""{"limit":"20M"}""", "limit is ")]
    [InlineData("""{"limit":65535}""", "limit is 65535")]
    [InlineData("""{"limit":65536,"configured":true}""", "both there")]
    [InlineData("""{"configured":1}""", "configured is 1")]
    [InlineData("""{"limit":65536,"peer":"Beta 1"}""", "want the name of a node")]
    [InlineData("""{"limit":65536,"rate":1}""", "There is no field 'rate'")]
    [InlineData("[]", "want an object")]
    public async Task Put_OfAnythingElse_IsRefusedAndChangesNothing(string body, string detail)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();

        (HttpStatusCode status, string answer) = await PutAsync(server, "alpha", body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(detail, JsonDocument.Parse(answer).RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Null(server.Transfers.NodeLimited);
    }

    [Fact]
    public async Task Nodes_WhereTheHubDoesNotAnswer_AreShownWithoutLimits()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var client = new ClusterTransferClient(new ClientOptions { Address = server.Address, Token = ApiTestServer.TokenText });
        server.Transfers.NodeLimits[new NodeId("alpha")] = new NodeLimitsResource { Node = new NodeId("alpha"), Limit = 1_000_000, InForce = true };
        Assert.Equal(1_000_000, (await client.NodesAsync(TestContext.Current.CancellationToken))[0].Limits!.Limit);

        server.Transfers.Failure = new ClusterTransferException(Reason.HubUnreachable, "The hub did not answer in time.");

        Assert.All(await client.NodesAsync(TestContext.Current.CancellationToken), node => Assert.Null(node.Limits));
    }

    private static async Task<(HttpStatusCode Status, string Body)> PutAsync(ApiTestServer server, string node, string body)
    {
        using var client = new HttpClient { BaseAddress = server.Address };
        using var request = new HttpRequestMessage(HttpMethod.Put, $"api/v1/nodes/{node}/limit") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", ApiTestServer.TokenText);
        using HttpResponseMessage answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
