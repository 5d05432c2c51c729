using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>What becomes of a chunk that is refused, not answered, or loses its connection. One file of one chunk, so there is nothing else to send.</summary>
public sealed class ChunkRetryTests
{
    private static readonly SessionOptions Options = new() { ChunkSize = Manifests.MiB };
    private static readonly TransferPolicies ThreeAttempts = new() { ChunkRetry = new() { Attempts = 3 } };

    [Fact]
    public async Task Refused_Chunk_IsSentAgainAfterItsPauseAndNotBefore()
    {
        await using SessionBench bench = Create(TransferPolicies.Default);
        ConnectionHandle connection = await StartAsync(bench);
        ChunkIndex chunk = await NextChunkAsync(bench);

        Refuse(bench, connection, chunk);
        await bench.Kit.SettleAsync(waitForTasks: true);
        Assert.Equal(0, bench.ChunksInFlight());

        // With jitter the first pause is between half of it and all of it.
        TimeSpan pause = TransferPolicies.Default.ChunkRetry.PauseMin;
        bench.Kit.Time.Advance(pause * 0.49);
        Assert.Equal(0, bench.ChunksInFlight());
        bench.Kit.Time.Advance(pause * 0.52);

        Assert.Equal(chunk, await NextChunkAsync(bench));
        Assert.Single(bench.Noted("chunk-retried"));
    }

    [Fact]
    public async Task Refused_AgainAndAgain_WaitsLongerEachTimeUpToTheLongest()
    {
        var policies = new TransferPolicies { ChunkRetry = new() { Attempts = 20, PauseMin = TimeSpan.FromSeconds(1), PauseMax = TimeSpan.FromSeconds(4) } };
        await using SessionBench bench = Create(policies);
        ConnectionHandle connection = await StartAsync(bench);

        foreach (int seconds in new[] { 1, 2, 4, 4, 4 })
        {
            Refuse(bench, connection, await NextChunkAsync(bench));
            await bench.Kit.SettleAsync(waitForTasks: true);
            bench.Kit.Time.Advance(TimeSpan.FromSeconds(seconds * 0.49));
            Assert.Equal(0, bench.ChunksInFlight());
            bench.Kit.Time.Advance(TimeSpan.FromSeconds(seconds * 0.52));
        }
    }

    [Fact]
    public async Task Refused_WithAnotherConnection_GoesOverThat()
    {
        await using SessionBench bench = Create(TransferPolicies.Default);
        var other = new FrameRecorder();
        ConnectionHandle first = await StartAsync(bench);
        ChunkIndex chunk = await NextChunkAsync(bench);
        await bench.JoinAsync(other);

        Refuse(bench, first, chunk);
        await bench.Kit.SettleAsync(waitForTasks: true);
        bench.Kit.Time.Advance(TransferPolicies.Default.ChunkRetry.PauseMin);

        Assert.Equal(chunk, (await bench.NextAsync(FrameType.Chunk, other)).Header.Chunk);
    }

    [Fact]
    public async Task Refused_ByAnAnswerToAnEarlierCopy_IsNoAttemptOfThisOne()
    {
        await using SessionBench bench = Create(new() { ChunkRetry = new() { Attempts = 1 } });
        ConnectionHandle left = await StartAsync(bench);
        ChunkIndex chunk = await NextChunkAsync(bench);
        bench.Leave(left);
        await bench.JoinAsync();
        await NextChunkAsync(bench);

        Refuse(bench, left, chunk);

        Assert.Equal(1, bench.ChunksInFlight());
        Assert.Empty(bench.Noted("chunk-parked"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Refused_AndTheConnectionClosedForIt_CostsAnAttemptAllTheSame(int attempts)
    {
        // Arrange: each connection is closed behind the first refusal.
        await using SessionBench bench = Create(new() { ChunkRetry = new() { Attempts = attempts } });
        ConnectionHandle connection = await StartAsync(bench);

        // Act: the chunk's actor has no time to say what follows from the refusal.
        for (int attempt = 1; attempt <= attempts; attempt++)
        {
            ChunkIndex chunk = await NextChunkAsync(bench);
            await bench.Kit.SettleAsync(waitForTasks: true);
            Refuse(bench, connection, chunk);
            bench.Leave(connection);
            connection = await bench.JoinAsync();
            await bench.Kit.SettleAsync(waitForTasks: true);
            bench.Kit.Time.Advance(TransferPolicies.Default.ChunkRetry.PauseMax);
        }

        // Assert
        Assert.Contains($"was refused {attempts} times", Assert.Single(bench.Noted("chunk-parked")), StringComparison.Ordinal);
        Assert.Equal(0, bench.ChunksInFlight());
    }

    [Fact]
    [Trait("row", "N1")]
    public async Task ConnectionLost_UnderAChunk_CostsItNothingAndSendsItOnceAtOnce()
    {
        await using SessionBench bench = Create(new() { ChunkRetry = new() { Attempts = 1 } });
        ConnectionHandle connection = await StartAsync(bench);
        ChunkIndex chunk = await NextChunkAsync(bench);

        for (int i = 0; i < 4; i++)
        {
            bench.Leave(connection);
            connection = await bench.JoinAsync();
            Assert.Equal(chunk, await NextChunkAsync(bench));
            Assert.Equal(1, bench.ChunksInFlight());
        }

        Assert.Empty(bench.Noted("chunk-parked"));
    }

    [Fact]
    [Trait("row", "N14")]
    public async Task Unanswered_ByTheLimitOfAttempts_IsParkedWithEvidenceAndAReason()
    {
        // Arrange
        await using SessionBench bench = Create(ThreeAttempts);
        ConnectionHandle connection = await StartAsync(bench);
        AcknowledgementPolicy answer = ThreeAttempts.Acknowledgement;
        DateTimeOffset start = bench.Kit.Time.GetUtcNow();
        int last = 0;

        // Act: three connections, none of which brings an acknowledgement.
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            await NextChunkAsync(bench);
            await bench.Kit.SettleAsync(waitForTasks: true);
            bench.Kit.Time.Advance(answer.Timeout * answer.Repeats);
            Assert.Equal(Reason.SessionLost, bench.ConnectionActor.ExpectMsg<ConnectionProtocol.GiveUp>().Problem.Reason);
            last = connection.Number;
            bench.Leave(connection);
            connection = await bench.JoinAsync();
        }

        // Assert
        (_, byte[] body) = await bench.NextAsync(FrameType.SourceChanged);
        Assert.True(SourceChangedBody.TryRead(body, out SourceChangedBody? changed));
        Assert.Equal(Reason.ChunkUnanswered, Assert.Single(changed.Entries).Reason);
        Assert.Equal(0, bench.ChunksInFlight());
        ParkedChunk evidence = await EvidenceAsync(bench);
        Assert.Equal((3, string.Empty, last, Samples.B.Value), (evidence.Attempts, evidence.Actual, evidence.Connection, evidence.Peer));
        Assert.Equal(start + (answer.Timeout * answer.Repeats), evidence.FirstAt);
        Assert.Equal(start + (3 * answer.Timeout * answer.Repeats), evidence.LastAt);
        Assert.Equal(64, evidence.Expected.Length);
    }

    [Fact]
    public async Task Unanswered_ChunkBesideTheOneThatIsBlamed_CostsNoAttempt()
    {
        // Arrange: two chunks; one attempt. The second is sent when the first is about to be given up.
        await using SessionBench bench = Create(new() { ChunkRetry = new() { Attempts = 1 } });
        ConnectionHandle connection = await StartAsync(bench, chunks: 2, window: Manifests.MiB);
        ChunkIndex blamed = await NextChunkAsync(bench);
        await bench.Kit.SettleAsync(waitForTasks: true);
        AcknowledgementPolicy answer = TransferPolicies.Default.Acknowledgement;
        bench.Kit.Time.Advance(answer.Timeout * (answer.Repeats - 1));
        bench.Say(connection, FrameType.Credit, new CreditBody(2 * Manifests.MiB).ToArray());
        ChunkIndex beside = await NextChunkAsync(bench);

        // Act
        bench.Kit.Time.Advance(answer.Timeout);
        bench.ConnectionActor.ExpectMsg<ConnectionProtocol.GiveUp>();
        bench.Leave(connection);

        // Assert: the file fails because of the one; the other did not cost it.
        Assert.NotEqual(blamed, beside);
        Assert.Equal($"Chunk {blamed} at offset", Assert.Single(bench.Noted("chunk-parked"))[..$"Chunk {blamed} at offset".Length]);
    }

    [Fact]
    public async Task Unanswered_ConnectionThatIsGivenUp_GetsNoMoreChunks()
    {
        await using SessionBench bench = Create(ThreeAttempts);
        ConnectionHandle connection = await StartAsync(bench, chunks: 2, window: Manifests.MiB);
        await NextChunkAsync(bench);
        await bench.Kit.SettleAsync(waitForTasks: true);
        AcknowledgementPolicy answer = ThreeAttempts.Acknowledgement;
        bench.Kit.Time.Advance(answer.Timeout * answer.Repeats);

        bench.Say(connection, FrameType.Credit, new CreditBody(4 * Manifests.MiB).ToArray());

        Assert.Equal(1, bench.ChunksInFlight());
    }

    // Else the watchdog takes the longer pauses for a session that is stuck: it ends that, and the attempts are counted from the start.
    [Fact]
    public async Task Refused_WhileNothingElseIsUnderWay_ReportsThatItIsBusyUntilThePauseIsOver()
    {
        var policies = new TransferPolicies { ChunkRetry = new() { PauseMin = TimeSpan.FromSeconds(60), PauseMax = TimeSpan.FromSeconds(60) } };
        await using SessionBench bench = Create(policies);
        ConnectionHandle connection = await StartAsync(bench);
        ChunkIndex chunk = await NextChunkAsync(bench);
        await bench.Kit.SettleAsync(waitForTasks: true);
        Assert.False(IsBusy(bench));

        Refuse(bench, connection, chunk);
        await bench.Kit.SettleAsync(waitForTasks: true);
        Assert.True(IsBusy(bench));

        bench.Kit.Time.Advance(TimeSpan.FromSeconds(60));
        await NextChunkAsync(bench);
        await bench.Kit.SettleAsync(waitForTasks: true);
        Assert.False(IsBusy(bench));
    }

    private static bool IsBusy(SessionBench bench)
    {
        bench.Told();
        bench.Kit.Time.Advance(Options.ProgressInterval);
        return bench.Told().OfType<SessionProgressed>().Last().Busy;
    }

    private static async Task<ParkedChunk> EvidenceAsync(SessionBench bench)
    {
        bench.Told();
        bench.Stop(StopIntent.Suspend);
        await bench.Kit.SettleAsync(waitForTasks: true);
        FileIssue issue = Assert.Single(Assert.Single(bench.Told().OfType<SessionEnded>()).Issues);
        Assert.Equal((FileState.Parked, Reason.ChunkUnanswered), (issue.State, issue.Problem.Reason));
        return Assert.IsType<ParkedChunk>(issue.Chunk);
    }

    private static SessionBench Create(TransferPolicies policies) => SessionBench.Create(Options, request: Samples.Request with { Policies = policies });

    private static async Task<ConnectionHandle> StartAsync(SessionBench bench, int chunks = 1, long window = 16L * Manifests.MiB)
    {
        await File.WriteAllBytesAsync(Path.Combine(bench.SourceFolder, "big"), new byte[chunks * Manifests.MiB], TestContext.Current.CancellationToken);
        await bench.OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        bench.Say(connection, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());
        bench.Say(connection, FrameType.Credit, new CreditBody(window).ToArray());
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(connection, page, plan, chunk => chunk.IsPacked);
        return connection;
    }

    private static async Task<ChunkIndex> NextChunkAsync(SessionBench bench) => (await bench.NextAsync(FrameType.Chunk)).Header.Chunk;

    private static void Refuse(SessionBench bench, ConnectionHandle connection, ChunkIndex chunk) => bench.Say(
        connection, FrameType.Nack, new NackBody(NackReason.Corrupt, "bits flipped", Samples.SomeDigest, default).ToArray(), chunk.Value);
}
