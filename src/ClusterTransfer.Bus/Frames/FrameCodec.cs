using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Bus.Frames;

/// <summary>Envelopes and messages to bytes and back, with the limits applied.</summary>
internal static class FrameCodec
{
    /// <summary>Version of the link's protocol that this build speaks.</summary>
    public const int ProtocolVersion = 1;

    /// <summary>Room for an envelope around a message: version, kind, two names.</summary>
    public const int EnvelopeOverhead = 512;

    public static byte[] Encode(Envelope envelope) => JsonSerializer.SerializeToUtf8Bytes(envelope, FrameJson.Default.Envelope);

    public static byte[] Encode(string kind) => Encode(new Envelope { Version = ProtocolVersion, Kind = kind });

    public static byte[] EncodeRefusal(Problem problem) =>
        Encode(new Envelope { Version = ProtocolVersion, Kind = Envelope.Refuse, Problem = problem });

    public static byte[] EncodeMessage(NodeId from, BusTarget to, JsonElement message) => Encode(new Envelope
    {
        Version = ProtocolVersion,
        Kind = Envelope.BusMessage,
        From = from,
        To = TargetText.Of(to),
        Message = message,
    });

    /// <summary>A message of one peer for another, as it came; null when it holds text that no JSON can be made of.</summary>
    /// <remarks>Reading passes over fields it does not know, so half a surrogate in one of those shows only here.</remarks>
    public static byte[]? TryEncodeRelayed(NodeId from, BusTarget to, JsonElement message, out Problem? problem)
    {
        try
        {
            problem = null;
            return EncodeMessage(from, to, message);
        }
        catch (JsonException)
        {
            problem = new Problem(Reason.ProtocolViolation, $"A message of {from} holds text that is not Unicode; it was not passed on.");
            return null;
        }
    }

    /// <summary>The message as JSON.</summary>
    /// <exception cref="ClusterTransferException"><see cref="Reason.LimitReached"/>: larger than its kind may be.</exception>
    public static (JsonElement Json, int Bytes) EncodeBody(BusMessage message, BusOptions options)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(message, ControlJson.Default.BusMessage);
        if (json.Length > LimitOf(message, options))
        {
            throw new ClusterTransferException(
                Reason.LimitReached, $"A {message.GetType().Name} of {json.Length} bytes is larger than the bus carries ({LimitOf(message, options)}).");
        }

        Utf8JsonReader reader = new(json);
        return (JsonElement.ParseValue(ref reader), json.Length);
    }

    /// <summary>Reads a frame; a problem when it is none.</summary>
    public static Envelope? TryDecode(ReadOnlySpan<byte> frame, out Problem? problem)
    {
        problem = null;
        try
        {
            Envelope? envelope = JsonSerializer.Deserialize(frame, FrameJson.Default.Envelope);
            if (envelope is null || envelope.Version != ProtocolVersion)
            {
                problem = WrongVersion(envelope?.Version ?? 0);
                return null;
            }

            return envelope;
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or FormatException or TimeoutException)
        {
            // A frame of another version may have another shape: say that, not that it is broken.
            int version = VersionOf(frame);
            problem = version is not 0 and not ProtocolVersion
                ? WrongVersion(version)
                : new Problem(Reason.ProtocolViolation, "A frame on the bus is not valid JSON of its kind.");
            return null;
        }
    }

    /// <summary>Reads the message of a frame; a problem when its type is unknown, its shape wrong, or it is too large.</summary>
    public static BusMessage? TryDecodeBody(Envelope envelope, int frameBytes, BusOptions options, out Problem? problem)
    {
        try
        {
            BusMessage? message = envelope.Message?.Deserialize(ControlJson.Default.BusMessage);
            problem = message is null
                ? new Problem(Reason.ProtocolViolation, "A frame on the bus has no message.")
                : frameBytes > LimitOf(message, options) + EnvelopeOverhead
                    ? new Problem(Reason.LimitReached, $"A {message.GetType().Name} of {frameBytes} bytes is larger than the bus carries.")
                    : null;
            return problem is null ? message : null;
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or FormatException or TimeoutException)
        {
            // A time-out: the serializer matches a name that starts with a digit against a pattern, for 200 ms at most, and a busy machine may take longer.
            problem = new Problem(Reason.VersionMismatch, "A message on the bus is of a type or shape that this version does not know.");
            return null;
        }
    }

    private static int LimitOf(BusMessage message, BusOptions options) =>
        message is HubReply ? options.MaxReplyBytes : options.MaxMessageBytes;

    private static Problem WrongVersion(int theirs) => new(
        Reason.VersionMismatch, $"The peer speaks version {theirs} of the bus protocol, this node version {ProtocolVersion}.");

    private static int VersionOf(ReadOnlySpan<byte> frame)
    {
        try
        {
            return JsonSerializer.Deserialize(frame, FrameJson.Default.EnvelopeVersion)?.Version ?? 0;
        }
        catch (JsonException)
        {
            return 0;   // not JSON at all
        }
    }
}

/// <summary>Targets as text: <c>hub</c>, <c>node/NAME</c>, <c>coordinator/ID</c>.</summary>
internal static class TargetText
{
    private const string NodePrefix = "node/";
    private const string CoordinatorPrefix = "coordinator/";

    public static string Of(BusTarget target) => target switch
    {
        BusTarget.Node node => NodePrefix + node.Id.Value,
        BusTarget.Coordinator coordinator => CoordinatorPrefix + coordinator.Transfer.Value,
        _ => "hub",
    };

    public static BusTarget? TryParse(string? text)
    {
        if (text == "hub")
        {
            return new BusTarget.Hub();
        }

        if (text?.StartsWith(NodePrefix, StringComparison.Ordinal) == true && NodeId.TryParse(text[NodePrefix.Length..], null, out NodeId node))
        {
            return new BusTarget.Node(node);
        }

        return text?.StartsWith(CoordinatorPrefix, StringComparison.Ordinal) == true
            && TransferId.TryParse(text[CoordinatorPrefix.Length..], null, out TransferId transfer)
            ? new BusTarget.Coordinator(transfer)
            : null;
    }
}
