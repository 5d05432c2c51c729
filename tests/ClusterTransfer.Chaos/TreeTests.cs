using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Chaos;

/// <summary>kill -9 while 20,000 small files are on their way.</summary>
[Trait("category", "slow")]
public sealed class TreeTests(SourceData data, ITestOutputHelper output)
{
    // Small checkpoints and a small window spread the tree's 160 MB over many moments.
    [Fact]
    [Trait("row", "P1")]
    public Task DestinationThenSource_KilledAmongSmallFiles_TreeArrivesEqual() => Cluster.RunAsync(hubApart: true, data.Folder, async cluster =>
    {
        long bytes = data.TreeBytes;
        (NodeProcess Victim, double Moment)[] kills = [(cluster.Destination, 0.15), (cluster.Source, 0.45), (cluster.Destination, 0.7)];
        cluster.Relay.HoldAt(JustPast(kills[0].Moment, bytes));
        (CopyRun copy, TransferFollower transfer) = await cluster.CopyAsync(SourceData.TreeName, client: cluster.Hub, observer: cluster.Hub);
        int sessions = 0;
        for (int kill = 0; kill < kills.Length; kill++)
        {
            (NodeProcess victim, double moment) = kills[kill];
            TransferResource at = await transfer.WhenAsync(
                $"{moment:P0} are published", now => now.Progress.FilesPublished >= moment * SourceData.TreeFiles && now.Sessions > sessions);
            Assert.Equal(TransferState.Active, at.State);
            await victim.KillAsync();
            double published = (double)at.Progress.FilesPublished / SourceData.TreeFiles;
            cluster.Relay.HoldAt(kill + 1 < kills.Length
                ? cluster.Relay.BytesForward + JustPast(kills[kill + 1].Moment - published, bytes)
                : long.MaxValue);
            sessions = at.Sessions;
            output.WriteLine($"{victim.Name} killed with {at.Progress.FilesPublished} of {SourceData.TreeFiles} files published");
            await cluster.RestartAsync(victim);
        }

        TransferResource ended = await transfer.EndedAsync();
        Assert.Equal(TransferState.Completed, ended.State);
        Assert.True(ended.Sessions >= 4, $"Only {ended.Sessions} sessions: the kills did not hit them.");
        Assert.Equal(SourceData.TreeFiles, ended.Progress.FilesPublished);
        Assert.Equal(bytes, ended.Progress.BytesPublished);
        await copy.SucceededAsync("session-lost");
        await Equality.OfTreeAsync(cluster, data, SourceData.TreeName);
        await Equality.NothingLeftAsync(cluster, transfer.Id);
    }, checkpointBytes: 8 << 20, windowBytes: 8 << 20);

    // The data is held a little past each moment until the kill has come: enough for what is under way and sent again, not enough to get to the end.
    private static long JustPast(double part, long bytes) => (long)((part + 0.2) * bytes);
}
