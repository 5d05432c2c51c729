using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Transport.Connections;

namespace ClusterTransfer.Transfers.Tests.Peers;

/// <summary>What becomes of a connection that brings damaged chunks.</summary>
public sealed class ConnectionScoreTests
{
    [Fact]
    [Trait("row", "N6")]
    public async Task Judged_DamagedUpToTheLimit_BothEndsLeaveAndKnowWhy()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        ConnectionHandle connection = Assert.Single(await bench.JoinAsync());

        for (int score = 1; score <= 3; score++)
        {
            connection.Judge($"chunk {score}: Corrupt");
            ConnectionFacts.ScoreChanged changed = bench.Source.ExpectMsg<ConnectionFacts.ScoreChanged>();
            Assert.Equal((connection.Number, score, 3, $"chunk {score}: Corrupt"), (changed.Number, changed.Health.Score, changed.Limit, changed.Health.LastReason));
        }

        // Here at once, without waiting for the peer; there with the last word.
        PumpEnd here = bench.Source.ExpectMsg<ConnectionFacts.ConnectionLeft>().End;
        PumpEnd there = (await bench.Destination.ExpectMsgAsync<ConnectionFacts.ConnectionLeft>()).End;
        Assert.Equal((PumpEndReason.Cancelled, Reason.ChunkCorrupt), (here.Reason, here.Problem?.Reason));
        Assert.Equal((PumpEndReason.PeerClosed, here.Problem), (there.Reason, there.Problem));
        Assert.Contains("chunk 3: Corrupt", here.Problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("row", "N6")]
    public async Task Judged_DamagedUpToTheLimit_AnotherIsDialledAfterThePause()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        ConnectionHandle bad = Assert.Single(await bench.JoinAsync());
        await bench.GoneAsync(bad, () => Damage(bad, times: 3));
        await bench.Destination.ExpectMsgAsync<ConnectionFacts.ConnectionLeft>();
        bench.Source.ReceiveN(4);

        // Past every other timer that may be due before it, such as those of a connection that closes.
        bench.Source.ExpectNoMsg();
        bench.Kit.Time.Advance(bench.Options.RedialMin);

        ConnectionHandle next = (await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>()).Connection;
        Assert.NotEqual(bad.Number, next.Number);
        Assert.Equal(0, next.Health.Score);
    }

    [Fact]
    public async Task Judged_GoodInBetween_ForgivesAndSaysSoWhenAllIsForgiven()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        ConnectionHandle connection = Assert.Single(await bench.JoinAsync());

        for (int i = 0; i < 10; i++)
        {
            connection.Judge("chunk 1: Corrupt");
            connection.Judge(null);
            connection.Judge(null);
            Assert.Equal(1, bench.Source.ExpectMsg<ConnectionFacts.ScoreChanged>().Health.Score);
            Assert.Equal(0, bench.Source.ExpectMsg<ConnectionFacts.ScoreChanged>().Health.Score);
        }

        bench.Source.ExpectNoMsg();
        Assert.Equal((0, 10L, 20L, 10L), (connection.Health.Score, connection.Health.Bad, connection.Health.Good, connection.Health.Forgiven));
    }

    [Fact]
    public async Task Judged_DecayByTime_ForgivesWithoutAnybodyAsking()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        bench.OpenDestination();
        bench.OpenSource(bench.SourceBinding() with { BadChunks = new() { Decay = BadChunkDecay.Time, ForgiveAfter = TimeSpan.FromSeconds(2) } });
        ConnectionHandle connection = (await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>()).Connection;
        Damage(connection, times: 2);
        bench.Source.ReceiveN(2);

        bench.Kit.Time.Advance(TimeSpan.FromSeconds(2));
        bench.Source.ExpectNoMsg();
        bench.Kit.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal((0, 2L), (bench.Source.ExpectMsg<ConnectionFacts.ScoreChanged>().Health.Score, connection.Health.Forgiven));
    }

    [Fact]
    public async Task Judged_BindingWithALowerLimit_IsClosedThere()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        bench.OpenDestination();
        bench.OpenSource(bench.SourceBinding() with { BadChunks = new() { Limit = 1 } });
        ConnectionHandle connection = (await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>()).Connection;

        Damage(connection, times: 1);

        bench.Source.ExpectMsg<ConnectionFacts.ScoreChanged>();
        bench.Source.ExpectMsg<ConnectionFacts.ConnectionLeft>();
    }

    private static void Damage(ConnectionHandle connection, int times)
    {
        for (int i = 0; i < times; i++)
        {
            connection.Judge("damaged");
        }
    }
}
