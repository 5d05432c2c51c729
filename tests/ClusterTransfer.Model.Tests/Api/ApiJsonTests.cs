using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Stages;

namespace ClusterTransfer.Model.Tests.Api;

public sealed class ApiJsonTests
{
    private static readonly TransferResource Transfer = new()
    {
        Id = Samples.Id, Source = "src:x", Destination = "dst:in", ResultName = "x", State = TransferState.Active, Desired = DesiredState.Cancel,
        Conflict = ConflictPolicy.Skip, Durability = DurabilityLevel.Received, Connections = 4, ConnectionPolicy = ConnectionPolicy.Strict, Limit = 65536, Weight = 20, LimitIgnoredBy = new NodeId("alpha"), HeldBackBy = new HeldBack(LimitScope.Node, 65536) { Share = 32768, SharedWith = 1 },
        Bottleneck = new BottleneckResource(Stage.Write, 0.7, Samples.At, [new StageShare(Stage.Write, 0.7), new StageShare(Stage.Network, 0.3)]), Retries = 2, SourceNode = new NodeId("alpha"), DestinationNode = new NodeId("beta"),
        Epoch = "1.2", Sessions = 3, CreatedAt = Samples.At, StartedAt = Samples.At, EndedAt = Samples.At, Progress = Samples.Progress,
        CurrentRate = 1, AverageRate = 2, PeakRate = 3, EtaSeconds = 1.5, Problem = Samples.Problem, WaitingSince = Samples.At, NextRetrySeconds = 0.5, Issues = [Samples.Issue], ExitCode = 6, LastEvent = 42,
    };

    [Fact]
    public void SubmitTransfer_RoundTrips()
    {
        SubmitTransfer body = AssertRoundTrip(
            new SubmitTransfer { Source = "a", Destination = "b", As = "c", Conflict = ConflictPolicy.Overwrite, Durability = DurabilityLevel.Verified, Connections = 4, ConnectionPolicy = ConnectionPolicy.Strict, Limit = 65536 },
            ApiJson.Default.SubmitTransfer);
        Assert.Equal(4, body.Connections);
    }

    [Fact]
    public void LimitNode_OfNoLimit_SaysSo() =>
        Assert.Equal("{\"peer\":\"beta\",\"limit\":null}", JsonSerializer.Serialize(AssertRoundTrip(new LimitNode { Peer = new NodeId("beta") }, ApiJson.Default.LimitNode), ApiJson.Default.LimitNode));

    [Fact]
    public void LimitTransfer_OfNoLimit_SaysSo() =>
        Assert.Equal("{\"limit\":null}", JsonSerializer.Serialize(AssertRoundTrip(new LimitTransfer { Limit = null }, ApiJson.Default.LimitTransfer), ApiJson.Default.LimitTransfer));

    [Fact]
    public void SubmitTransfer_LeastBody_TakesDefaults()
    {
        SubmitTransfer? body = JsonSerializer.Deserialize("{\"source\":\"a:b\",\"destination\":\"c:d\"}", ApiJson.Default.SubmitTransfer);
        Assert.Equal(new SubmitTransfer { Source = "a:b", Destination = "c:d" }, body);
    }

    [Theory]
    [InlineData("{\"source\":\"a:b\"}")]
    [InlineData("{\"source\":\"a:b\",\"destination\":\"c:d\",\"conflict\":\"Explode\"}")]
    [InlineData("{\"source\":\"a:b\",\"destination\":\"c:d\",\"conflict\":99}")]
    [InlineData("{\"source\":\"a:b\",\"destination\":\"c:d\",\"durability\":\"99\"}")]
    [InlineData("{\"source\":\"a:b\",\"destination\":\"c:d\",\"connections\":\"many\"}")]
    [InlineData("null")]
    public void SubmitTransfer_Bad_IsRefused(string json)
    {
        SubmitTransfer? body = null;
        Exception? error = Record.Exception(() => body = JsonSerializer.Deserialize(json, ApiJson.Default.SubmitTransfer));
        Assert.True(error is JsonException || body is null);
    }

    [Fact]
    public void TransferResource_RoundTripsWithEveryField()
    {
        TransferResource back = AssertRoundTrip(Transfer, ApiJson.Default.TransferResource);
        Assert.Equal(Transfer with { Issues = back.Issues, Bottleneck = back.Bottleneck }, back);
        Assert.Equal(Transfer.Bottleneck! with { Stages = back.Bottleneck!.Stages }, back.Bottleneck);
        Assert.Equal(Transfer.Bottleneck.Stages, back.Bottleneck.Stages);
        Assert.Equal(Samples.Issue, Assert.Single(back.Issues));
        JsonObject json = JsonNode.Parse(JsonSerializer.Serialize(Transfer, ApiJson.Default.TransferResource))!.AsObject();
        Assert.Equal(typeof(TransferResource).GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)).Order(), json.Select(property => property.Key).Order());
        Assert.Equal("Active", json["state"]!.GetValue<string>());
        Assert.Equal("no-space", json["problem"]!["reason"]!.GetValue<string>());
    }

    [Fact]
    public void TransferResource_OfANewerNode_IsStillRead()
    {
        JsonObject json = JsonNode.Parse(JsonSerializer.Serialize(Transfer, ApiJson.Default.TransferResource))!.AsObject();
        json["addedLater"] = new JsonObject { ["x"] = 1 };
        json["problem"]!["reason"] = "reason-added-later";
        TransferResource? back = JsonSerializer.Deserialize(json.ToJsonString(), ApiJson.Default.TransferResource);
        Assert.Equal(Reason.Unclassified, back!.Problem!.Reason);
        Assert.Equal(Transfer.Id, back.Id);
    }

    [Fact]
    public void TransferResource_OfAnOlderNode_TakesDefaults()
    {
        const string Json = """
            {"id":"0123456789abcdef","source":"ab:x","destination":"cd:y","resultName":"x","state":"Queued","desired":"Run","createdAt":"2024-01-01T00:00:00Z"}
            """;
        TransferResource? back = JsonSerializer.Deserialize(Json, ApiJson.Default.TransferResource);
        Assert.Equal(1, back!.SchemaVersion);
        Assert.Equal(new TransferProgress(), back.Progress);
        Assert.Empty(back.Issues);
        Assert.Equal("0.0", back.Epoch);
    }

    [Fact]
    public void PagesAndEvents_RoundTrip()
    {
        AssertRoundTrip(new TransferPage { Items = [Transfer], NextCursor = "c" }, ApiJson.Default.TransferPage);
        var entry = new TransferEvent(7, Samples.At, "session-opened", "A session opened.", Transfer);
        AssertRoundTrip(entry, ApiJson.Default.TransferEvent);
        AssertRoundTrip(new TransferEvents([entry], 7), ApiJson.Default.TransferEvents);
    }

    [Fact]
    public void ClusterResources_RoundTrip()
    {
        AssertRoundTrip(
            new ResourceList<NodeResource>([new NodeResource { Name = new NodeId("alpha"), State = "up", Roles = ["hub"], Version = "1", DataAddresses = ["h:1"], Locations = [new LocationName("src")], Incarnation = Samples.Run }]),
            ApiJson.Default.ResourceListNodeResource);
        AssertRoundTrip(
            new ResourceList<LocationResource>([new LocationResource { Name = new LocationName("src"), Node = new NodeId("alpha"), ReadOnly = true, Folder = "/srv", Problem = Samples.Problem }]),
            ApiJson.Default.ResourceListLocationResource);
        var child = new ActorResource { Path = "/user/a", Type = "A", State = "Active", MailboxDepth = 1, Restarts = 2, LastFailure = "x" };
        AssertRoundTrip(new ResourceList<ActorResource>([child with { Path = "/user", Children = [child] }]), ApiJson.Default.ResourceListActorResource);
        AssertRoundTrip(new ProblemResource { Type = "/problems/no-space", Title = "t", Status = 507, Detail = "d", Code = "no-space", Remedy = "r", ExitCode = 12 }, ApiJson.Default.ProblemResource);
        AssertRoundTrip(new VersionResource("0.1.0", new NodeId("alpha"), 1), ApiJson.Default.VersionResource);
    }

    private static T AssertRoundTrip<T>(T value, JsonTypeInfo<T> type)
    {
        string json = JsonSerializer.Serialize(value, type);
        T? back = JsonSerializer.Deserialize(json, type);
        Assert.NotNull(back);
        Assert.Equal(json, JsonSerializer.Serialize(back, type));
        return back;
    }
}
