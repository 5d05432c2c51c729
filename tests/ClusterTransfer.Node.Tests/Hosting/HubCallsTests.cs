using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Api;
using ClusterTransfer.Node.Hosting;
using ClusterTransfer.Node.Tests.Api;

namespace ClusterTransfer.Node.Tests.Hosting;

public sealed class HubCallsTests
{
    [Fact]
    public void List_RoundTrips()
    {
        var query = new TransferListQuery
        {
            States = [TransferState.Active], Location = new LocationName("src"), Node = new NodeId("alpha"), CreatedAfter = Samples.Start, Sort = TransferSort.EarliestEndFirst, Limit = 7, Cursor = "x",
        };

        HubCalls.List back = JsonSerializer.Deserialize(JsonSerializer.Serialize(new HubCalls.List(query), HubCallsJson.Default.List), HubCallsJson.Default.List)!;

        Assert.Equal(query.States, back.Query.States);
        Assert.Equal(query, back.Query with { States = query.States });
    }

    [Theory]
    [InlineData(null)]
    [InlineData("key")]
    public void Submit_RoundTrips(string? key)
    {
        var call = new HubCalls.Submit(new SubmitTransfer { Source = "src:a", Destination = "beta:", ConnectionPolicy = ConnectionPolicy.Strict }, key);

        Assert.Equal(call, JsonSerializer.Deserialize(JsonSerializer.Serialize(call, HubCallsJson.Default.Submit), HubCallsJson.Default.Submit));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void SubmitResult_RoundTrips(bool isReplay)
    {
        var result = new SubmitResult(Samples.Parked(Samples.Active(Samples.Id)), isReplay);

        SubmitResult back = JsonSerializer.Deserialize(JsonSerializer.Serialize(result, HubCallsJson.Default.SubmitResult), HubCallsJson.Default.SubmitResult)!;

        Assert.Equal(isReplay, back.IsReplay);
        Assert.Equal(result.Transfer.Issues, back.Transfer.Issues);
        Assert.Equal(result.Transfer, back.Transfer with { Issues = result.Transfer.Issues });
    }

    [Theory]
    [InlineData("""{"state":"Active","limit":50}""")]
    [InlineData("""{"query":null}""")]
    [InlineData("""{"query":{"states":[4]}}""")]
    [InlineData("""{"query":{"sort":"Sideways"}}""")]
    public void List_OfAnotherVersion_IsNotUnderstood(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, HubCallsJson.Default.List));
}
