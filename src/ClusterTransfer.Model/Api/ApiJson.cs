using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClusterTransfer.Model.Api;

/// <summary>JSON of the public API, generated at build time: the client starts fast and both ends agree.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = 32, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SubmitTransfer))]
[JsonSerializable(typeof(TransferResource))]
[JsonSerializable(typeof(TransferPage))]
[JsonSerializable(typeof(TransferEvent))]
[JsonSerializable(typeof(TransferEvents))]
[JsonSerializable(typeof(EventDetails))]
[JsonSerializable(typeof(ResourceList<NodeResource>))]
[JsonSerializable(typeof(ResourceList<LocationResource>))]
[JsonSerializable(typeof(ResourceList<ActorResource>))]
[JsonSerializable(typeof(ResourceList<ConnectionReport>))]
[JsonSerializable(typeof(ResourceList<ProblemKindResource>))]
[JsonSerializable(typeof(ProblemKindResource))]
[JsonSerializable(typeof(KeptPage))]
[JsonSerializable(typeof(ForgetKept))]
[JsonSerializable(typeof(ForgottenKept))]
[JsonSerializable(typeof(ChunksResource))]
[JsonSerializable(typeof(QueueResource))]
[JsonSerializable(typeof(QueuedTransferResource))]
[JsonSerializable(typeof(RetryTransfer))]
[JsonSerializable(typeof(LimitTransfer))]
[JsonSerializable(typeof(LimitNode))]
[JsonSerializable(typeof(NodeLimitsResource))]
[JsonSerializable(typeof(ResourceList<NodeLimitsResource>))]
[JsonSerializable(typeof(ProblemResource))]
[JsonSerializable(typeof(VersionResource))]
public sealed partial class ApiJson : JsonSerializerContext;
