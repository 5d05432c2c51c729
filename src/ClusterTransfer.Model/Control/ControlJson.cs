using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClusterTransfer.Model.Control;

/// <summary>JSON of the control plane, generated at build time: no reflection, no open type names.</summary>
/// <remarks>What a peer leaves out or sets to null is refused unless it is optional. The generated code sets every init property, also those the
/// text does not name, so an initializer alone is no default: such a property replaces null itself.</remarks>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = 32, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BusMessage))]
[JsonSerializable(typeof(Member))]
[JsonSerializable(typeof(List<Member>))]
[JsonSerializable(typeof(TransferRequest))]
[JsonSerializable(typeof(TransferProgress))]
[JsonSerializable(typeof(FileIssue))]
[JsonSerializable(typeof(Problem))]
public sealed partial class ControlJson : JsonSerializerContext;
