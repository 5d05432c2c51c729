using System.Diagnostics.Metrics;
using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;
using SessionRole = ClusterTransfer.Model.Control.SessionRole;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>What both ends of a session tell a connection of its chunks, and what they tell people of the connection.</summary>
public sealed class BadChunkTests
{
    private static readonly SessionOptions Options = new() { ChunkSize = Manifests.MiB };

    [Theory]
    [InlineData(ChunkWriteOutcome.Stored, null)]
    [InlineData(ChunkWriteOutcome.Corrupt, "chunk 7: Corrupt")]
    [InlineData(ChunkWriteOutcome.OutOfRange, "chunk 7: OutOfRange")]
    [InlineData(ChunkWriteOutcome.WrongLength, "chunk 7: WrongLength")]
    [InlineData(ChunkWriteOutcome.Conflict, "chunk 7: Conflict")]
    public async Task Destination_ChunkHandled_JudgesItsConnection(ChunkWriteOutcome outcome, string? damage)
    {
        await using SessionBench bench = SessionBench.Create(Options, SessionRole.Destination);
        await bench.OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();

        Handled(bench, connection, outcome);

        Assert.Equal(damage, bench.ConnectionActor.ExpectMsg<ConnectionProtocol.Judged>().Damage);
    }

    [Fact]
    public async Task Destination_ChunkThatIsThereAlready_IsCountedAndAcknowledged()
    {
        using var listener = new MeterListener();
        int duplicates = 0;
        listener.InstrumentPublished = (instrument, published) =>
        {
            if (instrument.Name == "clustertransfer.chunks.received")
            {
                published.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            // Of this process: other tests may count at the same time.
            if (tags[0].Value is "duplicate")
            {
                Interlocked.Increment(ref duplicates);
            }
        });
        listener.Start();
        await using SessionBench bench = SessionBench.Create(Options, SessionRole.Destination);
        await bench.OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();

        Handled(bench, connection, ChunkWriteOutcome.Duplicate);

        Assert.True(AckBody.TryRead((await bench.NextAsync(FrameType.Ack)).Body, out AckBody? ack));
        Assert.Equal([7u], ack.Chunks);
        Assert.True(Volatile.Read(ref duplicates) >= 1);
    }

    [Theory]
    [InlineData(ChunkWriteOutcome.Duplicate)]
    [InlineData(ChunkWriteOutcome.NotWanted)]
    public async Task Destination_ChunkThatWasNotLookedAt_ForgivesNothing(ChunkWriteOutcome outcome)
    {
        await using SessionBench bench = SessionBench.Create(Options, SessionRole.Destination);
        await bench.OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();

        Handled(bench, connection, outcome);

        bench.ConnectionActor.ExpectNoMsg();
    }

    [Fact]
    public async Task Source_Answers_JudgeTheConnectionThatCarriedTheChunk()
    {
        await using SessionBench bench = SessionBench.Create(Options);
        ConnectionHandle connection = await StartAsync(bench, chunks: 2);
        ChunkIndex bad = (await bench.NextAsync(FrameType.Chunk)).Header.Chunk;
        ChunkIndex good = (await bench.NextAsync(FrameType.Chunk)).Header.Chunk;
        await bench.Kit.SettleAsync(waitForTasks: true);

        bench.Say(connection, FrameType.Nack, new NackBody(NackReason.Corrupt, "bits flipped", default, default).ToArray(), bad.Value);
        bench.Say(connection, FrameType.Ack, new AckBody([good.Value]).ToArray());

        Assert.Equal($"chunk {bad}: Corrupt", bench.ConnectionActor.ExpectMsg<ConnectionProtocol.Judged>().Damage);
        Assert.Null(bench.ConnectionActor.ExpectMsg<ConnectionProtocol.Judged>().Damage);
    }

    [Fact]
    public async Task Source_ChunkThatIsToWait_IsNoFaultOfTheConnection()
    {
        await using SessionBench bench = SessionBench.Create(Options);
        ConnectionHandle connection = await StartAsync(bench, chunks: 1);
        ChunkIndex early = (await bench.NextAsync(FrameType.Chunk)).Header.Chunk;
        await bench.Kit.SettleAsync(waitForTasks: true);

        bench.Say(connection, FrameType.Nack, new NackBody(NackReason.NotReady, "its page is not accepted", default, default).ToArray(), early.Value);

        bench.ConnectionActor.ExpectNoMsg();
    }

    [Theory]
    [InlineData(FrameType.Chunk)]
    [InlineData(FrameType.ManifestPage)]
    public async Task Source_IsSentALargeFrame_DropsItUnreadAndJudges(FrameType type)
    {
        await using SessionBench bench = SessionBench.Create(Options);
        ConnectionHandle connection = await StartAsync(bench, chunks: 1);
        var pool = new BufferPool(1024 * 1024);

        await bench.Port.OnFrameAsync(
            connection, bench.Header with { Type = type }, await pool.RentAsync(1000, CancellationToken.None), CancellationToken.None);

        Assert.Equal($"a {type} frame sent to the source", bench.ConnectionActor.ExpectMsg<ConnectionProtocol.Judged>().Damage);
        Assert.Equal(0, pool.RentedBytes);
    }

    [Fact]
    public async Task ConnectionLost_WithChunksOnTheirWay_TellsWhatWentOverItAndWhatGoesBack()
    {
        await using SessionBench bench = SessionBench.Create(Options);
        ConnectionHandle connection = await StartAsync(bench, chunks: 3);
        ChunkIndex first = (await bench.NextAsync(FrameType.Chunk)).Header.Chunk;
        await bench.NextAsync(FrameType.Chunk);
        await bench.NextAsync(FrameType.Chunk);
        await bench.Kit.SettleAsync(waitForTasks: true);
        bench.Say(connection, FrameType.Ack, new AckBody([first.Value]).ToArray());
        bench.Kit.Settle();

        connection.Health = new(2, 5, 1, 3, "chunk 9: Corrupt");
        bench.Leave(connection);

        IReadOnlyDictionary<string, JsonElement> lost = Data(bench, "connection-lost");
        Assert.Equal(
            $"{connection.Number},b,Reset,{3 * Manifests.MiB},3,1,0,2,2,5,1,3,chunk 9: Corrupt",
            string.Join(',', new[] { "connection", "peer", "end", "bytesSent", "chunksSent", "chunksAcknowledged", "chunksRefused", "chunksRequeued", "score", "bad", "good", "forgiven", "lastReason" }.Select(name => lost[name])));
        Assert.Equal("2", Data(bench, "chunks-requeued")["chunks"].ToString());
    }

    [Fact]
    public async Task ScoreChanged_UpAndForgiven_IsOneEventEach()
    {
        await using SessionBench bench = SessionBench.Create(Options);
        ConnectionHandle connection = await StartAsync(bench, chunks: 1);

        bench.Tell(new ConnectionFacts.ScoreChanged(connection.Number, new(1, 1, 4, 0, "chunk 3: Corrupt"), 3), bench.ConnectionActor.Ref);
        bench.Tell(new ConnectionFacts.ScoreChanged(connection.Number, new(0, 1, 6, 1, "chunk 3: Corrupt"), 3), bench.ConnectionActor.Ref);

        Assert.Equal(1, Data(bench, "connection-score")["score"].GetInt32());
        Assert.Equal(1, Data(bench, "connection-forgiven")["forgiven"].GetInt32());
    }

    private static IReadOnlyDictionary<string, JsonElement> Data(SessionBench bench, string kind) => Assert.Single(bench.NotedData(kind))!;

    private static void Handled(SessionBench bench, ConnectionHandle connection, ChunkWriteOutcome outcome) => bench.Tell(
        new DestinationProtocol.ChunkHandled(connection, new ChunkIndex(7), 1, Samples.SomeDigest, new ChunkWrite(outcome)), bench.ConnectionActor.Ref);

    private static async Task<ConnectionHandle> StartAsync(SessionBench bench, int chunks)
    {
        await File.WriteAllBytesAsync(Path.Combine(bench.SourceFolder, "big"), new byte[chunks * Manifests.MiB], TestContext.Current.CancellationToken);
        await bench.OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        bench.Say(connection, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());
        bench.Say(connection, FrameType.Credit, new CreditBody(16 * Manifests.MiB).ToArray());
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(connection, page, plan, chunk => chunk.IsPacked);
        return connection;
    }
}
