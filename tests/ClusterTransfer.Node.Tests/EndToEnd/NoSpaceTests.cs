using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Configuration;
using ClusterTransfer.TestKit;
using ClusterTransfer.TestKit.Proxy;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>Row D3 on a file system that is really full.</summary>
public sealed class NoSpaceTests
{
    private const int MiB = 1024 * 1024;

    // The destination keeps 64 MiB free for the journals of all transfers.
    private const long DiskSize = 120L * MiB;

    [Fact]
    [Trait("row", "D3")]
    public async Task D3_DiskRunsFullInMidTransfer_WaitsAndGoesOnByItselfWhileOthersRun()
    {
        // Arrange
        using var folder = new TestFolder();
        await using SmallDisk? disk = await SmallDisk.TryMountAsync(folder["small"], DiskSize);
        if (disk is null)
        {
            Assert.Skip("needs root to mount a file system in memory");
        }

        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup
        {
            WithProxy = true,
            Alpha = options => options with { Transfers = options.Transfers with { SpaceRetry = TimeSpan.FromSeconds(1) } },
            Beta = options => options with { Locations = [.. options.Locations, new LocationEntry(new LocationName("small"), disk.Root)] },
        });
        cluster.ShowLogs();
        string first = Files.Write(Path.Combine(cluster.Source, "tree", "a"), 8 * MiB);
        string second = Files.Write(Path.Combine(cluster.Source, "tree", "b"), 8 * MiB, seed: 2);
        Files.Write(Path.Combine(cluster.Source, "other"), 3 * MiB);
        int chunks = 0;
        cluster.Proxy.Script = (frame, _) =>
        {
            // The first file has its blocks since its first chunk; the second one gets none.
            if (frame.IsChunk && Interlocked.Increment(ref chunks) == 8)
            {
                disk.FillUpTo(MiB);
            }

            return new(FrameFate.Forward);
        };

        // Act
        TransferResource submitted = await cluster.SubmitAsync("src:tree", "small:", connections: 1);
        TransferEvent waiting = await cluster.EventAsync(submitted.Id, item => item.Kind == "waiting-for-space");
        int sent = Volatile.Read(ref chunks);
        TransferResource other = await cluster.CopyAsync("src:other", "dst:");
        TransferResource asked = (await cluster.EventAsync(submitted.Id, item => item.Transfer.Sessions >= 4)).Transfer;
        int sentMeanwhile = Volatile.Read(ref chunks) - sent;
        disk.Empty();
        TransferResource done = await cluster.EndOfAsync(submitted.Id);

        // Assert
        Assert.Contains("'small'", waiting.Text, StringComparison.Ordinal);
        Assert.Contains("bytes free", waiting.Text, StringComparison.Ordinal);
        Assert.Equal((TransferState.Completed, 0), (other.State, other.ExitCode));
        Assert.Null(asked.ExitCode);
        Assert.Equal(3, sentMeanwhile); // those of the other transfer
        Assert.Equal((TransferState.Completed, 0L, 0L), (done.State, done.Progress.FilesParked, done.Progress.FilesSkipped));
        Files.AssertEqual(first, Path.Combine(disk.Root, "tree", "a"));
        Files.AssertEqual(second, Path.Combine(disk.Root, "tree", "b"));
        string[] kinds = [.. (await cluster.StoryAsync(submitted.Id)).Select(item => item.Kind)];
        Assert.Single(kinds, kind => kind == "waiting-for-space");
        Assert.Single(kinds, kind => kind == "space-returned");
    }

    [Fact]
    [Trait("row", "D3")]
    public async Task D3_KnownBeforeTheFirstByte_FailsAtOnceWithTheNumbers()
    {
        using var folder = new TestFolder();
        await using SmallDisk? disk = await SmallDisk.TryMountAsync(folder["small"], DiskSize);
        if (disk is null)
        {
            Assert.Skip("needs root to mount a file system in memory");
        }

        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup
        {
            Beta = options => options with { Locations = [.. options.Locations, new LocationEntry(new LocationName("small"), disk.Root)] },
        });
        using (FileStream large = File.Create(Path.Combine(cluster.Source, "large")))
        {
            large.Write(new byte[60 * MiB]);
        }

        TransferResource done = await cluster.CopyAsync("src:large", "small:");

        Assert.Equal((TransferState.Failed, Reason.NoSpace, 12), (done.State, done.Problem?.Reason, done.ExitCode));
        Assert.Contains($"{60 * MiB} more bytes", done.Problem!.Detail, StringComparison.Ordinal);
        Assert.Contains("'small'", done.Problem.Detail, StringComparison.Ordinal);
        Assert.Empty(Files.Names(disk.Root));
    }
}
