using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Chaos;

/// <summary>kill -9 while 20,000 small files are on their way.</summary>
[Trait("category", "slow")]
public sealed class TreeTests(SourceData data, ITestOutputHelper output)
{
    // Files are published a checkpoint at a time: small checkpoints spread the tree's 160 MB over many moments.
    [Fact]
    public Task DestinationThenSource_KilledAmongSmallFiles_TreeArrivesEqual() => Cluster.RunAsync(hubApart: true, data.Folder, async cluster =>
    {
        long bytes = data.TreeBytes;
        (CopyRun copy, TransferFollower transfer) = await cluster.CopyAsync(SourceData.TreeName, client: cluster.Hub, observer: cluster.Hub);
        int kills = 0;
        foreach ((NodeProcess victim, double moment) in new[] { (cluster.Destination, 0.15), (cluster.Source, 0.45), (cluster.Destination, 0.7) })
        {
            TransferResource at = await transfer.WhenAsync(
                $"{moment:P0} are published", now => now.Progress.FilesPublished >= moment * SourceData.TreeFiles && now.Sessions == kills + 1);
            Assert.Equal(TransferState.Active, at.State);
            await victim.KillAsync();
            kills++;
            output.WriteLine($"{victim.Name} killed with {at.Progress.FilesPublished} of {SourceData.TreeFiles} files published");
            await cluster.RestartAsync(victim);
        }

        TransferResource ended = await transfer.EndedAsync();
        Assert.Equal(TransferState.Completed, ended.State);
        Assert.Equal(kills + 1, ended.Sessions);
        Assert.Equal(SourceData.TreeFiles, ended.Progress.FilesPublished);
        Assert.Equal(bytes, ended.Progress.BytesPublished);
        await copy.SucceededAsync("session-lost");
        await Equality.OfTreeAsync(cluster, data, SourceData.TreeName);
        await Equality.NothingLeftAsync(cluster, transfer.Id);
    }, checkpointBytes: 8 << 20);
}
