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
        SourceFile file = data.Medium;
        (CopyRun copy, TransferFollower transfer) = await cluster.CopyAsync(file.Name, client: cluster.Hub, observer: cluster.Hub);
        await transfer.WhenAsync("30 % are durable", now => now.Progress.BytesDurable >= 0.3 * file.Size);
        await cluster.Source.KillAsync();
        Assert.True(Directory.Exists(Path.Combine(cluster.Source.StateFolder, "outgoing", transfer.Id.Value)));

        await cluster.Hub.Client.CancelAsync(transfer.Id.Value, TestContext.Current.CancellationToken);
        TransferResource ended = await transfer.EndedAsync();
        await cluster.RestartAsync(cluster.Source);

        Assert.Equal(TransferState.Cancelled, ended.State);
        Assert.NotEqual(0, await copy.Run.EndAsync(Patience.Process));
        Assert.False(File.Exists(Path.Combine(cluster.DestinationFolder, "in", file.Name)));
        await Equality.NothingLeftAsync(cluster, transfer.Id);
    });

    // Only the destination can say what was published before, so the end waits for it; its new run has the journal and no session.
    [Fact]
    public Task Cancel_WhileTheDestinationIsDead_EndsWhenItIsBackAndLeavesNothingAnywhere() => Cluster.RunAsync(hubApart: true, data.Folder, async cluster =>
    {
        SourceFile file = data.Medium;
        (CopyRun copy, TransferFollower transfer) =
            await cluster.CopyAsync(file.Name, client: cluster.Hub, observer: cluster.Hub, "--conflict", "skip", "--durability", "verified");
        await transfer.WhenAsync("30 % are durable", now => now.Progress.BytesDurable >= 0.3 * file.Size);
        await cluster.Destination.KillAsync();

        await cluster.Hub.Client.CancelAsync(transfer.Id.Value, TestContext.Current.CancellationToken);
        await transfer.WhenAsync("the transfer waits for its destination", now => now.Problem?.Reason == Reason.NodeUnreachable);
        await cluster.RestartAsync(cluster.Destination);

        Assert.Equal(TransferState.Cancelled, (await transfer.EndedAsync()).State);
        Assert.NotEqual(0, await copy.Run.EndAsync(Patience.Process));
        Assert.False(File.Exists(Path.Combine(cluster.DestinationFolder, "in", file.Name)));
        await Equality.NothingLeftAsync(cluster, transfer.Id);
    });
}
