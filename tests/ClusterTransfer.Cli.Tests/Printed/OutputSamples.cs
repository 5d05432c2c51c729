using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Stages;
using ClusterTransfer.Node.Tests.Api;

namespace ClusterTransfer.Cli.Tests.Printed;

/// <summary>The world of <see cref="FakeNode"/>: one of each thing that is printed, with names that want quotes.</summary>
internal static class OutputSamples
{
    public static readonly TransferResource Active = Samples.Active(Samples.Id) with
    {
        LastEvent = 3, Connections = 4, ConnectionPolicy = ConnectionPolicy.Strict, Retries = 1,
        Progress = Samples.Active(Samples.Id).Progress with { BytesVerified = 900_000_000, ChunksFound = 1300, ChunksDurable = 260 },
    };

    /// <summary>What holds <see cref="Active"/> up, for whoever asks for that transfer alone.</summary>
    public static readonly BottleneckResource Bottleneck = new(
        Stage.Write,
        0.714,
        Samples.Start.AddSeconds(4),
        [new StageShare(Stage.Write, 0.714), new StageShare(Stage.Network, 0.18), new StageShare(Stage.Flush, 0.066), new StageShare(Stage.Read, 0.031), new StageShare(Stage.Hash, 0.009)]);

    public static readonly TransferResource Accepted = Samples.Queued(new TransferId("n5s2v8w3y6z4b7d9"));

    private static readonly TransferId[] Ids = [.. new[] { "p7q4w8r5tzk3m9x2", "q8r5tzk3m9x2p7q4", "r9tzk3m9x2p7q4w8", "s2k3m9x2p7q4w8r5", "t3m9x2p7q4w8r5zk" }.Select(id => new TransferId(id))];

    public static IReadOnlyList<TransferResource> Transfers { get; } =
    [
        Active,
        Samples.Queued(Ids[0]) with { Desired = DesiredState.Pause, Sessions = 2, Epoch = "1.2", LastEvent = 9, Source = "src:fotos/\u6587\u4ef6 \u00e9", ResultName = "no" },
        Samples.Completed(Samples.Active(Ids[1])) with { LastEvent = 6, Progress = Samples.Completed(Active).Progress with { BytesVerified = 4L << 30, ChunksFound = 1300, ChunksDurable = 1300 } },
        Samples.Partial(Samples.Active(Ids[2])) with { LastEvent = 7 },
        Samples.Parked(Samples.Active(Ids[3])) with { LastEvent = 8 },
        Samples.Queued(Ids[4]) with { State = TransferState.Negotiating, Problem = new Problem(Reason.NodeUnreachable, "Node beta is not connected."), NextRetrySeconds = 4.5, LastEvent = 2 },
    ];

    public static IReadOnlyList<NodeResource> Nodes { get; } =
    [
        Samples.Nodes[0] with
        {
            Limits = new NodeLimitsResource
            {
                Node = Samples.Nodes[0].Name, Limit = 20 << 20, Origin = LimitOrigin.Set, InForce = true,
                Peers = [new PeerLimitResource { Peer = new NodeId("beta"), Limit = 512 * 1024 }, new PeerLimitResource { Peer = new NodeId("gamma"), Origin = LimitOrigin.Set }],
            },
        },
        .. Samples.Nodes.Skip(1),
    ];

    public static IReadOnlyList<LocationResource> Locations => Samples.Locations;

    public static IReadOnlyList<ActorResource> Actors => [Samples.Actors];

    public static QueueResource Queue { get; } = new()
    {
        Paused = true, Since = Samples.Start.AddMinutes(5), RunningCount = 1, WaitingCount = 3,
        Waiting =
        [
            Waiting(1, Transfers[1]) with { WaitingSince = Samples.Start.AddMinutes(2) },
            Waiting(2, Transfers[5]) with { WaitingSince = Samples.Start.AddMinutes(1) },
            Waiting(3, Samples.Queued(new TransferId("v3w6y9z2b5d8f1g4"))) with { Problem = new Problem(Reason.QueuePaused, "All transfers hold, because the queue is paused."), WaitingSince = Samples.Start.AddMinutes(5) },
        ],
    };

    public static IReadOnlyList<ConnectionReport> Connections { get; } =
    [
        new(1, new NodeId("beta"), "127.0.0.1:7412", Samples.Start.AddSeconds(1), 700_000_000, 3, 0) { RoundTripMs = 80.25, DeliveryRate = 12_500_000, SentAgain = 0.0123 },
        new(2, new NodeId("beta"), "[fd00::1]:7412", Samples.Start.AddSeconds(2), 378_741_824, 2, 9) { Rests = true },
    ];

    public static ChunksResource Chunks { get; } = new()
    {
        Transfer = Ids[3], Found = 1024, Durable = 1023, Retried = 9,
        Failed = [new FailedChunkResource("sdk/big.bin", new Problem(Reason.ChunkCorrupt, "Chunk 17 arrived damaged 9 times."), new ParkedChunk(17, 17L * (4 << 20), 9, new string('a', 64), new string('b', 64), 12, "alpha", Samples.Start.AddSeconds(40)))],
    };

    private static QueuedTransferResource Waiting(int position, TransferResource transfer) => new()
    {
        Position = position, Id = transfer.Id, Source = transfer.Source, Destination = transfer.Destination, State = transfer.State, Desired = transfer.Desired,
        Problem = transfer.Problem, NextRetrySeconds = transfer.NextRetrySeconds, CreatedAt = transfer.CreatedAt,
    };

    /// <summary>A short story that leads to where the transfer is.</summary>
    public static IReadOnlyList<TransferEvent> EventsOf(TransferResource transfer)
    {
        TransferResource queued = Samples.Queued(transfer.Id) with { Source = transfer.Source, ResultName = transfer.ResultName, LastEvent = 1 };
        TransferResource active = Samples.Active(transfer.Id) with { Source = transfer.Source, ResultName = transfer.ResultName, LastEvent = 2 };
        return
        [
            new(1, Samples.Start, "submitted", "It was accepted.", queued),
            new(2, Samples.Start.AddSeconds(1), "session-opened", "Session 1 opened: 4 connections.", active),
            new(transfer.LastEvent, Samples.Start.AddSeconds(42), transfer.State.IsTerminal() ? "ended" : "chunk-retried", "Chunk 17 of sdk/big.bin is sent again.", transfer),
        ];
    }

    /// <summary>The story of <see cref="Accepted"/>, with its end.</summary>
    public static IReadOnlyList<TransferEvent> StoryTo(Func<TransferResource, TransferResource> end) => EventsOf(end(Accepted) with { LastEvent = 3 });

    public static TransferResource Wish(string wish, TransferResource transfer) => wish switch
    {
        "pause" => transfer with { Desired = DesiredState.Pause },
        "resume" => transfer with { Desired = DesiredState.Run },
        "cancel" => transfer with { Desired = DesiredState.Cancel },
        "limit" => transfer with { Limit = 20 << 20 },
        _ => transfer with { State = TransferState.Queued, Desired = DesiredState.Run, Retries = transfer.Retries + 1, ExitCode = null, Problem = null, EndedAt = null },
    };
}
