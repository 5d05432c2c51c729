using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Node.Tests.Api;

/// <summary>Fixed resources: the same in the tests of the API, the client and the command line.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Start = new(2026, 3, 14, 9, 26, 53, TimeSpan.Zero);

    public static readonly TransferId Id = new("k3m9x2p7q4w8r5tz");

    public static IReadOnlyList<NodeResource> Nodes { get; } =
    [
        new NodeResource
        {
            Name = new NodeId("alpha"), State = "up", Roles = ["hub", "mover"], Version = "0.1.0", DataAddresses = ["127.0.0.1:7402"],
            Locations = [new LocationName("src")], Incarnation = new Incarnation(new Guid("11111111-2222-3333-4444-555555555555")),
        },
        new NodeResource
        {
            Name = new NodeId("beta"), State = "unreachable", Roles = ["mover"], Version = "0.1.0", DataAddresses = ["127.0.0.1:7412", "192.0.2.7:7412"],
            Locations = [new LocationName("beta")],
        },
    ];

    public static IReadOnlyList<LocationResource> Locations { get; } =
    [
        new LocationResource { Name = new LocationName("src"), Node = new NodeId("alpha"), ReadOnly = true, Folder = "/srv/src" },
        new LocationResource
        {
            Name = new LocationName("beta"), Node = new NodeId("beta"), ReadOnly = false, Problem = new Problem(Reason.NodeUnreachable, "Node beta is not connected."),
        },
    ];

    public static ActorResource Actors { get; } = new()
    {
        Path = "/", Type = "RootGuardian", State = "Running", MailboxDepth = 0, Restarts = 0,
        Children =
        [
            new ActorResource
            {
                Path = "/user", Type = "UserGuardian", State = "Running", MailboxDepth = 0, Restarts = 0,
                Children =
                [
                    new ActorResource { Path = "/user/coordinators", Type = "CoordinatorsActor", State = "Active", MailboxDepth = 3, Restarts = 0 },
                    new ActorResource { Path = "/user/peers", Type = "PeersActor", State = "Active", MailboxDepth = 0, Restarts = 2, LastFailure = "Connection reset." },
                ],
            },
            new ActorResource { Path = "/system", Type = "SystemGuardian", State = "Running", MailboxDepth = 0, Restarts = 0 },
        ],
    };

    public static IReadOnlyList<ConnectionReport> Connections { get; } =
    [
        new ConnectionReport(1, new NodeId("beta"), "192.0.2.7:7412", Start.AddSeconds(1), 512_000_000, 2, 0),
        new ConnectionReport(12, new NodeId("beta"), "192.0.2.7:7412", Start.AddSeconds(3), 561_741_824, 1, 3) { Rests = true, RoundTripMs = 12.5, DeliveryRate = 31_000_000, SentAgain = 0.02 },
    ];

    /// <summary>One for each reason to be there.</summary>
    public static IReadOnlyList<KeptResource> Kept { get; } =
    [
        .. Enum.GetValues<KeptReason>().Select((why, i) => new KeptResource
        {
            Node = new NodeId("beta"),
            Place = i == 0 ? KeptResource.Outgoing : "dst:",
            Name = why == KeptReason.Foreign ? "lost+found" : $"k3m9p7q4x2vwa8z{i}",
            Transfer = why == KeptReason.Foreign ? null : new TransferId($"k3m9p7q4x2vwa8z{i}"),
            State = why switch
            {
                KeptReason.Running => TransferState.Active,
                KeptReason.Retryable => TransferState.Failed,
                KeptReason.Ended => TransferState.Completed,
                _ => null,
            },
            Bytes = 1_000_000 * i,
            LastWrittenAt = Start,
            Why = why,
        }),
    ];

    public static TransferResource Queued(TransferId id) => new()
    {
        Id = id, Source = "src:sdk", Destination = "beta:in", ResultName = "sdk", State = TransferState.Queued, Desired = DesiredState.Run,
        Durability = DurabilityLevel.Flushed, CreatedAt = Start,
    };

    public static TransferResource Active(TransferId id) => Queued(id) with
    {
        State = TransferState.Active, SourceNode = new NodeId("alpha"), DestinationNode = new NodeId("beta"), Epoch = "1.1", Sessions = 1, StartedAt = Start.AddSeconds(1),
        Progress = new TransferProgress
        {
            EntriesFound = 1200, FilesFound = 1000, BytesFound = 4L << 30, ScanComplete = true, BytesSent = (1L << 30) + 5_000_000, BytesReceived = 1L << 30,
            BytesDurable = 1L << 30, BytesPublished = 900_000_000, FilesPublished = 250, ChunksRetried = 2, Connections = 4, CurrentPath = "sdk/10.0.401/Roslyn/bincore/csc.dll",
        },
        CurrentRate = 110_000_000, AverageRate = 95_000_000, PeakRate = 130_000_000, EtaSeconds = 29, LastEvent = 0,
    };

    public static TransferResource Completed(TransferResource transfer) => transfer with
    {
        State = TransferState.Completed, StartedAt = Start.AddSeconds(1), EndedAt = Start.AddSeconds(42), ExitCode = 0,
        Progress = new TransferProgress
        {
            EntriesFound = 1200, FilesFound = 1000, BytesFound = 4L << 30, ScanComplete = true, BytesSent = 4L << 30, BytesReceived = 4L << 30, BytesDurable = 4L << 30,
            BytesPublished = 4L << 30, FilesPublished = 1000, Connections = 4,
        },
        CurrentRate = 0, AverageRate = 104_755_299, PeakRate = 130_000_000, EtaSeconds = null,
    };

    public static TransferResource Partial(TransferResource transfer) => Completed(transfer) with
    {
        State = TransferState.Partial, ExitCode = 4, Problem = new Problem(Reason.PartlyDelivered, "2 of 1000 files were not delivered."),
        Progress = Completed(transfer).Progress with { BytesPublished = 4_000_000_000, FilesPublished = 998, FilesSkipped = 1, FilesParked = 1 },
        Issues =
        [
            new FileIssue("sdk/a.txt", FileState.Skipped, new Problem(Reason.DestinationExists, "The name sdk/a.txt is taken.")),
            new FileIssue("sdk/b.bin", FileState.Parked, new Problem(Reason.SourceChanged, "sdk/b.bin changed while it was read.")),
        ],
    };

    public static TransferResource Parked(TransferResource transfer) => Completed(transfer) with
    {
        State = TransferState.Failed, ExitCode = 6, Problem = new Problem(Reason.ChunkCorrupt, "Chunk 17 of sdk/big.bin arrived damaged 9 times."),
        Progress = Completed(transfer).Progress with { FilesFound = 1, FilesPublished = 0, FilesParked = 1, BytesPublished = 0, BytesDurable = (4L << 30) - (4 << 20), ChunksFound = 1024, ChunksDurable = 1023, ChunksRetried = 9 },
        Issues =
        [
            new FileIssue("sdk/big.bin", FileState.Parked, new Problem(Reason.ChunkCorrupt, "Chunk 17 arrived damaged 9 times."))
            {
                Chunk = new ParkedChunk(17, 17L * (4 << 20), 9, new string('a', 64), new string('b', 64), 12, "alpha", Start.AddSeconds(40)),
            },
        ],
    };
}
