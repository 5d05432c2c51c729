using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Bus.Frames;

/// <summary>One frame of a link: a text message of the WebSocket holding this as JSON.</summary>
/// <remarks>Which fields are set depends on <see cref="Kind"/>: announce (Member), welcome (Member, Members), members (Members),
/// message (From, To, Message), refuse (Problem), ping, pong.</remarks>
internal sealed record Envelope : IJsonOnDeserialized
{
    public const string Announce = "announce";
    public const string Welcome = "welcome";
    public const string MembersChanged = "members";
    public const string BusMessage = "message";
    public const string Refuse = "refuse";
    public const string Ping = "ping";
    public const string Pong = "pong";

    /// <summary>Version of the link's protocol; both ends have the same.</summary>
    public required int Version { get; init; }

    public required string Kind { get; init; }

    /// <summary>Set by the hub on everything it passes on; whatever a sender puts there is overwritten.</summary>
    public NodeId? From { get; init; }

    /// <summary>See <see cref="TargetText"/>.</summary>
    public string? To { get; init; }

    /// <summary>A <see cref="Model.Control.BusMessage"/>; read separately, so that one of an unknown type is dropped without ending the link.</summary>
    public JsonElement? Message { get; init; }

    public Member? Member { get; init; }

    public List<Member>? Members { get; init; }

    public Problem? Problem { get; init; }

    void IJsonOnDeserialized.OnDeserialized() => WholeList.Require(Members, nameof(Members));
}

/// <summary>What can be read of a frame of any version.</summary>
internal sealed record EnvelopeVersion
{
    public int Version { get; init; }
}

/// <summary>JSON of frames; the control messages in them are <see cref="ControlJson"/>'s.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = 32, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Envelope))]
[JsonSerializable(typeof(EnvelopeVersion))]
internal sealed partial class FrameJson : JsonSerializerContext;
