using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>Row N14: a connection carries several chunks, and what becomes of it is held against the one that is to blame. One chunk a file, so that each has an outcome of its own.</summary>
public sealed class BlamedChunkTests
{
    private const int Attempts = 3;
    private static readonly SessionOptions Options = new() { ChunkSize = Manifests.MiB };
    private static readonly AcknowledgementPolicy Answer = TransferPolicies.Default.Acknowledgement;

    [Fact]
    [Trait("row", "N14")]
    public async Task N14_TwoThatWaitEquallyLong_OnlyOneIsBlamedAndTheOtherGoesAlone()
    {
        await using SessionBench bench = Create(attempts: 1);
        ConnectionHandle connection = await StartAsync(bench, files: 2);
        await NextChunkAsync(bench);
        await NextChunkAsync(bench);
        await bench.Kit.SettleAsync(waitForTasks: true);

        bench.Kit.Time.Advance(Answer.Timeout * Answer.Repeats);
        bench.ConnectionActor.ExpectMsg<ConnectionProtocol.GiveUp>();
        await ReplaceAsync(bench, connection);

        ChunkIndex other = await NextChunkAsync(bench);
        Acknowledge(bench, connection, other);
        await bench.RestAsync();
        Assert.Equal(0, bench.ChunksInFlight());
        Assert.DoesNotContain($"Chunk {other} ", Assert.Single(bench.Noted("chunk-parked")), StringComparison.Ordinal);
    }

    // What carries it answers nothing, whatever else it carries.
    [Fact]
    [Trait("row", "N14")]
    public async Task N14_OneThatSilencesItsConnections_IsSentAsOftenAsItMayAndItsNeighboursTwice()
    {
        // Arrange
        await using SessionBench bench = Create(Attempts);
        ConnectionHandle connection = await StartAsync(bench, files: 6);
        var sends = new Dictionary<uint, int>();
        for (int i = 0; i < 6; i++)
        {
            Count(sends, await NextChunkAsync(bench));
        }

        // Act: the fourth is the one.
        uint silent = sends.Keys.Order().ElementAt(3);
        await LoseUnansweredAsync(bench, connection);
        while (bench.ChunksInFlight() > 0)
        {
            Assert.Equal(1, bench.ChunksInFlight());
            ChunkIndex chunk = await NextChunkAsync(bench);
            Count(sends, chunk);
            if (chunk.Value == silent)
            {
                await LoseUnansweredAsync(bench, connection);
            }
            else
            {
                Acknowledge(bench, connection, chunk);
                await bench.RestAsync();
            }
        }

        // Assert: the first time nobody could know which of the six it was.
        Assert.Contains($"Chunk {silent} ", Assert.Single(bench.Noted("chunk-parked")), StringComparison.Ordinal);
        Assert.InRange(sends[silent], Attempts, Attempts + 1);
        Assert.All(sends.Where(pair => pair.Key != silent), pair => Assert.Equal(2, pair.Value));
    }

    [Fact]
    [Trait("row", "N14")]
    public async Task N14_OneThatBreaksItsConnectionsWhileAnotherStands_IsGivenUpWithEvidenceAndItsNeighbourIsNot()
    {
        // Arrange: each is alone on a connection.
        await using SessionBench bench = Create(Attempts);
        (ConnectionHandle[] connections, ChunkIndex bad, ConnectionHandle carrier) = await SeparateAsync(bench);
        ConnectionHandle neighbours = connections.Single(connection => connection != carrier);
        Acknowledge(bench, neighbours, new ChunkIndex(bad.Value + 1));
        await bench.RestAsync();

        // Act: whichever carries it breaks, and is replaced before the judgement.
        for (int attempt = 1; attempt <= Attempts; attempt++)
        {
            Assert.Equal(1, bench.ChunksInFlight());
            carrier = connections.Single(connection => connection.Number == CarrierOf(bench));
            await ReplaceAsync(bench, carrier);
            Assert.Equal(0, bench.ChunksInFlight());
            bench.Kit.Time.Advance(TransferPolicies.Default.ChunkRetry.PauseMax);
            await bench.RestAsync();
        }

        // Assert
        Assert.Equal(Attempts - 1, bench.Noted("chunk-blamed").Count);
        string parked = Assert.Single(bench.Noted("chunk-parked"));
        Assert.StartsWith($"Chunk {bad} at offset 0 was sent {Attempts} times alone over a connection", parked, StringComparison.Ordinal);
        bench.Stop(StopIntent.Suspend);
        await bench.RestAsync();
        FileIssue issue = Assert.Single(bench.Told().OfType<SessionEnded>().Last().Issues);
        Assert.Equal((Reason.ChunkUnanswered, bad.Value, Attempts), (issue.Problem.Reason, issue.Chunk!.Index, issue.Chunk.Attempts));
    }

    [Theory]
    [Trait("row", "N14")]
    [InlineData(PumpEndReason.Reset)]
    [InlineData(PumpEndReason.HeartbeatLost)]
    public async Task N14_OneWhoseConnectionsEndWithAllOthersOrInSilence_IsNotToBlame(PumpEndReason reason)
    {
        await using SessionBench bench = Create(attempts: 1);
        (ConnectionHandle[] connections, ChunkIndex bad, ConnectionHandle carrier) = await SeparateAsync(bench);
        Acknowledge(bench, connections.Single(connection => connection != carrier), new ChunkIndex(bad.Value + 1));
        await bench.RestAsync();

        for (int times = 0; times < 5; times++)
        {
            carrier = connections.Single(connection => connection.Number == CarrierOf(bench));
            ConnectionHandle other = connections.Single(connection => connection != carrier);
            Leave(bench, carrier, reason);
            if (reason == PumpEndReason.Reset)
            {
                // A little later, as news of one death come.
                bench.Kit.Time.Advance(TimeSpan.FromMilliseconds(900));
                Leave(bench, other, reason);
                bench.Kit.Time.Advance(TransferPolicies.Default.ChunkRetry.PauseMax);
                Join(bench, other);
            }

            Join(bench, carrier);
            await bench.RestAsync();
            Assert.Equal(1, bench.ChunksInFlight());
        }

        Assert.Empty(bench.Noted("chunk-parked"));
        Assert.Empty(bench.Noted("chunk-blamed"));
    }

    [Fact]
    [Trait("row", "N14")]
    public async Task N14_OneUnderWhichConnectionsEndWithoutEnd_EndsTheSessionByName()
    {
        await using SessionBench bench = Create(attempts: 1);
        ConnectionHandle connection = await StartAsync(bench, files: 0);   // what is there already is one small chunk

        SessionEnded? ended;
        int losses = 0;
        while ((ended = bench.Told().OfType<SessionEnded>().FirstOrDefault()) is null)
        {
            Assert.True(losses++ < 300, "The session goes on without end.");
            await bench.Kit.SettleAsync(waitForTasks: true);
            bench.Leave(connection);
            Join(bench, connection);
            await bench.Kit.SettleAsync(waitForTasks: true);
        }

        Assert.Equal((SessionEnd.Suspended, Reason.SessionLost), (ended.End, ended.Problem!.Reason));
        Assert.Contains("256 connections to b ended one after the other under chunk 0 of 'tree/a.txt'", ended.Problem.Detail, StringComparison.Ordinal);
    }

    // Three losses together, after which nobody can tell them apart; then each is sent alone.
    private static async Task<(ConnectionHandle[] Connections, ChunkIndex Bad, ConnectionHandle Carrier)> SeparateAsync(SessionBench bench)
    {
        var atOther = new FrameRecorder();
        ConnectionHandle one = await StartAsync(bench, files: 2);
        for (int loss = 1; loss <= 3; loss++)
        {
            await NextChunkAsync(bench);
            await NextChunkAsync(bench);
            await bench.Kit.SettleAsync(waitForTasks: true);
            bench.Leave(one);
            if (loss < 3)
            {
                Join(bench, one);
            }
        }

        ConnectionHandle other = await bench.JoinAsync(atOther);
        ChunkIndex atFirst = (await bench.NextAsync(FrameType.Chunk, atOther)).Header.Chunk;
        await bench.Kit.SettleAsync(waitForTasks: true);
        Assert.Equal(1, bench.ChunksInFlight());
        Join(bench, one);
        ChunkIndex then = await NextChunkAsync(bench);
        await bench.Kit.SettleAsync(waitForTasks: true);
        return ([one, other], atFirst.Value < then.Value ? atFirst : then, atFirst.Value < then.Value ? other : one);
    }

    private static int CarrierOf(SessionBench bench)
    {
        bench.Told();
        bench.Kit.Time.Advance(Options.ProgressInterval);
        return bench.Told().OfType<SessionProgressed>().Last().Connections.Single(connection => connection.ChunksInFlight > 0).Number;
    }

    private static async Task LoseUnansweredAsync(SessionBench bench, ConnectionHandle connection)
    {
        await bench.Kit.SettleAsync(waitForTasks: true);
        bench.Kit.Time.Advance(Answer.Timeout * Answer.Repeats);
        while (bench.ConnectionActor.ReceiveOne() is not ConnectionProtocol.GiveUp)
        {
            // Others that went over it were judged good.
        }

        await ReplaceAsync(bench, connection);
    }

    private static async Task ReplaceAsync(SessionBench bench, ConnectionHandle connection)
    {
        bench.Leave(connection);
        Join(bench, connection);
        await bench.Kit.SettleAsync(waitForTasks: true);
    }

    private static void Leave(SessionBench bench, ConnectionHandle connection, PumpEndReason reason) =>
        bench.Tell(new ConnectionFacts.ConnectionLeft(connection.Number, new PumpEnd(reason, null)), bench.ConnectionActor.Ref);

    // For the session it is another one; that it has the number of one before makes no difference here.
    private static void Join(SessionBench bench, ConnectionHandle connection) =>
        bench.Tell(new ConnectionFacts.ConnectionJoined(connection), bench.ConnectionActor.Ref);

    private static void Count(Dictionary<uint, int> sends, ChunkIndex chunk) => sends[chunk.Value] = sends.GetValueOrDefault(chunk.Value) + 1;

    private static SessionBench Create(int attempts) => SessionBench.Create(
        Options, request: Samples.Request with { Policies = new() { ChunkRetry = new() { Attempts = attempts } } });

    private static async Task<ConnectionHandle> StartAsync(SessionBench bench, int files)
    {
        for (int i = 0; i < files; i++)
        {
            await File.WriteAllBytesAsync(Path.Combine(bench.SourceFolder, $"big-{i}"), new byte[Manifests.MiB], TestContext.Current.CancellationToken);
        }

        await bench.OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        bench.Say(connection, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());
        bench.Say(connection, FrameType.Credit, new CreditBody(16 * Manifests.MiB).ToArray());
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(connection, page, plan, chunk => chunk.IsPacked && files > 0);
        return connection;
    }

    private static async Task<ChunkIndex> NextChunkAsync(SessionBench bench) => (await bench.NextAsync(FrameType.Chunk)).Header.Chunk;

    private static void Acknowledge(SessionBench bench, ConnectionHandle connection, ChunkIndex chunk) =>
        bench.Say(connection, FrameType.Ack, new AckBody([chunk.Value]).ToArray());
}
