using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>What a source does while not all the connections stand that its transfer wants.</summary>
public sealed class ConnectionPolicyTests
{
    private static readonly SessionOptions Options = new() { ChunkSize = Manifests.MiB, StrictConnectTimeout = TimeSpan.FromSeconds(30) };

    [Fact]
    public async Task Strict_BeforeAllStand_SendsPagesAndNoChunk()
    {
        await using SessionBench bench = await OpenAsync(ConnectionPolicy.Strict, connections: 2);
        ConnectionHandle first = await bench.JoinAsync();
        await TakePageAsync(bench, first);
        Assert.Equal(0, bench.ChunksInFlight());

        await bench.JoinAsync(new FrameRecorder());

        Assert.NotEqual(0, bench.ChunksInFlight());
        Assert.StartsWith("0 of 2 connections", Assert.Single(bench.Noted("connections-wait")), StringComparison.Ordinal);
        Assert.StartsWith("All 2 connections", Assert.Single(bench.Noted("connections-complete")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Strict_WithoutANumberInTheRequest_WantsTheNodesNumber()
    {
        await using SessionBench bench = await OpenAsync(ConnectionPolicy.Strict, connections: null, Options with { Connections = 2 });
        ConnectionHandle first = await bench.JoinAsync();
        await TakePageAsync(bench, first);
        Assert.Equal(0, bench.ChunksInFlight());

        await bench.JoinAsync(new FrameRecorder());

        Assert.NotEqual(0, bench.ChunksInFlight());
    }

    [Fact]
    public async Task Strict_AfterALoss_SendsNoMoreUntilAllStandAgain()
    {
        // Arrange: the window has room for two chunks, and two are on their way.
        await using SessionBench bench = await OpenAsync(ConnectionPolicy.Strict, connections: 2);
        ConnectionHandle first = await bench.JoinAsync();
        ConnectionHandle second = await bench.JoinAsync();
        await TakePageAsync(bench, first, window: 2 * Manifests.MiB);
        ChunkIndex one = (await bench.NextAsync(FrameType.Chunk)).Header.Chunk;
        ChunkIndex other = (await bench.NextAsync(FrameType.Chunk)).Header.Chunk;
        Assert.Equal(2, bench.ChunksInFlight());

        // Act: a connection ends, whichever chunks were on it; what arrives over the other one makes room in the window.
        bench.Leave(second);
        bench.Say(first, FrameType.Ack, new AckBody([one.Value, other.Value]).ToArray());
        await bench.Kit.SettleAsync(waitForTasks: true);

        // Assert
        Assert.Equal(0, bench.ChunksInFlight());
        Assert.StartsWith("1 of 2 connections", bench.Noted("connections-wait")[^1], StringComparison.Ordinal);
        await bench.JoinAsync();
        Assert.Equal(2, bench.ChunksInFlight());
        Assert.Equal(2, bench.Noted("connections-complete").Count);
    }

    [Fact]
    public async Task Strict_NotAllWithinTheLimit_FailsAndSaysHowManyAndWhy()
    {
        await using SessionBench bench = await OpenAsync(ConnectionPolicy.Strict, connections: 3);
        await bench.JoinAsync();
        bench.FailDial(new Problem(Reason.NodeUnreachable, "Node 'b' has 1 connections already."));

        bench.Kit.Time.Advance(Options.StrictConnectTimeout - TimeSpan.FromSeconds(1));
        Assert.Empty(bench.Told().OfType<SessionEnded>());
        bench.Kit.Time.Advance(TimeSpan.FromSeconds(1));

        SessionEnded ended = await EndAsync(bench);
        Assert.Equal((SessionEnd.Failed, Reason.ConnectionsMissing), (ended.End, ended.Problem?.Reason));
        Assert.Equal(
            "1 of 3 connections to b stand after 30 s; the last dial failed: Node 'b' has 1 connections already.", ended.Problem?.Detail);
    }

    [Fact]
    public async Task Strict_NotAllWithinTheLimitAndNoDialFailed_NamesTheLimitOfThisNode()
    {
        await using SessionBench bench = await OpenAsync(ConnectionPolicy.Strict, connections: 3);

        bench.Kit.Time.Advance(Options.StrictConnectTimeout);

        Assert.Contains("data-plane.max-connections-per-peer of this node", (await EndAsync(bench)).Problem?.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Strict_AfterALoss_HasTheWholeLimitAgainAndFailsBehindIt()
    {
        await using SessionBench bench = await OpenAsync(ConnectionPolicy.Strict, connections: 2);
        await bench.JoinAsync();
        bench.Kit.Time.Advance(Options.StrictConnectTimeout / 2);
        ConnectionHandle lost = await bench.JoinAsync();
        bench.Kit.Time.Advance(2 * Options.StrictConnectTimeout);
        Assert.Empty(bench.Told().OfType<SessionEnded>());

        bench.Leave(lost);
        bench.Kit.Time.Advance(Options.StrictConnectTimeout - TimeSpan.FromSeconds(1));
        Assert.Empty(bench.Told().OfType<SessionEnded>());
        bench.Kit.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(Reason.ConnectionsMissing, (await EndAsync(bench)).Problem?.Reason);
    }

    [Fact]
    public async Task Flexible_WithOneOfThree_SendsAndGoesOn()
    {
        await using SessionBench bench = await OpenAsync(ConnectionPolicy.Flexible, connections: 3);
        ConnectionHandle first = await bench.JoinAsync();
        bench.FailDial(new Problem(Reason.NodeUnreachable, "Node 'b' has 1 connections already."));
        await TakePageAsync(bench, first);

        await bench.NextAsync(FrameType.Chunk);
        bench.Kit.Time.Advance(Options.StrictConnectTimeout);

        Assert.Empty(bench.Told().OfType<SessionEnded>());
        Assert.Empty(bench.Noted("connections-wait"));
    }

    private static async Task<SessionBench> OpenAsync(ConnectionPolicy policy, int? connections, SessionOptions? options = null)
    {
        SessionBench bench = SessionBench.Create(
            options ?? Options, request: Samples.Request with { ConnectionPolicy = policy, Connections = connections });
        using (FileStream file = File.Create(Path.Combine(bench.SourceFolder, "big")))
        {
            file.Write(new byte[8 * Manifests.MiB]);
        }

        await bench.OpenAsync();
        return bench;
    }

    // The destination has nothing of the page and a window for it.
    private static async Task TakePageAsync(SessionBench bench, ConnectionHandle connection, long window = 64 * Manifests.MiB)
    {
        bench.Say(connection, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());
        bench.Say(connection, FrameType.Credit, new CreditBody(window).ToArray());
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(connection, page, plan, chunk => chunk.IsPacked);
        await bench.Kit.SettleAsync(waitForTasks: true);
    }

    private static async Task<SessionEnded> EndAsync(SessionBench bench)
    {
        await bench.Kit.SettleAsync(waitForTasks: true);
        return Assert.Single(bench.Told().OfType<SessionEnded>());
    }
}
