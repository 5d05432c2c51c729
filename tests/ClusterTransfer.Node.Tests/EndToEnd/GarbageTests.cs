using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>What nodes keep, asked of either of two real nodes, and its removal.</summary>
public sealed class GarbageTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Kept_OfEachNode_IsJudgedAndOnlyWhatNobodyNeedsIsRemoved(bool askBeta)
    {
        // Arrange: an orphan at the destination, one at the source, something of somebody else's, and a transfer that can be retried.
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.ShowLogs();
        Files.Write(Path.Combine(cluster.Source, "tree", "good"), 3 * Cluster.ChunkSize);
        Files.Write(Path.Combine(cluster.Source, "tree", "taken"), 10);
        Files.Write(Path.Combine(cluster.Target, "tree", "taken"), 20);
        TransferResource partial = await cluster.CopyAsync("src:tree", "dst:");
        Assert.Equal(TransferState.Partial, partial.State);
        string staging = Path.Combine(cluster.Target, ".clustertransfer");
        TransferId orphan = TransferId.New();
        TransferId outgoing = TransferId.New();
        Files.Write(Path.Combine(staging, orphan.Value, "0.part"), 5000);
        Files.Write(Path.Combine(cluster.Folder["alpha", "outgoing"], outgoing.Value, "scan.log"), 5000);
        Files.Write(Path.Combine(staging, "not-ours"), 10);
        using Client.ClusterTransferClient client = askBeta ? Cluster.ClientOf(cluster.Beta, cluster.BetaToken) : Cluster.ClientOf(cluster.Alpha, cluster.AlphaToken);

        // Act
        IReadOnlyList<KeptResource> shown = await client.KeptAsync(TestContext.Current.CancellationToken);
        bool isThereStill = Directory.Exists(Path.Combine(staging, orphan.Value));
        IReadOnlyList<KeptResource> removed = await client.RemoveKeptAsync(TestContext.Current.CancellationToken);
        await GoneAsync(staging, orphan).WithinDeadline();
        await GoneAsync(cluster.Folder["alpha", "outgoing"], outgoing).WithinDeadline();

        // Assert
        Assert.True(isThereStill);
        Assert.Equal(("beta", "dst:", KeptReason.Unknown, false), Of(shown, orphan));
        Assert.Equal(("alpha", "outgoing", KeptReason.Unknown, false), Of(shown, outgoing));
        Assert.Equal(("beta", "dst:", KeptReason.Unknown, true), Of(removed, orphan));
        Assert.All(removed.Where(one => one.Transfer == partial.Id), one => Assert.Equal((TransferState.Partial, KeptReason.Retryable, false), (one.State!.Value, one.Why, one.Removed)));
        Assert.Contains(removed, one => one.Transfer == partial.Id);
        Assert.Equal((KeptReason.Foreign, false), removed.Where(one => one.Name == "not-ours").Select(one => (one.Why, one.Removed)).Single());
        Assert.True(File.Exists(Path.Combine(staging, "not-ours")));
        Assert.True(Directory.Exists(Path.Combine(staging, partial.Id.Value)));
    }

    private static (string, string, KeptReason, bool) Of(IEnumerable<KeptResource> kept, TransferId id) =>
        kept.Where(one => one.Transfer == id).Select(one => (one.Node.Value, one.Place, one.Why, one.Removed)).Single();

    private static async Task GoneAsync(string folder, TransferId id)
    {
        using var watcher = new FileSystemWatcher(folder);
        var changed = new SemaphoreSlim(0);
        watcher.Deleted += (_, _) => changed.Release();
        watcher.EnableRaisingEvents = true;
        while (Directory.Exists(Path.Combine(folder, id.Value)))
        {
            await changed.WaitAsync();
        }
    }
}
