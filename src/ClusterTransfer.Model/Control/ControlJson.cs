using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClusterTransfer.Model.Control;

/// <summary>JSON of the control plane, generated at build time: no reflection, no open type names.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = 32, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BusMessage))]
[JsonSerializable(typeof(Member))]
[JsonSerializable(typeof(List<Member>))]
[JsonSerializable(typeof(TransferRequest))]
[JsonSerializable(typeof(TransferProgress))]
[JsonSerializable(typeof(FileIssue))]
[JsonSerializable(typeof(Problem))]
public sealed partial class ControlJson : JsonSerializerContext;
