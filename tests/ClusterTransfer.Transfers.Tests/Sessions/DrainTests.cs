using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;
using SessionRole = ClusterTransfer.Model.Control.SessionRole;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>A session that is to hold: no new chunk, those on their way arrive, and a limit for those that do not.</summary>
public sealed class DrainTests
{
    private const int Chunks = 8;

    // Room for two chunks on their way, so that more wait.
    private static readonly SessionOptions Options = new() { ChunkSize = Manifests.MiB, WindowBytes = 2 * Manifests.MiB };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Source_AskedToHold_SendsNoOtherChunkAndEndsWithTheLastAcknowledgement(bool byTheDestination)
    {
        await using SessionBench bench = SessionBench.Create(Options);
        (ConnectionHandle connection, ChunkIndex[] sent) = await SendTwoAsync(bench);

        AskToHold(bench, connection, byTheDestination);
        Acknowledge(bench, connection, sent[0]);
        await bench.Kit.SettleAsync(waitForTasks: true);
        Assert.Empty(bench.Told().OfType<SessionEnded>());
        Acknowledge(bench, connection, sent[1]);

        // The next frame of either kind is the Stop: no third chunk was begun.
        FrameType next = await NextOfAsync(bench, FrameType.Chunk, FrameType.Stop);
        Assert.Equal(FrameType.Stop, next);
        await bench.Kit.SettleAsync(waitForTasks: true);
        SessionEnded ended = Assert.Single(bench.Told().OfType<SessionEnded>());
        Assert.Equal((SessionEnd.Suspended, Reason.Cancelled), (ended.End, ended.Problem?.Reason));
        Assert.Equal(2 * Manifests.MiB, ended.Progress.BytesSent);
        Assert.StartsWith("2 chunks that were on their way arrived", Assert.Single(bench.Noted("drained")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Source_AcknowledgementsMissing_EndsAtTheLimitAndSaysHowManyAreLeft()
    {
        await using SessionBench bench = SessionBench.Create(Options);
        (ConnectionHandle connection, ChunkIndex[] sent) = await SendTwoAsync(bench);
        bench.Stop(StopIntent.Suspend);
        Acknowledge(bench, connection, sent[0]);
        await bench.Kit.SettleAsync(waitForTasks: true);

        bench.Kit.Time.Advance(TransferPolicies.Default.Drain.Limit - TimeSpan.FromMilliseconds(1));
        Assert.Empty(bench.Told().OfType<SessionEnded>());
        bench.Kit.Time.Advance(TimeSpan.FromMilliseconds(1));
        await bench.Kit.SettleAsync(waitForTasks: true);

        Assert.Equal(SessionEnd.Suspended, Assert.Single(bench.Told().OfType<SessionEnded>()).End);
        Assert.StartsWith("1 of 2 chunks that were on their way had not arrived after 5 s", Assert.Single(bench.Noted("drained")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Source_ConnectionsEndWhileItDrains_EndsAtOnce()
    {
        await using SessionBench bench = SessionBench.Create(Options);
        (ConnectionHandle connection, _) = await SendTwoAsync(bench);
        bench.Stop(StopIntent.Suspend);

        bench.Leave(connection);
        await bench.Kit.SettleAsync(waitForTasks: true);

        Assert.Equal(SessionEnd.Suspended, Assert.Single(bench.Told().OfType<SessionEnded>()).End);
    }

    [Fact]
    public async Task Source_Cancelled_WaitsForNothing()
    {
        await using SessionBench bench = SessionBench.Create(Options);
        await SendTwoAsync(bench);

        bench.Stop(StopIntent.Cancel);
        await bench.Kit.SettleAsync(waitForTasks: true);

        Assert.Equal(SessionEnd.Cancelled, Assert.Single(bench.Told().OfType<SessionEnded>()).End);
    }

    [Fact]
    public async Task Destination_AskedToHold_TellsTheSourceTakesWhatComesAndEndsWithItsStop()
    {
        await using SessionBench bench = SessionBench.Create(new SessionOptions(), SessionRole.Destination);
        await bench.OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();

        bench.Stop(StopIntent.Suspend);
        (_, byte[] body) = await bench.NextAsync(FrameType.Stop);
        Assert.True(StopBody.TryRead(body, out StopBody? stop));
        Assert.Equal(StopCode.Drain, stop.Code);

        // A chunk that was on its way is handled as ever.
        bench.Tell(
            new DestinationProtocol.ChunkHandled(connection, new ChunkIndex(3), 1, Samples.SomeDigest, new Storage.Incoming.ChunkWrite(Storage.Incoming.ChunkWriteOutcome.Duplicate)),
            bench.ConnectionActor.Ref);
        (_, byte[] acknowledged) = await bench.NextAsync(FrameType.Ack);
        Assert.True(AckBody.TryRead(acknowledged, out AckBody? ack));
        Assert.Equal(3u, Assert.Single(ack.Chunks));
        Assert.Empty(bench.Told().OfType<SessionEnded>());
        bench.Say(connection, FrameType.Stop, new StopBody(StopCode.Suspended, Reason.None, "asked").ToArray());
        await bench.Kit.SettleAsync(waitForTasks: true);

        Assert.Equal(SessionEnd.Suspended, Assert.Single(bench.Told().OfType<SessionEnded>()).End);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Destination_SourceSaysNothing_EndsAtTheLimitOrWithItsLastConnection(bool leaves)
    {
        var options = new SessionOptions();
        await using SessionBench bench = SessionBench.Create(options, SessionRole.Destination);
        await bench.OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        bench.Stop(StopIntent.Suspend);
        await bench.Kit.SettleAsync(waitForTasks: true);
        Assert.Empty(bench.Told().OfType<SessionEnded>());

        if (leaves)
        {
            bench.Leave(connection);
        }
        else
        {
            bench.Kit.Time.Advance(TransferPolicies.Default.Drain.Limit);
        }

        await bench.Kit.SettleAsync(waitForTasks: true);
        Assert.Equal(SessionEnd.Suspended, Assert.Single(bench.Told().OfType<SessionEnded>()).End);
    }

    private static async Task<(ConnectionHandle Connection, ChunkIndex[] Sent)> SendTwoAsync(SessionBench bench)
    {
        using (FileStream file = File.Create(Path.Combine(bench.SourceFolder, "big")))
        {
            file.Write(new byte[Chunks * Manifests.MiB]); // bytes that are stored: holes would not be sent
        }

        await bench.OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        bench.Say(connection, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());
        bench.Say(connection, FrameType.Credit, new CreditBody(Options.WindowBytes).ToArray());
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(connection, page, plan, chunk => chunk.IsPacked);
        ChunkIndex[] sent = [(await bench.NextAsync(FrameType.Chunk)).Header.Chunk, (await bench.NextAsync(FrameType.Chunk)).Header.Chunk];
        await bench.Kit.SettleAsync(waitForTasks: true);
        return (connection, sent);
    }

    private static void AskToHold(SessionBench bench, ConnectionHandle connection, bool byTheDestination)
    {
        if (byTheDestination)
        {
            bench.Say(connection, FrameType.Stop, new StopBody(StopCode.Drain, Reason.None, string.Empty).ToArray());
        }
        else
        {
            bench.Stop(StopIntent.Suspend);
        }
    }

    private static void Acknowledge(SessionBench bench, ConnectionHandle connection, ChunkIndex chunk) =>
        bench.Say(connection, FrameType.Ack, new AckBody([chunk.Value]).ToArray());

    private static async Task<FrameType> NextOfAsync(SessionBench bench, params FrameType[] types)
    {
        while (true)
        {
            Task<(FrameHeader Header, byte[] Body)> next = bench.AtPeer.NextAsync();
            await bench.Kit.RunAsync(next);
            FrameType type = (await next).Header.Type;
            if (types.Contains(type))
            {
                return type;
            }
        }
    }
}
