using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Chaos;

/// <summary>Nodes that die while they recover, several at once, and nodes that are asked to stop while they work.</summary>
[Trait("category", "slow")]
public sealed class RestartTests(SourceData data, ITestOutputHelper output)
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    [Fact]
    [Trait("row", "P2")]
    public Task Destination_KilledAgainWhileItStartsAndRecovers_TransferCompletesEqual() => Cluster.RunAsync(hubApart: true, data.Folder, async cluster =>
    {
        SourceFile file = data.Medium;
        (CopyRun copy, TransferFollower transfer) = await cluster.CopyAsync(file.Name, client: cluster.Hub, observer: cluster.Hub);
        await transfer.WhenAsync("30 % are durable", now => now.Progress.BytesDurable >= 0.3 * file.Size);
        await cluster.Destination.KillAsync();

        // It has taken the location's lock and nothing else yet.
        cluster.Destination.Start();
        await Patience.UntilAsync(
            "the destination has opened its location", Patience.Process, () => cluster.Destination.Run.ErrorLines.Any(line => line.Contains("Location dst serves", StringComparison.Ordinal)));
        await cluster.Destination.KillAsync();

        // It has read its journal and hashes again what is on its disk.
        cluster.Destination.Start();
        await transfer.WhenAsync("the destination has recovered", _ => transfer.Count("recovered") == 1);
        await cluster.Destination.KillAsync();
        await cluster.RestartAsync(cluster.Destination);

        TransferResource ended = await transfer.EndedAsync();
        Assert.Equal(TransferState.Completed, ended.State);
        Assert.True(ended.Sessions >= 3, $"Only {ended.Sessions} sessions: the kills did not hit them.");
        await copy.SucceededAsync("session-lost");
        await Equality.OfFileAsync(cluster, data, file);
        await Equality.NothingLeftAsync(cluster, transfer.Id);
    });

    [Fact]
    public Task AllNodes_KilledAtOnceTwice_TransferCompletesEqual() => Cluster.RunAsync(hubApart: true, data.Folder, async cluster =>
    {
        SourceFile file = data.Medium;
        NodeProcess[] nodes = [cluster.Hub, cluster.Source, cluster.Destination];
        (CopyRun copy, TransferFollower transfer) = await cluster.CopyAsync(file.Name, client: cluster.Hub, observer: cluster.Hub);
        foreach (double moment in new[] { 0.25, 0.6 })
        {
            TransferResource at = await transfer.WhenAsync($"{moment:P0} are durable", now => now.Progress.BytesDurable >= moment * file.Size);
            Assert.Equal(TransferState.Active, at.State);
            foreach (NodeProcess node in nodes)
            {
                await node.KillAsync();
            }

            // The hub last: the others find nobody to report to at first.
            foreach (NodeProcess node in nodes.Reverse())
            {
                node.Start();
            }

            await cluster.ReadyAsync();
        }

        TransferResource ended = await transfer.EndedAsync();
        Assert.Equal(TransferState.Completed, ended.State);
        Assert.True(ended.Sessions >= 3, $"Only {ended.Sessions} sessions: the kills did not hit them.");
        await copy.SucceededAsync("lost the node", "session-lost");
        await Equality.OfFileAsync(cluster, data, file);
        await Equality.NothingLeftAsync(cluster, transfer.Id);
    });

    [Fact]
    [Trait("row", "P4")]
    public Task EachNode_AskedToStopWhileBusy_EndsInTimeAndTransferCompletesEqual() => Cluster.RunAsync(hubApart: true, data.Folder, async cluster =>
    {
        SourceFile file = data.Medium;
        (CopyRun copy, TransferFollower transfer) = await cluster.CopyAsync(file.Name, client: cluster.Hub, observer: cluster.Hub);
        foreach ((NodeProcess node, double moment) in new[] { (cluster.Destination, 0.15), (cluster.Source, 0.4), (cluster.Hub, 0.65) })
        {
            TransferResource at = await transfer.WhenAsync($"{moment:P0} are durable", now => now.Progress.BytesDurable >= moment * file.Size);
            Assert.Equal(TransferState.Active, at.State);
            long start = TimeProvider.System.GetTimestamp();
            await node.Run.TerminateAsync();
            Assert.Equal(0, await node.Run.EndAsync(StopLimit));
            output.WriteLine($"{node.Name} stopped in {TimeProvider.System.GetElapsedTime(start).TotalMilliseconds:0} ms");
            await cluster.RestartAsync(node);
        }

        TransferResource ended = await transfer.EndedAsync();
        Assert.Equal(TransferState.Completed, ended.State);
        Assert.True(ended.Sessions >= 3, $"Only {ended.Sessions} sessions: the stops did not hit them.");

        // Whoever stops in good order leaves nothing to hash again.
        Assert.All(
            transfer.Events.Where(item => item.Kind == "recovered"), item => Assert.Contains(" 0 to hash again", item.Text, StringComparison.Ordinal));
        await copy.SucceededAsync("lost the node", "back after", "session-lost");
        await Equality.OfFileAsync(cluster, data, file);
        await Equality.NothingLeftAsync(cluster, transfer.Id);
    });
}
