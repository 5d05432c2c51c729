using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>A destination that takes two connections of a peer, and transfers that want four.</summary>
public sealed class ConnectionPolicyTests
{
    private static readonly ClusterSetup TwoOfFour = new()
    {
        Alpha = options => options with { Transfers = options.Transfers with { StrictConnectTimeout = TimeSpan.FromSeconds(1) } },
        Beta = options => options with { DataPlane = options.DataPlane with { Connections = 2, MaxConnectionsPerPeer = 2 } },
    };

    [Fact]
    public async Task Strict_FailsAndNothingWasSent()
    {
        await using Cluster cluster = await Cluster.StartAsync(TwoOfFour);
        Files.Write(Path.Combine(cluster.Source, "file"), 4 * Cluster.ChunkSize);

        TransferResource done = await CopyAsync(cluster, ConnectionPolicy.Strict);

        Assert.Equal((TransferState.Failed, Reason.ConnectionsMissing, 5), (done.State, done.Problem?.Reason, done.ExitCode));
        Assert.Contains("of 4 connections to beta stand after 1 s", done.Problem!.Detail, StringComparison.Ordinal);
        Assert.Equal((1, 0L), (done.Sessions, done.Progress.BytesSent));
        Assert.Empty(Files.Names(cluster.Target));
        Assert.Contains(await cluster.StoryAsync(done.Id), item => item.Kind == "connections-wait");
    }

    [Fact]
    public async Task Flexible_ArrivesOverThoseThereAre()
    {
        await using Cluster cluster = await Cluster.StartAsync(TwoOfFour);
        string source = Files.Write(Path.Combine(cluster.Source, "file"), 4 * Cluster.ChunkSize);

        TransferResource done = await CopyAsync(cluster, ConnectionPolicy.Flexible);

        Assert.Equal((TransferState.Completed, 1), (done.State, done.Sessions));
        Files.AssertEqual(source, Path.Combine(cluster.Target, "file"));
    }

    [Fact]
    public async Task Strict_RetriedWhenTheDestinationTakesMore_Arrives()
    {
        int most = 2;
        await using Cluster cluster = await Cluster.StartAsync(TwoOfFour with
        {
            Beta = options => options with { DataPlane = options.DataPlane with { Connections = 2, MaxConnectionsPerPeer = most } },
        });
        string source = Files.Write(Path.Combine(cluster.Source, "file"), 4 * Cluster.ChunkSize);
        TransferResource failed = await CopyAsync(cluster, ConnectionPolicy.Strict);
        await cluster.StopBetaAsync();
        most = 4;
        await cluster.StartBetaAsync();

        await cluster.Client.RetryAsync(failed.Id.Value).WithinDeadline();
        TransferResource done = await cluster.EndOfAsync(failed.Id);

        Assert.Equal((TransferState.Completed, 1), (done.State, done.Retries));
        Files.AssertEqual(source, Path.Combine(cluster.Target, "file"));
    }

    [Fact]
    public async Task Strict_WhenAllCanBeHad_Arrives()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        string source = Files.Write(Path.Combine(cluster.Source, "file"), 4 * Cluster.ChunkSize);

        TransferResource done = await CopyAsync(cluster, ConnectionPolicy.Strict);

        Assert.Equal(TransferState.Completed, done.State);
        Files.AssertEqual(source, Path.Combine(cluster.Target, "file"));
        Assert.Contains(await cluster.StoryAsync(done.Id), item => item.Kind == "connections-complete");
    }

    private static async Task<TransferResource> CopyAsync(Cluster cluster, ConnectionPolicy policy)
    {
        var submit = new SubmitTransfer { Source = "src:file", Destination = "dst:", Connections = 4, ConnectionPolicy = policy };
        return await cluster.EndOfAsync((await cluster.Client.SubmitAsync(submit).WithinDeadline()).Id);
    }
}
