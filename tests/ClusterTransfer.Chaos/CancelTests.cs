using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Chaos;

/// <summary>Transfers that end while a node of theirs is dead.</summary>
[Trait("category", "slow")]
public sealed class CancelTests(SourceData data)
{
    [Fact]
    public Task Cancel_WhileTheSourceIsDead_EndsAndLeavesNothingAnywhere() => Cluster.RunAsync(hubApart: true, data.Folder, async cluster =>
    {
        Assert.NotEqual(default, data.Medium);
        (CopyRun copy, TransferFollower transfer) = await cluster.CopyAsync(SourceData.MediumName, client: cluster.Hub, observer: cluster.Hub);
        await transfer.WhenAsync("30 % are durable", now => now.Progress.BytesDurable >= 0.3 * SourceData.MediumSize);
        await cluster.Source.KillAsync();
        Assert.True(Directory.Exists(Path.Combine(cluster.Source.StateFolder, "outgoing", transfer.Id.Value)));

        await cluster.Hub.Client.CancelAsync(transfer.Id.Value, TestContext.Current.CancellationToken);
        TransferResource ended = await transfer.EndedAsync();
        await cluster.RestartAsync(cluster.Source);

        Assert.Equal(TransferState.Cancelled, ended.State);
        Assert.NotEqual(0, await copy.Run.EndAsync(Patience.Process));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(cluster.DestinationFolder, "in")));
        await Equality.NothingLeftAsync(cluster, transfer.Id);
    });
}
