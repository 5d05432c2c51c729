using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>A chunk that was given up: the evidence outlives the session, the process and what the destination heard. One chunk's worth of attempts.</summary>
public sealed class ParkedChunkTests
{
    private static readonly SessionOptions Options = new() { ChunkSize = Manifests.MiB };

    [Fact]
    public async Task Evidence_WhileItIsNotOnDisk_KeepsTheDestinationFromHearing()
    {
        await using SessionBench bench = Create();
        (ConnectionHandle connection, _, _) = await StartAsync(bench);
        ChunkIndex chunk = await NextChunkAsync(bench);
        await bench.Kit.SettleAsync(waitForTasks: true);
        using var released = new ManualResetEventSlim();
        bench.HoldSteps(released);

        Refuse(bench, connection, chunk);
        bench.Kit.Settle();
        Assert.Single(bench.Noted("chunk-parked"));
        bench.Say(connection, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());   // whatever else happens
        bench.Leave(connection);
        await bench.JoinAsync();
        bench.Kit.Settle();
        Assert.Empty(Reported(bench));
        released.Set();

        (_, byte[] body) = await bench.NextAsync(FrameType.SourceChanged);
        Assert.True(SourceChangedBody.TryRead(body, out SourceChangedBody? changed));
        Assert.Equal(Reason.ChunkCorrupt, Assert.Single(changed.Entries).Reason);
        Assert.Equal(chunk.Value, Assert.Single(Reported(bench)).Chunk?.Index);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Evidence_AfterTheSessionIsLost_IsSaidByTheNextOneOnceAndTheChunkIsNotSent(bool destinationHeard)
    {
        // Arrange: given up in the first session, over connection 1.
        await using SessionBench bench = Create();
        (ConnectionHandle connection, _, _) = await StartAsync(bench, chunks: 2);
        ChunkIndex chunk = await NextChunkAsync(bench);
        DateTimeOffset at = bench.Kit.Time.GetUtcNow();
        await bench.Kit.SettleAsync(waitForTasks: true);
        Refuse(bench, connection, chunk);
        await bench.NextAsync(FrameType.SourceChanged);

        // Act: a new session; the destination may have died before it kept what it heard.
        bench.Kit.Time.Advance(TimeSpan.FromHours(1));
        await bench.OpenAsync(2);
        bench.Leave(connection);
        ConnectionHandle next = await bench.JoinAsync();
        await AnswerFirstPageAsync(bench, next, held => held.IsPacked || destinationHeard);

        // Assert: it is told again, and nothing of the file is sent, neither the chunk nor the one beside it.
        (_, byte[] body) = await bench.NextAsync(FrameType.SourceChanged);
        Assert.True(SourceChangedBody.TryRead(body, out SourceChangedBody? changed));
        Assert.Equal(Reason.ChunkCorrupt, Assert.Single(changed.Entries).Reason);
        await bench.RestAsync();
        Assert.Equal(0, bench.ChunksInFlight());
        FileIssue issue = Assert.Single(Reported(bench));
        Assert.Equal(("tree/big", FileState.Parked, Reason.ChunkCorrupt), (issue.Path, issue.State, issue.Problem.Reason));
        Assert.Equal(
            new ParkedChunk(chunk.Value, 0, 1, Samples.SomeDigest.ToString(), default(Digest).ToString(), connection.Number, "b", at, at), issue.Chunk! with { FileOffset = 0 });
        Assert.Single(bench.Noted("chunk-parked"));
        Assert.Single(bench.Noted("file-parked"));
        bench.Stop(StopIntent.Suspend);
        await bench.RestAsync();
        Assert.Equal(issue, Assert.Single(bench.Told().OfType<SessionEnded>().Last().Issues));
    }

    [Fact]
    public async Task Evidence_OfAPack_FailsAllItsMembersInTheNextSessionToo()
    {
        await using SessionBench bench = Create();
        await MakeSmallFilesAsync(bench, 5);
        (ConnectionHandle connection, _, _) = await StartAsync(bench, isHeld: chunk => !chunk.IsPacked);
        ChunkIndex pack = await NextChunkAsync(bench);
        await bench.Kit.SettleAsync(waitForTasks: true);
        Refuse(bench, connection, pack);
        await bench.NextAsync(FrameType.SourceChanged);
        await bench.OpenAsync(2);
        bench.Leave(connection);
        ConnectionHandle next = await bench.JoinAsync();
        await AnswerFirstPageAsync(bench, next, held => !held.IsPacked);

        (_, byte[] body) = await bench.NextAsync(FrameType.SourceChanged);
        Assert.True(SourceChangedBody.TryRead(body, out SourceChangedBody? changed));
        Assert.Equal(5, changed.Entries.Count);
        await bench.RestAsync();
        Assert.Equal(0, bench.ChunksInFlight());
    }

    // Only its acknowledgements were lost. The destination, which did not hear that it was given up, says that it holds it.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Evidence_OfAChunkThatWasNotAnswered_FailsItsFileInTheNextSessionOnlyWhereItDidNotArrive(bool arrived)
    {
        // Arrange: the first of two chunks of a file, over connection 1.
        await using SessionBench bench = Create();
        (ConnectionHandle connection, _, _) = await StartAsync(bench, chunks: 2);
        ChunkIndex chunk = await NextChunkAsync(bench);
        await bench.Kit.SettleAsync(waitForTasks: true);
        AcknowledgementPolicy answer = TransferPolicies.Default.Acknowledgement;
        bench.Kit.Time.Advance(answer.Timeout * answer.Repeats);
        bench.ConnectionActor.ExpectMsg<ConnectionProtocol.GiveUp>();
        bench.Leave(connection);
        await bench.RestAsync();
        Assert.Equal(Reason.ChunkUnanswered, Assert.Single(Reported(bench)).Problem.Reason);

        // Act
        await bench.OpenAsync(2);
        ConnectionHandle next = await bench.JoinAsync();
        await AnswerFirstPageAsync(bench, next, held => held.IsPacked || (arrived && held.Index == chunk));

        // Assert: it goes on with the chunk beside it; else the destination is told.
        if (arrived)
        {
            ChunkIndex beside = await NextChunkAsync(bench);
            Assert.NotEqual(chunk, beside);
            await bench.Kit.SettleAsync(waitForTasks: true);
            bench.Say(next, FrameType.Ack, new AckBody([beside.Value]).ToArray());

            // Once it is damaged there, it is sent as any other.
            bench.Say(next, FrameType.Nack, new NackBody(NackReason.Lost, "damaged", default, default).ToArray(), chunk.Value);
            Assert.Equal(chunk, await NextChunkAsync(bench));
        }
        else
        {
            await bench.NextAsync(FrameType.SourceChanged);
            Assert.Equal(0, bench.ChunksInFlight());
        }
    }

    [Fact]
    public async Task Evidence_WithoutASession_IsInWhatTheNodeReportsFromWhatItKept()
    {
        // Arrange
        await using SessionBench bench = Create();
        (ConnectionHandle connection, _, _) = await StartAsync(bench);
        ChunkIndex chunk = await NextChunkAsync(bench);
        await bench.Kit.SettleAsync(waitForTasks: true);
        Refuse(bench, connection, chunk);
        await bench.NextAsync(FrameType.SourceChanged);
        bench.Stop(StopIntent.Suspend);
        await bench.RestAsync();
        await bench.CommandAsync(SessionsBench.Recorded(ClusterTransfer.Model.Control.SessionRole.Source, 1, transferEnded: false));
        bench.Told();

        // Act
        await bench.CommandAsync(new StopSession(Samples.Id, new Epoch(1, 1), CommandId.New(), StopIntent.Suspend) { Request = Samples.Request with { ResultName = "tree" } });

        // Assert
        FileIssue issue = Assert.Single(Assert.Single(bench.Told().OfType<SessionEnded>()).Issues);
        Assert.Equal(("tree/big", chunk.Value), (issue.Path, issue.Chunk?.Index));
    }

    [Fact]
    public async Task Evidence_OfMoreFilesThanAReportCarries_IsSaidInTurn()
    {
        await using SessionBench bench = Create();
        await MakeSmallFilesAsync(bench, 10);
        (ConnectionHandle connection, _, _) = await StartAsync(bench, isHeld: chunk => !chunk.IsPacked);
        ChunkIndex pack = await NextChunkAsync(bench);
        await bench.Kit.SettleAsync(waitForTasks: true);
        Refuse(bench, connection, pack);
        await bench.NextAsync(FrameType.SourceChanged);

        for (int round = 0; round < 2; round++)
        {
            var said = new HashSet<string>();
            for (int reports = 0; reports < 3; reports++)
            {
                IReadOnlyList<FileIssue> report = Reported(bench);
                Assert.InRange(report.Count, 1, SessionProgressed.MaxParked);
                Assert.True(report.Sum(ReportedIssues.SizeOf) <= 16 * 1024 || report.Count == 1);
                said.UnionWith(report.Select(issue => issue.Path));
            }

            Assert.Equal(10, said.Count);
        }
    }

    private static IReadOnlyList<FileIssue> Reported(SessionBench bench)
    {
        bench.Told();
        bench.Kit.Time.Advance(Options.ProgressInterval);
        return bench.Told().OfType<SessionProgressed>().Last().Parked;
    }

    private static SessionBench Create() => SessionBench.Create(
        Options, request: Samples.Request with { Policies = new() { ChunkRetry = new() { Attempts = 1 } } });

    // The only ones, so that they share a pack.
    private static async Task MakeSmallFilesAsync(SessionBench bench, int count)
    {
        File.Delete(Path.Combine(bench.SourceFolder, "a.txt"));
        for (int i = 0; i < count; i++)
        {
            await File.WriteAllTextAsync(Path.Combine(bench.SourceFolder, $"small-{i}"), $"{i}", TestContext.Current.CancellationToken);
        }
    }

    private static async Task<(ConnectionHandle Connection, ManifestPage Page, PagePlan Plan)> StartAsync(
        SessionBench bench, int chunks = 1, Func<PlannedChunk, bool>? isHeld = null)
    {
        await File.WriteAllBytesAsync(Path.Combine(bench.SourceFolder, "big"), new byte[chunks * Manifests.MiB], TestContext.Current.CancellationToken);
        await bench.OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        (ManifestPage page, PagePlan plan) = await AnswerFirstPageAsync(bench, connection, isHeld ?? (chunk => chunk.IsPacked));
        return (connection, page, plan);
    }

    private static async Task<(ManifestPage Page, PagePlan Plan)> AnswerFirstPageAsync(SessionBench bench, ConnectionHandle connection, Func<PlannedChunk, bool> isHeld)
    {
        bench.Say(connection, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());
        bench.Say(connection, FrameType.Credit, new CreditBody(Manifests.MiB).ToArray());
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(connection, page, plan, isHeld);
        return (page, plan);
    }

    private static async Task<ChunkIndex> NextChunkAsync(SessionBench bench) => (await bench.NextAsync(FrameType.Chunk)).Header.Chunk;

    private static void Refuse(SessionBench bench, ConnectionHandle connection, ChunkIndex chunk) => bench.Say(
        connection, FrameType.Nack, new NackBody(NackReason.Corrupt, "bits flipped", Samples.SomeDigest, default).ToArray(), chunk.Value);
}
