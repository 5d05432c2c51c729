using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Node.Api;

namespace ClusterTransfer.Node.Hosting;

/// <summary>Arguments and answers of the API requests that other nodes pass to the hub.</summary>
internal static class HubCalls
{
    public sealed record Submit(SubmitTransfer Body, string? IdempotencyKey = null);

    public sealed record List(TransferListQuery Query);

    public sealed record ById(string IdOrPrefix);

    public sealed record Kept(bool Remove, string? Cursor = null);

    public sealed record KeptHere(string? Cursor = null, int Limit = KeptPage.MaxItems);

    public sealed record Retry(string IdOrPrefix, RetryTransfer? What = null);

    public sealed record Limit(string IdOrPrefix, long? BytesPerSecond = null);

    public sealed record NodeLimit(NodeId Node, LimitNode Limit);

    public sealed record Nothing;

    public sealed record Events(TransferId Id, long After, double WaitSeconds, long? View = null);
}

// What a node of another version leaves out is refused as not understood; it must not become a null that nobody expects.
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, MaxDepth = 32, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HubCalls.Submit))]
[JsonSerializable(typeof(SubmitResult))]
[JsonSerializable(typeof(HubCalls.List))]
[JsonSerializable(typeof(HubCalls.ById))]
[JsonSerializable(typeof(HubCalls.Kept))]
[JsonSerializable(typeof(HubCalls.KeptHere))]
[JsonSerializable(typeof(HubCalls.Retry))]
[JsonSerializable(typeof(HubCalls.Limit))]
[JsonSerializable(typeof(HubCalls.NodeLimit))]
[JsonSerializable(typeof(SetNodeLimits))]
[JsonSerializable(typeof(HubCalls.Nothing))]
[JsonSerializable(typeof(HubCalls.Events))]
internal sealed partial class HubCallsJson : JsonSerializerContext;
