using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Chaos;

/// <summary>What a node may hold on to: resident memory while it works, file descriptors when it has worked.</summary>
[Trait("category", "slow")]
public sealed class MemoryTests(SourceData data, ITestOutputHelper output)
{
    private const long ResidentLimit = 300L << 20;

    // Data connections stay warm for a minute after a transfer, and the thread pool keeps its own.
    private const int FilesMore = 32;

    [Fact]
    [Trait("row", "P6")]
    public Task FourGiBAndTwentyThousandFiles_StayBelowTheMemoryLimit() => Cluster.RunAsync(hubApart: true, data.Folder, async cluster =>
    {
        SourceFile huge = data.Huge;
        int[] before = [.. cluster.Nodes.Select(node => node.OpenFiles().Count)];

        TransferFollower file = await CopyAsync(cluster, huge.Name);
        await Equality.OfFileAsync(cluster, data, huge);
        Directory.Delete(Path.Combine(cluster.DestinationFolder, "in"), recursive: true);
        Report(cluster, "4 GiB in one file");

        Assert.NotEqual(0, data.TreeBytes);
        TransferFollower tree = await CopyAsync(cluster, SourceData.TreeName);
        await Equality.OfTreeAsync(cluster, data, SourceData.TreeName);
        Report(cluster, "then 20,000 files");

        await Equality.NothingLeftAsync(cluster, file.Id);
        await Equality.NothingLeftAsync(cluster, tree.Id);
        Assert.All(cluster.Nodes, node => Assert.InRange(node.PeakResidentBytes(), 1, ResidentLimit));
        foreach ((NodeProcess node, int count) in cluster.Nodes.Zip(before))
        {
            // The last handles close when the hub has recorded the end, a moment after it was told.
            await Patience.UntilAsync(
                $"{node.Name} has closed the files of the transfers", Patience.Process, () => node.OpenFiles().Count <= count + FilesMore && Left(cluster, node).Length == 0);
            string[] left = Left(cluster, node);
            output.WriteLine($"{node.Name}: {count} descriptors before, {node.OpenFiles().Count} after: {string.Join(", ", left)}");
            Assert.Empty(left);
        }
    });

    // Handles of source files, of staged and published files, and of files of the node that are gone. What the runtime itself maps is not ours.
    private string[] Left(Cluster cluster, NodeProcess node) =>
    [
        .. node.OpenFiles().Where(path =>
            path.StartsWith(data.Folder + "/", StringComparison.Ordinal)
            || path.StartsWith(cluster.DestinationFolder + "/in/", StringComparison.Ordinal)
            || path.EndsWith(".part", StringComparison.Ordinal)
            || (path.StartsWith(node.Folder + "/", StringComparison.Ordinal) && path.EndsWith(" (deleted)", StringComparison.Ordinal))),
    ];

    private static async Task<TransferFollower> CopyAsync(Cluster cluster, string name)
    {
        (CopyRun copy, TransferFollower transfer) = await cluster.CopyAsync(name, client: cluster.Hub, observer: cluster.Hub);
        TransferResource ended = await transfer.EndedAsync();
        Assert.Equal(TransferState.Completed, ended.State);
        Assert.Equal(1, ended.Sessions);
        await copy.SucceededAsync();
        return transfer;
    }

    private void Report(Cluster cluster, string after) => output.WriteLine(
        $"peak resident memory, {after}: {string.Join(", ", cluster.Nodes.Select(node => $"{node.Name} {node.PeakResidentBytes() >> 20} MiB"))}");
}
