using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Configuration;
using ClusterTransfer.Node.Hosting;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>Rows NW-11 and NW-12: the limits of nodes and peers between two real nodes.</summary>
public sealed class NodeLimitTests
{
    private static readonly NodeId Alpha = new("alpha");
    private static readonly NodeId Beta = new("beta");

    [Theory]
    [InlineData(LimitScope.Node)]
    [InlineData(LimitScope.Peer)]
    public async Task Limit_SetWhileItSends_HoldsAllItsTransfersBackUntilItIsTakenAway(LimitScope scope)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        NodeId? peer = scope == LimitScope.Peer ? Beta : null;
        string[] sources = [Files.Write(Path.Combine(cluster.Source, "one"), 8 * Cluster.ChunkSize), Files.Write(Path.Combine(cluster.Source, "two"), 8 * Cluster.ChunkSize)];
        NodeLimitsResource set = await cluster.Client.LimitNodeAsync(Alpha, new LimitNode { Peer = peer, Limit = RateLimit.Min });
        TransferResource one = await cluster.SubmitAsync("src:one", "dst:");
        TransferResource two = await cluster.SubmitAsync("src:two", "dst:");

        TransferEvent held = await cluster.EventAsync(one.Id, item => item.Transfer.HeldBackBy is { SharedWith: 1 });
        TransferEvent heldToo = await cluster.EventAsync(two.Id, item => item.Transfer.HeldBackBy is { SharedWith: 1 });
        NodeLimitsResource free = await cluster.Client.LimitNodeAsync(Alpha, new LimitNode { Peer = peer, Limit = null });
        Assert.Equal(TransferState.Completed, (await cluster.EndOfAsync(one.Id)).State);
        Assert.Equal(TransferState.Completed, (await cluster.EndOfAsync(two.Id)).State);

        Assert.Equal((RateLimit.Min, LimitOrigin.Set, true), peer is null ? (set.Limit!.Value, set.Origin, set.InForce) : (set.Peers[0].Limit!.Value, set.Peers[0].Origin, set.InForce));
        Assert.Equal((scope, RateLimit.Min), (held.Transfer.HeldBackBy!.Scope, held.Transfer.HeldBackBy.BytesPerSecond));
        Assert.Equal(scope, heldToo.Transfer.HeldBackBy!.Scope);
        Assert.InRange(held.Transfer.HeldBackBy.Share!.Value, 1, RateLimit.Min);
        Assert.Null(peer is null ? free.Limit : free.Peers[0].Limit);
        TransferEvent changed = (await cluster.StoryAsync(one.Id)).Single(item => item.Kind == "node-limit-changed");
        Assert.Equal(("alpha", RateLimit.Min, RateLimit.None), (changed.Data!["node"].GetString(), changed.Data["before"].GetInt64(), changed.Data["after"].GetString()));
        Assert.Equal(peer is null, !changed.Data.ContainsKey("peer"));
        Files.AssertEqual(sources[0], Path.Combine(cluster.Target, "one"));
        await cluster.AlphaLogs.HasAsync(6034, line => line.Contains("at most 64 KiB/s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Limit_Configured_IsShownAndCanBeSetAndSetBack()
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup
        {
            Beta = options => options with { DataPlane = options.DataPlane with { Limit = 20_000_000, PeerLimits = new Dictionary<NodeId, long> { [Alpha] = 1_000_000 } } },
        });

        NodeLimitsResource before = await LimitsAsync(cluster.Client, Beta, limits => limits.InForce);
        using ClusterTransferClient atBeta = Cluster.ClientOf(cluster.Beta, cluster.BetaToken);
        NodeLimitsResource set = await atBeta.LimitNodeAsync(Beta, new LimitNode { Limit = null });
        NodeLimitsResource peerSet = await atBeta.LimitNodeAsync(Beta, new LimitNode { Peer = Alpha, Limit = 2_000_000 });
        NodeLimitsResource back = await atBeta.LimitNodeAsync(Beta, new LimitNode { Configured = true });
        await atBeta.LimitNodeAsync(Beta, new LimitNode { Peer = Alpha, Configured = true });

        Assert.Equal((20_000_000, LimitOrigin.Configuration), (before.Limit, before.Origin));
        Assert.Equal(new PeerLimitResource { Peer = Alpha, Limit = 1_000_000 }, Assert.Single(before.Peers));
        Assert.Equal((null, LimitOrigin.Set, true), (set.Limit, set.Origin, set.InForce));
        Assert.Equal(new PeerLimitResource { Peer = Alpha, Limit = 2_000_000, Origin = LimitOrigin.Set }, Assert.Single(peerSet.Peers));
        Assert.Equal((20_000_000, LimitOrigin.Configuration), (back.Limit, back.Origin));
        NodeLimitsResource after = await LimitsAsync(atBeta, Beta, limits => limits.InForce);
        Assert.Equal((before.Limit, before.Origin, before.Peers[0]), (after.Limit, after.Origin, Assert.Single(after.Peers)));
    }

    [Fact]
    public async Task Limit_OfANode_SurvivesItsRestartAndThatOfTheHub()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        await cluster.Client.LimitNodeAsync(Beta, new LimitNode { Limit = 3_000_000 });
        await cluster.StopBetaAsync();
        NodeLimitsResource away = await cluster.Client.LimitNodeAsync(Beta, new LimitNode { Limit = 5_000_000 });
        await cluster.StartBetaAsync();

        NodeLimitsResource again = await LimitsAsync(cluster.Client, Beta, limits => limits.InForce);
        Assert.Equal((5_000_000, false), (away.Limit, away.InForce));
        Assert.Equal((5_000_000, LimitOrigin.Set), (again.Limit, again.Origin));
        await cluster.BetaLogs.HasAsync(6034, line => line.Contains("in all (set by hand)", StringComparison.Ordinal));

        await cluster.Client.LimitNodeAsync(Alpha, new LimitNode { Limit = 7_000_000 });
        await cluster.Alpha.DisposeAsync();
        NodeOptions options = cluster.OptionsOf("alpha");
        await using NodeHost hub = await NodeHost.StartAsync(options with { Hub = options.Hub with { Enabled = true } }, cluster.AlphaLogs, TimeProvider.System, CancellationToken.None);
        using ClusterTransferClient client = Cluster.ClientOf(hub, cluster.AlphaToken);

        NodeLimitsResource restarted = await LimitsAsync(client, Alpha, limits => limits is { InForce: true, Limit: not null });
        Assert.Equal((7_000_000, LimitOrigin.Set), (restarted.Limit, restarted.Origin));
    }

    [Fact]
    public async Task Limit_ThatMakesNoSense_IsRefusedAndChangesNothing()
    {
        await using Cluster cluster = await Cluster.StartAsync();

        await RefusedAsync(Reason.InvalidRequest, Alpha, new LimitNode { Limit = 0 });
        await RefusedAsync(Reason.InvalidRequest, Alpha, new LimitNode { Limit = RateLimit.Min - 1 });
        await RefusedAsync(Reason.InvalidRequest, Alpha, new LimitNode { Peer = Alpha, Limit = RateLimit.Min });
        await RefusedAsync(Reason.InvalidRequest, Alpha, new LimitNode { Limit = RateLimit.Min, Configured = true });
        await RefusedAsync(Reason.NodeUnreachable, new NodeId("gamma"), new LimitNode { Limit = RateLimit.Min });
        await RefusedAsync(Reason.NodeUnreachable, Alpha, new LimitNode { Peer = new NodeId("gamma"), Limit = RateLimit.Min });

        NodeLimitsResource limits = await LimitsAsync(cluster.Client, Alpha, one => one.InForce);
        Assert.Equal((null, LimitOrigin.Configuration, 0), (limits.Limit, limits.Origin, limits.Peers.Count));

        async Task RefusedAsync(Reason reason, NodeId node, LimitNode limit) => Assert.Equal(
            reason, (await Assert.ThrowsAnyAsync<ClusterTransferException>(() => cluster.Client.LimitNodeAsync(node, limit).WithinDeadline())).Reason);
    }

    // A node tells what holds a moment after it has registered.
    private static Task<NodeLimitsResource> LimitsAsync(ClusterTransferClient client, NodeId node, Func<NodeLimitsResource, bool> wanted)
    {
        return FindAsync().WithinDeadline();

        async Task<NodeLimitsResource> FindAsync()
        {
            while (true)
            {
                if ((await client.NodesAsync()).FirstOrDefault(one => one.Name == node)?.Limits is { } limits && wanted(limits))
                {
                    return limits;
                }
            }
        }
    }
}
