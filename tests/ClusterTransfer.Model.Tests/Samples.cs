using ClusterTransfer.Model.Control;
using ClusterTransfer.Model.Stages;

namespace ClusterTransfer.Model.Tests;

/// <summary>Values with every field set, so that a lost one shows.</summary>
internal static class Samples
{
    public static readonly TransferId Id = new("0123456789abcdef");
    public static readonly Epoch Epoch = new(2, 7);
    public static readonly DateTimeOffset At = new(2024, 2, 29, 12, 34, 56, 789, TimeSpan.Zero);
    public static readonly CommandId Command = new(new Guid("00112233-4455-6677-8899-aabbccddeeff"));
    public static readonly Incarnation Run = new(new Guid("ffeeddcc-bbaa-9988-7766-554433221100"));
    public static readonly Problem Problem = new(Reason.NoSpace, "'in/x' needs 5 bytes.");

    public static readonly TransferProgress Progress = new()
    {
        EntriesFound = 1, FilesFound = 2, BytesFound = long.MaxValue, ScanComplete = true, BytesSent = 4, BytesReceived = 5, BytesDurable = 6, BytesPublished = 7,
        FilesPublished = 8, FilesSkipped = 9, FilesParked = 10, ChunksRetried = 11, Connections = 12, CurrentPath = "a\\x0ab",
    };

    public static readonly FileIssue Issue = new("x", FileState.Parked, Problem)
    {
        Chunk = new ParkedChunk(uint.MaxValue, 1L << 40, 9, new string('a', 64), new string('b', 64), 3, "alpha", At),
    };

    public static readonly TransferRequest Request = new(Address("src:größe/a b"), Address("dst:in"))
    {
        ResultName = "neu", Conflict = ConflictPolicy.Overwrite, Durability = DurabilityLevel.Verified, Connections = 8, ConnectionPolicy = ConnectionPolicy.Strict, Limit = 65536, Weight = 20,
    };

    /// <summary>One of each bus message.</summary>
    public static readonly IReadOnlyList<BusMessage> BusMessages =
    [
        new OpenSession(Id, Epoch)
        {
            CommandId = Command, SessionId = new SessionId(0xdeadbeef), Role = SessionRole.Destination, Target = Run, Peer = new NodeId("beta"),
            PeerDataAddresses = ["a.example.net:7402", "[::1]:1"], Secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)], Request = Request, Round = 2, Rescan = true, Files = ["tree/a"], Limit = 1L << 40,
        },
        new LimitSession(Id, Epoch) { Limit = 65536 },
        new SessionOpened(Id, Epoch, SessionRole.Source, Run),
        new SessionRefused(Id, Epoch, SessionRole.Destination, Problem) { HighestEpoch = new Epoch(3, 0) },
        new StopSession(Id, Epoch, Command, StopIntent.Cancel) { Round = 2, Role = SessionRole.Destination, Destination = Address("dst:in"), Request = Request },
        new SessionProgressed(Id, Epoch, SessionRole.Source, Progress)
        {
            Incarnation = Run, Connections = [new ConnectionReport(3, new NodeId("beta"), "[::1]:7402", At, 1L << 40, 5, 1) { Rests = true, RoundTripMs = 80.25, DeliveryRate = 1L << 30, SentAgain = 0.0123 }], Parked = [Issue], Limit = 65536, HeldBackBy = new HeldBack(LimitScope.Transfer, 65536),
            Stages = new StageReport { Read = 1.5, Network = StageReport.Most, Away = 3, Opening = 1, Blocked = 0.25 },
        },
        new SessionNoted(Id, Epoch, SessionRole.Destination, "chunk-retried", "Chunk 5 came damaged.") { Data = EventData.Of(("chunk", 5), ("why", "damaged")) },
        new SessionDoubted(Id, Epoch, SessionRole.Destination, 2) { Incarnation = Run },
        new SessionConfirmed(Id, Epoch, SessionRole.Destination, 2) { Incarnation = Run },
        new SessionEnded(Id, Epoch, SessionRole.Destination, SessionEnd.Failed) { Problem = Problem, Progress = Progress, Issues = [Issue] },
        new OutcomeRecorded(Id, Epoch, SessionRole.Source) { TransferEnded = true, Keep = true, Destination = Address("dst:") },
        new ForgetLeftover(Id, Epoch, SessionRole.Destination) { UnusedFor = TimeSpan.FromDays(7) },
        new HubRequest(Command, HubOperations.Submit, "{\"a\":1}"),
        new HubReply(Command, "{}", Problem),
    ];

    public static TransferAddress Address(string text) => TransferAddress.TryParse(text, out TransferAddress? address, out string? problem) ? address : throw new ArgumentException(problem);
}
