using System.Text;
using System.Text.Json;
using ClusterTransfer.Bus;
using ClusterTransfer.Bus.Frames;
using ClusterTransfer.Fuzz.Bytes;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Model.Stages;

namespace ClusterTransfer.Fuzz.Control;

/// <summary>Frames of the bus: one with each message, and ones that are wrong.</summary>
internal static class ControlSeeds
{
    private static readonly TransferId Id = new("0123456789abcdef");
    private static readonly NodeId Alpha = new("alpha");
    private static readonly Epoch Some = new(1, 2);
    private static readonly Incarnation Run = new(new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
    private static readonly Problem Problem = new(Reason.SourceChanged, "it \"changed\" \u0001 ä");

    public static IEnumerable<BusMessage> Messages()
    {
        TransferRequest request = new(Address("data:a/b"), Address("other:")) { ResultName = "x", Connections = 8, Conflict = ConflictPolicy.Skip };
        yield return new OpenSession(Id, Some)
        {
            CommandId = CommandId.Parse("0123456789abcdef0123456789abcdef", null), SessionId = new SessionId(7), Role = SessionRole.Source, Target = Run, Peer = Alpha,
            PeerDataAddresses = ["beta:7402", "[::1]:1"], Secret = [1, 2, 3], Request = request, Round = 1, Rescan = true, Files = ["a/b"],
        };
        yield return new SessionOpened(Id, Some, SessionRole.Destination, Run);
        yield return new SessionRefused(Id, Some, SessionRole.Source, Problem) { HighestEpoch = new Epoch(uint.MaxValue, uint.MaxValue) };
        yield return new LimitSession(Id, Some) { Limit = 20_000_000 };
        yield return new StopSession(Id, Some, CommandId.Parse("0123456789abcdef0123456789abcdef", null), StopIntent.Cancel) { Role = SessionRole.Source, Destination = Address("data:ä"), Request = request };
        yield return new SessionProgressed(Id, Some, SessionRole.Source, Progress()) { Incarnation = Run, Stages = new StageReport { Read = 7.5, Network = 0.125, Away = 16, Blocked = 1 } };
        yield return new SessionNoted(Id, Some, SessionRole.Source, "slow-disk", "a disk is slow")
        {
            Data = new Dictionary<string, JsonElement> { ["path"] = JsonElement.Parse("\"a/b\""), ["bytes"] = JsonElement.Parse("5"), ["parts"] = JsonElement.Parse("[1, {\"x\": null}]") },
        };
        yield return new SessionEnded(Id, Some, SessionRole.Destination, SessionEnd.Failed)
        {
            Problem = Problem, Progress = Progress(), Issues = [new FileIssue("a/b", FileState.Parked, Problem)],
        };
        yield return new OutcomeRecorded(Id, Some, SessionRole.Source) { TransferEnded = true, Destination = Address("data:") };
        yield return new ForgetLeftover(Id, Some, SessionRole.Source) { UnusedFor = TimeSpan.FromDays(30) };
        yield return new HubRequest(CommandId.Parse("0123456789abcdef0123456789abcdef", null), HubOperations.List, "{\"query\":{}}");
        yield return new HubReply(CommandId.Parse("0123456789abcdef0123456789abcdef", null), "{}", Problem);
        yield return new SessionDoubted(Id, Some, SessionRole.Destination, int.MaxValue) { Incarnation = Run };
        yield return new SessionConfirmed(Id, Some, SessionRole.Destination, int.MinValue) { Incarnation = Run };
    }

    public static IEnumerable<Seed> All(BusOptions options)
    {
        string[] targets = ["hub", "node/alpha", "coordinator/0123456789abcdef"];
        int number = 0;
        foreach (BusMessage message in Messages())
        {
            JsonElement json = FrameCodec.EncodeBody(message, options).Json;
            BusTarget to = TargetText.TryParse(targets[number++ % 3]) ?? throw new InvalidOperationException("The targets above are right.");
            yield return new Seed(message.GetType().Name, FrameCodec.EncodeMessage(Alpha, to, json));
        }

        yield return new Seed("ping", FrameCodec.Encode(Envelope.Ping));
        yield return new Seed("refuse", FrameCodec.EncodeRefusal(Problem));
        yield return new Seed("welcome", FrameCodec.Encode(new Envelope
        {
            Version = 1, Kind = Envelope.Welcome,
            Member = new Member(Alpha, Run) { IsHub = true, Version = "1", DataAddresses = ["alpha:1"], Locations = [new MemberLocation(new LocationName("data"), true) { Problem = Problem }] },
            Members = [new Member(new NodeId("beta"), Run)],
        }));
        foreach (string text in Wrong())
        {
            yield return new Seed(text.Length > 40 ? text[..40] : text, Encoding.Latin1.GetBytes(text));
        }
    }

    private static IEnumerable<string> Wrong()
    {
        yield return "";
        yield return "null";
        yield return "[]";
        yield return "{\"version\":2,\"kind\":5}";
        yield return "{\"version\":\"x\"}";
        yield return "{\"version\":1e99,\"kind\":\"ping\"}";
        yield return "{\"version\":1,\"kind\":null}";
        yield return "{\"version\":1,\"kind\":\"message\",\"to\":\"hub\"}";
        yield return "{\"version\":1,\"kind\":\"message\",\"to\":\"hub\",\"message\":null}";
        yield return "{\"version\":1,\"kind\":\"message\",\"to\":\"hub\",\"message\":{}}";
        yield return "{\"version\":1,\"kind\":\"message\",\"to\":\"hub\",\"message\":{\"type\":\"none-of-ours\"}}";
        yield return "{\"version\":1,\"kind\":\"message\",\"to\":\"hub\",\"message\":{\"type\":\"hub-request\",\"requestId\":\"0123456789abcdef0123456789abcdef\",\"operation\":\"\\ud800\",\"body\":\"\"}}";
        yield return "{\"version\":1,\"kind\":\"message\",\"to\":\"hub\",\"message\":{\"type\":\"hub-request\",\"requestId\":\"0123456789abcdef0123456789abcdef\",\"operation\":\"\u00C3(\",\"body\":\"\"}}";
        yield return "{\"version\":1,\"kind\":\"message\",\"to\":\"node/alpha\",\"message\":{\"type\":\"hub-reply\",\"requestId\":\"0123456789abcdef0123456789abcdef\",\"later\":\"\\ud800\"}}";
        yield return "{\"version\":1,\"kind\":\"message\",\"to\":\"node/alpha\",\"message\":{\"type\":\"hub-reply\",\"requestId\":\"0123456789abcdef0123456789abcdef\",\"\\udc00\":1,\"later\":\"\u00FF\"}}";
        yield return "{\"version\":1,\"kind\":\"\u00FF\"}";

        yield return "{\"version\":1,\"kind\":\"members\",\"members\":[null]}";
        yield return "{\"version\":1,\"kind\":\"announce\",\"member\":{\"node\":\"beta\",\"incarnation\":\"00000001000200030405060708090a0b\",\"locations\":[null]}}";
        yield return "{\"version\":1,\"kind\":\"message\",\"to\":\"hub\",\"message\":{\"type\":\"session-progressed\",\"transferId\":\"0123456789abcdef\",\"epoch\":{\"coordinator\":1,\"session\":1},"
            + "\"role\":\"Source\",\"progress\":{},\"connections\":[null]}}";

        yield return "{\"version\":1,\"kind\":\"message\",\"to\":\"hub\",\"message\":{\"type\":\"session-noted\",\"transferId\":\"0123456789abcdef\",\"epoch\":{\"coordinator\":1,\"session\":1},"
            + "\"role\":\"Source\",\"kind\":\"k\",\"text\":\"t\",\"data\":{\"x\":\"\\ud800\"}}}";

        yield return "{\"version\":1,\"kind\":\"message\",\"to\":\"hub\",\"message\":{\"type\":\"session-noted\",\"transferId\":\"0123456789abcdef\",\"epoch\":{\"coordinator\":1,\"session\":1},"
            + $"\"role\":\"Source\",\"kind\":\"k\",\"text\":\"t\",\"data\":{{\"x\":\"{new string('x', 255)}\\ud83d\\ude00\"}}}}}}";

        // Length -1, 0, 2^31-1, 2^32, 2^63-1 where numbers stand.
        foreach (string number in (string[])["-1", "0", "2147483647", "4294967296", "9223372036854775807", "9223372036854775808", "1e30", "0.5", "-0"])
        {
            yield return $"{{\"version\":{number},\"kind\":\"ping\"}}";
            yield return $"{{\"version\":1,\"kind\":\"message\",\"to\":\"hub\",\"message\":{{\"type\":\"session-opened\",\"transferId\":\"0123456789abcdef\",\"epoch\":{{\"coordinator\":{number},\"session\":1}},"
                + "\"role\":\"Source\",\"incarnation\":\"00000001000200030405060708090a0b\"}}";
            yield return $"{{\"version\":1,\"kind\":\"message\",\"to\":\"hub\",\"message\":{{\"type\":\"session-progressed\",\"transferId\":\"0123456789abcdef\",\"epoch\":{{\"coordinator\":1,\"session\":1}},"
                + $"\"role\":\"Source\",\"progress\":{{\"bytesSent\":{number},\"connections\":1}}}}}}";
        }

        foreach (int depth in (int[])[31, 32, 33, 64, 1000, 20_000])
        {
            yield return $"{{\"version\":1,\"kind\":\"message\",\"to\":\"hub\",\"message\":{new string('[', depth)}{new string(']', depth)}}}";
            yield return $"{string.Concat(Enumerable.Repeat("{\"message\":", depth))}1{new string('}', depth)}";
        }

        yield return $"{{\"version\":1,\"kind\":\"{new string('k', 70_000)}\"}}";
        yield return $"{{\"version\":1,\"kind\":\"message\",\"to\":\"hub\",\"message\":{{\"type\":\"session-noted\",\"transferId\":\"0123456789abcdef\",\"epoch\":{{\"coordinator\":1,\"session\":1}},\"role\":\"Source\","
            + $"\"kind\":\"k\",\"text\":\"{new string('t', 70_000)}\"}}}}";
    }

    private static TransferAddress Address(string text) =>
        TransferAddress.TryParse(text, out TransferAddress? address, out string? problem) ? address : throw new ArgumentException(problem);

    private static TransferProgress Progress() => new() { EntriesFound = 5, BytesFound = long.MaxValue, CurrentPath = "a/b", Connections = 3 };
}
