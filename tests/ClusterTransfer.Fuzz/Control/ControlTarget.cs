using System.Text;
using System.Text.Json;
using ClusterTransfer.Bus;
using ClusterTransfer.Bus.Frames;
using ClusterTransfer.Fuzz.Bytes;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Fuzz.Control;

/// <summary>A frame of the message bus: it is refused with a problem, or read; then it can be relayed, and its message is written again as the same message.</summary>
public sealed class ControlTarget : ByteTarget
{
    private const int PerByte = 80;
    private const int Besides = 24 * 1024;

    private readonly BusOptions _options = new();
    private readonly Seed[] _messages;

    public ControlTarget() => _messages = [.. ControlSeeds.All(_options).Take(ControlSeeds.Messages().Count() + 3)];

    public override string Name => "control";

    public override IReadOnlyList<ParserPart> Parser { get; } =
    [
        new("ClusterTransfer.Bus.Frames.FrameCodec", "TryDecode", "TryDecodeBody", "LimitOf", "VersionOf", "WrongVersion"),
        new("ClusterTransfer.Bus.Frames.TargetText", "TryParse"),
        new("ClusterTransfer.Model.IdJsonConverter`1", "Read", "Parse"),
        new("ClusterTransfer.Model.TransferAddressJsonConverter", "Read"),
        new("ClusterTransfer.Model.TransferAddress", "TryParse"),
        new("ClusterTransfer.Model.TransferId", "TryParse", "IsValid"),
        new("ClusterTransfer.Model.NodeId", "TryParse"),
        new("ClusterTransfer.Model.LocationName", "TryParse"),
        new("ClusterTransfer.Model.NameRules"),
        new("ClusterTransfer.Model.CommandId", "TryParse"),
        new("ClusterTransfer.Model.Incarnation", "TryParse"),
        new("ClusterTransfer.Model.EventData", "Fit", "TryGetText", "TextOf"),
    ];

    protected override bool IsText => true;

    protected override IReadOnlyList<byte[]> Pieces { get; } =
    [
        .. ((string[])["{", "}", "[", "]", ":", ",", "\"", "null", "true", "false", "\\", "\\u0000", "\\ud800", "\\\"", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "\"type\":\"hub-reply\",", "\"version\":1,",
            "\"Source\"", "\"Source, Destination\"", "\"source\"", "-", "e5", ".", "\"data:../x\"", "\"data:a/b\"", "\"a:b\"", "\"x\"", "{}", "[]", "\u00e4", "\ufeff", "//", "\n", ",}",
            "\"message\":", "\"transferId\":null,", "\"epoch\":null,", "\"to\":\"node/-\",", "\"to\":\"coordinator/x\",", "\"to\":\"elsewhere\","])
        .Select(Encoding.UTF8.GetBytes), [0xFF], [0xC3], [0xED, 0xA0, 0x80],
    ];

    protected override IEnumerable<Seed> Seeds => ControlSeeds.All(_options);

    public override bool Try(byte[] input, int choice)
    {
        Allocation allocation = Allocation.Begin();
        Envelope? envelope = FrameCodec.TryDecode(input, out Problem? problem);
        BusMessage? message = null;
        Problem? bodyProblem = null;
        if (envelope is not null)
        {
            message = FrameCodec.TryDecodeBody(envelope, input.Length, _options, out bodyProblem);
        }

        allocation.End(input.Length, PerByte, Besides);
        Check(envelope is null == problem is not null, "A frame is refused with a problem, and only then.");
        if (envelope is null)
        {
            return false;
        }

        Check(envelope.Kind is not null && envelope.Members?.Contains(null!) is not true, "A frame without its parts was accepted."); // null is what is looked for
        BusTarget? to = TargetText.TryParse(envelope.To);
        Check(to is null || TargetText.Of(to) == envelope.To, "A target written again is another one.");
        Check(message is null == bodyProblem is not null, "A message is refused with a problem, and only then.");
        if (message is null)
        {
            return envelope.Kind is not Envelope.BusMessage;
        }

        CheckMessage(envelope, message, to);
        return true;
    }

    protected override byte[] MakeUp(Random random)
    {
        byte[] message = _messages[random.Next(_messages.Length)].Bytes;
        return JsonMaker.WithOtherValues(message, random);
    }

    private static void CheckMessage(Envelope envelope, BusMessage message, BusTarget? to)
    {
        // The hub passes on what it could read; the link it came by must not end for it.
        byte[]? relayed = FrameCodec.TryEncodeRelayed(new NodeId("alpha"), to ?? new BusTarget.Hub(), envelope.Message!.Value, out Problem? problem); // a message was read from it
        Check(relayed is null == problem is not null && (relayed is null || FrameCodec.TryDecode(relayed, out _) is not null), "A frame passed on is none any more.");
        if (message is SessionNoted noted)
        {
            // Its data is free JSON until it has been cut down to what an event may have.
            message = noted with { Data = EventData.Fit(noted.Data) };
        }

        byte[] written = JsonSerializer.SerializeToUtf8Bytes(message, ControlJson.Default.BusMessage);
        Check(!HasNull(written), "A message with a list of nothing was accepted.");
        BusMessage? second = JsonSerializer.Deserialize(written, ControlJson.Default.BusMessage);
        byte[] again = JsonSerializer.SerializeToUtf8Bytes(second!, ControlJson.Default.BusMessage); // written above
        Check(written.AsSpan().SequenceEqual(again), "A message read and written twice is not the same.");
    }

    // Properties that are null are not written, so this is one in a list.
    private static bool HasNull(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("null"u8) < 0)
        {
            return false;
        }

        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Null)
            {
                return true;
            }
        }

        return false;
    }

    private static void Check(bool holds, string problem)
    {
        if (!holds)
        {
            throw new FuzzException(problem);
        }
    }
}
