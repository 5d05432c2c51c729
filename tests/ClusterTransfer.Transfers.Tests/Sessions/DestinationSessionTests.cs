using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Hashing;
using ClusterTransfer.Wire.Manifests;
using SessionRole = ClusterTransfer.Model.Control.SessionRole;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>What a destination answers, and how it ends.</summary>
public sealed class DestinationSessionTests
{
    private static readonly ManifestPage First = new(
        0, 0, 0, Manifests.MiB, default, [new ManifestEntry(EntryKind.Folder, Manifests.Path("tree"), 0, 0x1ed, 0, default, default), Manifests.Entry("tree/a", Manifests.MiB)]);

    private static readonly ManifestPage Second = new(
        1, 2, 1, Manifests.MiB, ManifestCodec.HashOf(ManifestCodec.Encode(First)), [Manifests.Entry("tree/b", Manifests.MiB)]);

    [Fact]
    public async Task Page_BeforeItsPredecessor_IsAskedForAgain()
    {
        await using SessionBench bench = await OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();

        bench.Say(connection, FrameType.ManifestPage, ManifestCodec.Encode(Second), entry: 1);

        (FrameHeader header, byte[] body) = await bench.NextAsync(FrameType.Nack);
        Assert.True(NackBody.TryRead(body, out NackBody? nack));
        Assert.Equal((NackReason.NotReady, 1u, NackBody.NoChunk), (nack.Reason, header.Entry.Value, header.Chunk));
        bench.Say(connection, FrameType.ManifestPage, ManifestCodec.Encode(First));
        bench.Say(connection, FrameType.ManifestPage, ManifestCodec.Encode(Second), entry: 1);
        Assert.Equal(0, await AnsweredAsync(bench));
        Assert.Equal(1, await AnsweredAsync(bench));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task File_ThatIsParked_IsAnsweredAsAPublishedOne(bool digestFirst)
    {
        // Arrange
        await using SessionBench bench = await OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        bench.Say(connection, FrameType.ManifestPage, ManifestCodec.Encode(First));
        await AnsweredAsync(bench);
        var file = new EntryIndex(1);
        byte[] done = new FileDoneBody([(file, Samples.SomeDigest)]).ToArray();
        byte[] failed = new SourceChangedBody([(file, Reason.SourceChanged, "it changed")]).ToArray();

        // Act
        bench.Say(connection, digestFirst ? FrameType.FileDone : FrameType.SourceChanged, digestFirst ? done : failed);
        bench.Say(connection, digestFirst ? FrameType.SourceChanged : FrameType.FileDone, digestFirst ? failed : done);

        // Assert
        (FrameHeader header, byte[] body) = await bench.NextAsync(FrameType.FileDone);
        Assert.True(FileDoneBody.TryRead(body, out FileDoneBody? answer));
        Assert.True(header.Flags.HasFlag(FrameFlags.Reply));
        Assert.Equal(file, Assert.Single(answer.Files).Entry);
    }

    [Theory]
    [InlineData(Reason.LimitReached, StopCode.Suspended)]
    [InlineData(Reason.NoSpace, StopCode.Failed)]
    [InlineData(Reason.ProtocolViolation, StopCode.Failed)]
    public async Task Page_Refused_EndsByWhatTheReasonSays(Reason reason, StopCode code)
    {
        await using SessionBench bench = await OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();

        bench.Tell(new DestinationProtocol.PageRefused(new Problem(reason, "no")), bench.ConnectionActor.Ref);

        (_, byte[] body) = await bench.NextAsync(FrameType.Stop);
        Assert.True(StopBody.TryRead(body, out StopBody? stop));
        Assert.Equal((code, reason), (stop.Code, stop.Reason));
    }

    // A transfer of which nothing came is forgotten by its nodes. What the close put in place would then be in the way of a retry.
    [Fact]
    [Trait("row", "D5")]
    public async Task Failure_EndsWithWhatTheCloseMadeDurable()
    {
        await using SessionBench bench = await OpenAsync();
        await BringFirstChunkAsync(bench);

        bench.FailStep(new ClusterTransferException(Reason.DiskError, "the next write failed"));

        await bench.RestAsync();
        SessionEnded ended = bench.Told().OfType<SessionEnded>().Last();
        Assert.Equal((SessionEnd.Failed, (long)Manifests.MiB), (ended.End, ended.Progress.BytesDurable));
    }

    [Fact]
    [Trait("row", "D3")]
    public async Task D3_PageThatDoesNotFit_AfterTheFirstByte_Suspends()
    {
        await using SessionBench bench = await OpenAsync();
        ConnectionHandle connection = await BringFirstChunkAsync(bench);

        bench.Say(connection, FrameType.ManifestPage, ManifestCodec.Encode(Second with { Entries = [Manifests.Entry("tree/b", 1L << 45)] }), entry: 1);

        (_, byte[] body) = await bench.NextAsync(FrameType.Stop);
        Assert.True(StopBody.TryRead(body, out StopBody? stop));
        Assert.Equal((StopCode.Suspended, Reason.NoSpace), (stop.Code, stop.Reason));
        Assert.Contains("'dst'", stop.Detail, StringComparison.Ordinal);
        await bench.RestAsync();
        SessionEnded ended = bench.Told().OfType<SessionEnded>().Last();
        Assert.Equal((SessionEnd.Suspended, Reason.NoSpace, (long)Manifests.MiB), (ended.End, ended.Problem?.Reason, ended.Progress.BytesReceived));
    }

    [Fact]
    [Trait("row", "D3")]
    public async Task D3_OpenedWhileWhatIsMissingDoesNotFit_EndsBeforeTheSourceHearsOfIt()
    {
        // Arrange: an earlier session took on a file that fitted then.
        await using var bench = new SessionsBench();
        ManifestPage page = First with { Entries = [First.Entries[0], Manifests.Entry("tree/a", 1L << 45)] };
        using (IncomingTransfer earlier = IncomingTransfer.Open(
            bench.Services.Locations.Get(new LocationName("dst")), Samples.Request.Destination.Path, Samples.Id, new Epoch(1, 1),
            new IncomingOptions { FreeSpaceMarginBytes = -(1L << 46) }, TimeProvider.System))
        {
            Assert.Null(earlier.AcceptPage(ManifestCodec.Encode(page)).Problem);
            earlier.Close();
        }

        // Act
        await bench.SendAsync(SessionsBench.Open(SessionRole.Destination, 2));

        // Assert
        SessionEnded ended = bench.ToldOnce<SessionEnded>();
        Assert.Equal((SessionEnd.Suspended, Reason.NoSpace), (ended.End, ended.Problem?.Reason));
        Assert.Empty(bench.AskedOfPeers().OfType<PeerProtocol.Attach>());
    }

    [Fact]
    public async Task ChunksLost_MoreThanTheQueueHolds_AreAllAskedForOverOneConnection()
    {
        const int Lost = 1_000;
        await using SessionBench bench = await OpenAsync();
        await bench.JoinAsync();

        bench.Tell(
            new DestinationProtocol.Reverified([.. Enumerable.Range(0, Lost).Select(i => new ChunkIndex((uint)i))], More: false), bench.ConnectionActor.Ref);

        var asked = new HashSet<ChunkIndex>();
        while (asked.Count < Lost)
        {
            Assert.True(asked.Add((await bench.NextAsync(FrameType.Nack)).Header.Chunk));
        }

        Assert.False(bench.ConnectionActor.HasMessages);
    }

    [Theory]
    [InlineData(FrameType.ManifestPage, ControlGate.MaxPages, SessionRole.Destination)]
    [InlineData(FrameType.FileDone, ControlGate.MaxFrames, SessionRole.Destination)]
    [InlineData(FrameType.Credit, ControlGate.MaxFrames, SessionRole.Source)]
    public async Task Frames_MoreThanTheSessionHasDealtWith_Wait(FrameType type, int most, SessionRole role)
    {
        // Arrange: the session's actor does not run until the test lets it.
        await using SessionBench bench = SessionBench.Create(new SessionOptions(), role);
        await bench.OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        await bench.Kit.SettleAsync(waitForTasks: true);
        var pool = new BufferPool(Manifests.MiB);
        byte[] body = type switch
        {
            FrameType.ManifestPage => ManifestCodec.Encode(First),
            FrameType.FileDone => new FileDoneBody([(new EntryIndex(1), Samples.SomeDigest)]).ToArray(),
            _ => new CreditBody(Manifests.MiB).ToArray(),
        };

        // Act, assert
        for (int i = 0; i < most; i++)
        {
            Assert.True((await SendAsync()).IsCompletedSuccessfully);
        }

        Task waiting = await SendAsync();
        Assert.False(waiting.IsCompleted);
        await bench.Kit.RunAsync(waiting);
        for (int i = 0; i < 2 * most; i++)
        {
            await bench.Kit.RunAsync(await SendAsync());
        }

        async Task<Task> SendAsync()
        {
            BufferLease lease = await pool.RentAsync(body.Length, CancellationToken.None);
            body.CopyTo(lease.Memory);
            lease.Length = body.Length;
            return bench.Port.OnFrameAsync(connection, bench.Header with { Type = type }, lease, CancellationToken.None).AsTask();
        }
    }

    [Fact]
    public async Task Frames_ThatWaitWhenTheSessionEnds_AreDropped()
    {
        var gate = new ControlGate();
        for (int i = 0; i < ControlGate.MaxPages; i++)
        {
            Assert.NotNull(await gate.EnterAsync(FrameType.ManifestPage, CancellationToken.None));
        }

        Task<ControlPlace?> waiting = gate.EnterAsync(FrameType.ManifestPage, CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        gate.Close();

        Assert.Null(await waiting.WithinDeadline());
        Assert.Null(await gate.EnterAsync(FrameType.Credit, CancellationToken.None));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Chunks_WhileTheDiskFlushes_AreAcknowledgedForOneCheckpoint(bool flushTakesTooLong)
    {
        var options = new SessionOptions { CheckpointBytes = 4 * Manifests.MiB };
        await using SessionBench bench = SessionBench.Create(options, SessionRole.Destination);
        await bench.OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        using var flushed = new ManualResetEventSlim();
        bench.HoldSteps(flushed);

        // The checkpoint begins with the second; with the fourth as much is open as one may hold.
        for (uint chunk = 0; chunk < 6; chunk++)
        {
            Handle(bench, connection, chunk, ChunkWriteOutcome.Stored);
        }

        Handle(bench, connection, 9, ChunkWriteOutcome.Corrupt);
        await AcknowledgedAsync(bench, 0, 1, 2);

        // What is sent after them has come, so they were held back.
        Assert.Equal(9u, (await bench.NextAsync(FrameType.Nack)).Header.Chunk.Value);
        if (flushTakesTooLong)
        {
            bench.Kit.Time.Advance(TransferPolicies.Default.Acknowledgement.Timeout / 2);
        }
        else
        {
            flushed.Set();
        }

        await AcknowledgedAsync(bench, 3, 4, 5);
        flushed.Set();
    }

    // The end of a flush makes durable what came before it began, and nothing else.
    [Fact]
    [Trait("row", "P2")]
    public async Task Chunks_OfALongFlush_AreNotAllAcknowledgedAtItsEnd()
    {
        await using SessionBench bench = SessionBench.Create(new SessionOptions { CheckpointBytes = 4 * Manifests.MiB }, SessionRole.Destination);
        await bench.OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        using var first = new ManualResetEventSlim();
        using var second = new ManualResetEventSlim();
        bench.HoldSteps(first);
        for (uint chunk = 0; chunk < 10; chunk++)
        {
            Handle(bench, connection, chunk, ChunkWriteOutcome.Stored);
        }

        await AcknowledgedAsync(bench, 0, 1, 2);
        bench.HoldSteps(second);
        first.Set();

        // The first was durable then. Three are acknowledged and not: one more is a checkpoint's worth.
        (_, byte[] body) = await bench.NextAsync(FrameType.Ack);
        Assert.True(AckBody.TryRead(body, out AckBody? ack));
        Assert.Equal([3u], ack.Chunks);

        second.Set();
        (_, body) = await bench.NextAsync(FrameType.Ack);
        Assert.True(AckBody.TryRead(body, out ack));
        Assert.Equal(new uint[] { 4, 5, 6, 7, 8, 9 }, ack.Chunks.Order());
    }

    // The source counts from when it sent a chunk, not from the flush that it waits for.
    [Fact]
    [Trait("row", "P2")]
    public async Task Chunks_HeldThroughTwoFlushes_WaitNoLongerThanThroughOne()
    {
        await using SessionBench bench = SessionBench.Create(new SessionOptions { CheckpointBytes = 4 * Manifests.MiB }, SessionRole.Destination);
        await bench.OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        using var first = new ManualResetEventSlim();
        using var second = new ManualResetEventSlim();
        bench.HoldSteps(first);
        for (uint chunk = 0; chunk < 6; chunk++)
        {
            Handle(bench, connection, chunk, ChunkWriteOutcome.Stored);
        }

        await AcknowledgedAsync(bench, 0, 1, 2);
        TimeSpan longest = TransferPolicies.Default.Acknowledgement.Timeout / 2;
        TimeSpan left = TimeSpan.FromSeconds(1);
        bench.Kit.Time.Advance(longest - left);
        bench.HoldSteps(second);
        first.Set();
        await AcknowledgedAsync(bench, 3);

        // Held while the second flush runs; the others have waited almost long enough. What had been acknowledged before the refusal would be missing below.
        Handle(bench, connection, 6, ChunkWriteOutcome.Stored);
        Handle(bench, connection, 9, ChunkWriteOutcome.Corrupt);
        Assert.Equal(9u, (await bench.NextAsync(FrameType.Nack)).Header.Chunk.Value);

        bench.Kit.Time.Advance(left);
        (_, byte[] body) = await bench.NextAsync(FrameType.Ack);
        Assert.True(AckBody.TryRead(body, out AckBody? ack));
        Assert.Equal(new uint[] { 4, 5, 6 }, ack.Chunks.Order());
        second.Set();
    }

    [Fact]
    [Trait("row", "P2")]
    public async Task Chunks_HeldBesideThoseOfAConnectionThatLeft_WaitFromWhenTheyCame()
    {
        await using SessionBench bench = SessionBench.Create(new SessionOptions { CheckpointBytes = Manifests.MiB }, SessionRole.Destination);
        await bench.OpenAsync();
        ConnectionHandle leaves = await bench.JoinAsync();
        ConnectionHandle stays = await bench.JoinAsync();
        using var flushed = new ManualResetEventSlim();
        bench.HoldSteps(flushed);
        TimeSpan longest = TransferPolicies.Default.Acknowledgement.Timeout / 2;
        Handle(bench, leaves, 0, ChunkWriteOutcome.Stored);
        Handle(bench, leaves, 1, ChunkWriteOutcome.Duplicate);
        bench.Kit.Time.Advance(longest / 2);
        Handle(bench, stays, 2, ChunkWriteOutcome.Duplicate);

        bench.Leave(leaves);
        bench.Kit.Time.Advance(longest / 2);

        // What had been acknowledged before the refusal would be missing below.
        Handle(bench, stays, 9, ChunkWriteOutcome.Corrupt);
        Assert.Equal(9u, (await bench.NextAsync(FrameType.Nack)).Header.Chunk.Value);
        bench.Kit.Time.Advance(longest / 2);
        await AcknowledgedAsync(bench, 2);
        flushed.Set();
    }

    [Fact]
    public async Task Chunks_ThatComeAgainWhileTheDiskFlushes_AreHeldOnceAndAcknowledgedInOneFrame()
    {
        await using SessionBench bench = SessionBench.Create(new SessionOptions { CheckpointBytes = Manifests.MiB }, SessionRole.Destination);
        await bench.OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        using var flushed = new ManualResetEventSlim();
        bench.HoldSteps(flushed);
        Handle(bench, connection, 0, ChunkWriteOutcome.Stored);

        // As one frame each they would not fit into the connection's queue.
        const int Chunks = 100;
        for (int copy = 0; copy < 5; copy++)
        {
            for (uint chunk = 0; chunk < Chunks; chunk++)
            {
                Handle(bench, connection, chunk, ChunkWriteOutcome.Duplicate);
            }
        }

        bench.ConnectionActor.ExpectMsg<ConnectionProtocol.Judged>();
        flushed.Set();

        (_, byte[] body) = await bench.NextAsync(FrameType.Ack);
        Assert.True(AckBody.TryRead(body, out AckBody? ack));
        Assert.Equal(Chunks, ack.Chunks.Count);
        Assert.False(bench.ConnectionActor.HasMessages);
    }

    [Fact]
    [Trait("row", "N7")]
    public async Task N7_MoreChunksThanMayBeUnansweredWhileTheDiskFlushes_CloseTheConnection()
    {
        await using SessionBench bench = SessionBench.Create(new SessionOptions { CheckpointBytes = Manifests.MiB }, SessionRole.Destination);
        await bench.OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        using var flushed = new ManualResetEventSlim();
        bench.HoldSteps(flushed);
        Handle(bench, connection, 0, ChunkWriteOutcome.Stored);
        for (uint chunk = 0; chunk < EarlyAcks.MaxOfConnection; chunk++)
        {
            Handle(bench, connection, chunk, ChunkWriteOutcome.Duplicate);
        }

        bench.ConnectionActor.ExpectMsg<ConnectionProtocol.Judged>();
        Assert.False(bench.ConnectionActor.HasMessages);
        Handle(bench, connection, EarlyAcks.MaxOfConnection, ChunkWriteOutcome.Duplicate);

        var givenUp = bench.ConnectionActor.ExpectMsg<ConnectionProtocol.GiveUp>();
        Assert.Equal(Reason.ProtocolViolation, givenUp.Problem.Reason);
        Assert.Contains($"{EarlyAcks.MaxOfConnection} chunks", givenUp.Problem.Detail, StringComparison.Ordinal);

        // With the connection goes what was held for it.
        bench.Leave(connection);
        ConnectionHandle another = await bench.JoinAsync();
        Handle(bench, another, 5, ChunkWriteOutcome.Duplicate);
        flushed.Set();
        (_, byte[] body) = await bench.NextAsync(FrameType.Ack);
        Assert.True(AckBody.TryRead(body, out AckBody? ack));
        Assert.Equal(5u, Assert.Single(ack.Chunks));
    }

    private static void Handle(SessionBench bench, ConnectionHandle connection, uint chunk, ChunkWriteOutcome outcome) => bench.Tell(
        new DestinationProtocol.ChunkHandled(connection, new ChunkIndex(chunk), (int)Manifests.MiB, Samples.SomeDigest, new ChunkWrite(outcome)),
        bench.ConnectionActor.Ref);

    private static async Task AcknowledgedAsync(SessionBench bench, params uint[] chunks)
    {
        var acknowledged = new List<uint>();
        while (acknowledged.Count < chunks.Length)
        {
            (FrameHeader header, byte[] body) = await bench.NextAsync(FrameType.Ack);
            Assert.False(header.Flags.HasFlag(FrameFlags.Durable));
            Assert.True(AckBody.TryRead(body, out AckBody? ack));
            acknowledged.AddRange(ack.Chunks);
        }

        Assert.Equal(chunks, acknowledged);
    }

    private static async Task<ConnectionHandle> BringFirstChunkAsync(SessionBench bench)
    {
        ConnectionHandle connection = await bench.JoinAsync();
        bench.Say(connection, FrameType.ManifestPage, ManifestCodec.Encode(First));
        await AnsweredAsync(bench);
        byte[] payload = new byte[Manifests.MiB];
        await bench.SendChunkAsync(connection, 0, Blake3.Hash(payload), payload);
        await bench.NextAsync(FrameType.Ack);
        return connection;
    }

    private static async Task<SessionBench> OpenAsync()
    {
        SessionBench bench = SessionBench.Create(new SessionOptions(), SessionRole.Destination);
        await bench.OpenAsync();
        return bench;
    }

    private static async Task<int> AnsweredAsync(SessionBench bench)
    {
        while (true)
        {
            (_, byte[] body) = await bench.NextAsync(FrameType.HaveBits);
            Assert.True(HaveBitsBody.TryRead(body, out HaveBitsBody? have));
            if (!have.IsPagesAccepted)
            {
                return have.Page;
            }
        }
    }
}
