using System.Text.Json;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Model.Tests.Transfers;

public sealed class TransferPoliciesTests
{
    private static readonly TransferPolicies Own = new()
    {
        ChunkRetry = new() { Attempts = 5, PauseMin = TimeSpan.FromMilliseconds(20), PauseMax = TimeSpan.FromSeconds(3) },
        Acknowledgement = new() { Timeout = TimeSpan.FromSeconds(1.5), Repeats = 2 },
        BadChunks = new() { Limit = 7, Decay = BadChunkDecay.Both, GoodPerBad = 4, ForgiveAfter = TimeSpan.FromMinutes(5) },
        Progress = new() { Bytes = 1, Within = TimeSpan.FromHours(1) },
        Drain = new() { Limit = TimeSpan.FromSeconds(0.25) },
        Checkpoint = new() { Bytes = 1 << 20, Interval = TimeSpan.FromSeconds(2.5) },
    };

    [Fact]
    public void Request_WithPolicies_SurvivesTheControlPlane()
    {
        TransferRequest request = Request() with { Policies = Own };

        string json = JsonSerializer.Serialize(request, ControlJson.Default.TransferRequest);

        Assert.Equal(request, JsonSerializer.Deserialize(json, ControlJson.Default.TransferRequest));
        Assert.Contains("\"pauseMinSeconds\":0.02", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Request_WithoutPolicies_WritesNone()
    {
        Assert.DoesNotContain("policies", JsonSerializer.Serialize(Request(), ControlJson.Default.TransferRequest), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"badChunks":{}}""")]
    [InlineData("""{"chunkRetry":{"attempts":0,"pauseMinSeconds":0,"pauseMaxSeconds":-1},"acknowledgement":{"timeoutSeconds":1e300,"repeats":-5},"badChunks":{"limit":0,"goodPerBad":0,"forgiveAfterSeconds":-0.5},"progress":{"bytes":0,"withinSeconds":0},"drain":{"limitSeconds":-1},"checkpoint":{"bytes":-1,"intervalSeconds":0}}""")]
    public void Read_WhatIsMissingOrImpossible_IsTheDefaultAndNeverUnlimited(string json)
    {
        TransferRequest? read = JsonSerializer.Deserialize(
            $$"""{"source":"src:a","destination":"dst:b","policies":{{json}}}""", ControlJson.Default.TransferRequest);

        Assert.Equal(TransferPolicies.Default, read!.Policies);
    }

    [Fact]
    public void Resource_OfBeforeThereWerePolicies_ShowsTheDefaults()
    {
        TransferResource? read = JsonSerializer.Deserialize(
            """{"id":"0000000000000001","source":"src:a","destination":"dst:b","resultName":"a","state":"Active","desired":"Run","createdAt":"2030-01-02T12:00:00+00:00"}""",
            ApiJson.Default.TransferResource);

        Assert.Equal(TransferPolicies.Default, read!.Policies);
    }

    private static TransferRequest Request() => Samples.Request;
}
