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
        KeptResource[] shown = await client.KeptAsync(TestContext.Current.CancellationToken).ToArrayAsync(TestContext.Current.CancellationToken);
        bool isThereStill = Directory.Exists(Path.Combine(staging, orphan.Value));
        KeptResource[] removed = await client.RemoveKeptAsync(TestContext.Current.CancellationToken).ToArrayAsync(TestContext.Current.CancellationToken);

        // Assert
        Assert.True(isThereStill);
        Assert.False(Directory.Exists(Path.Combine(staging, orphan.Value)));
        Assert.False(Directory.Exists(Path.Combine(cluster.Folder["alpha", "outgoing"], outgoing.Value)));
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

    [Fact]
    public async Task Remove_OfMoreThanAPage_GoesThroughAll_AndSaysHowMuchAndWhatCouldNotGo()
    {
        // Arrange: more orphans than a page holds at each node, one of which a foreign folder keeps from going.
        await using Cluster cluster = await Cluster.StartAsync();
        string staging = Path.Combine(cluster.Target, ".clustertransfer");
        TransferId[] orphans = [.. Enumerable.Range(0, KeptPage.MaxItems + 5).Select(_ => TransferId.New())];
        foreach (TransferId orphan in orphans)
        {
            Files.Write(Path.Combine(staging, orphan.Value, "0.part"), 5000);
            Files.Write(Path.Combine(cluster.Folder["alpha", "outgoing"], orphan.Value, "scan.log"), 5000);
        }

        TransferId stuck = orphans[^1];
        Directory.CreateDirectory(Path.Combine(staging, stuck.Value, "somebody's", "folder"));
        using Client.ClusterTransferClient client = Cluster.ClientOf(cluster.Beta, cluster.BetaToken);

        // Act
        KeptResource[] became = await client.RemoveKeptAsync(TestContext.Current.CancellationToken).ToArrayAsync(TestContext.Current.CancellationToken);

        // Assert
        Assert.Equal(2 * orphans.Length, became.Length);
        KeptResource left = Assert.Single(became, one => one.Problem is not null);
        Assert.Equal((stuck, "dst:", false), (left.Transfer!.Value, left.Place, left.Removed));
        Assert.All(became.Where(one => one.Problem is null), one => Assert.True(one is { Removed: true, Bytes: > 0 }));
        Assert.Equal(stuck, Assert.Single(await client.KeptAsync(TestContext.Current.CancellationToken).ToArrayAsync(TestContext.Current.CancellationToken)).Transfer);
    }
}
