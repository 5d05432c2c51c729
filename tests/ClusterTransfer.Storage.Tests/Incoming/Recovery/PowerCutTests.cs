using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Storage.Tests.Incoming.Recovery;

/// <summary>The power goes at random moments: what was told as durable or published is there at the next mount, and no name shows a part.</summary>
[Trait("row", "D1")]
public sealed class PowerCutTests
{
    [Theory]
    [Trait("category", "slow")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void PowerCut_AgainAndAgain_KeepsWhatWasToldAndEndsEqual(int seed)
    {
        using CuttableDisk? disk = CuttableDisk.TryCreate();
        if (disk is null)
        {
            Assert.Skip("needs root, a loop device and mkfs.ext4");
        }

        var random = new Random(seed);
        ManualSource source = ManualSource.Tree(seed, pageSize: 1 + random.Next(8));
        using var to = new Destination(disk.Root);
        HashSet<uint> durable = [];
        HashSet<SafeRelativePath> published = [];
        int cuts = 0;
        while (TryDeliver(to, source, disk, random.Next(1, 60), random.Next(1, 5), durable, published))
        {
            cuts++;
            Assert.True(cuts < 100, "no progress");
            to.Reopen(disk.Remount);
            to.AssertNoPart(source);
            AssertAllThere(to, published);
        }

        // And once more after the end: Finish promised everything.
        disk.Cut();
        to.Reopen(disk.Remount);
        to.AssertEquals(source);
        Assert.Empty(to.Staged());
        Assert.True(IncomingTransfer.TryReadOutcome(to.Location, to.Id)!.IsFinished);
        Assert.True(cuts > 1, "the power never went");
    }

    [Theory]
    [Trait("category", "slow")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void PowerCut_AtReceived_RecoveryPutsBackWhatWasUndone(int seed)
    {
        using CuttableDisk? disk = CuttableDisk.TryCreate();
        if (disk is null)
        {
            Assert.Skip("needs root, a loop device and mkfs.ext4");
        }

        var random = new Random(seed);
        ManualSource source = ManualSource.Tree(seed, pageSize: 4);
        using var to = new Destination(disk.Root) { Options = new IncomingOptions { FreeSpaceMarginBytes = 0, Durability = DurabilityLevel.Received } };
        HashSet<uint> durable = [];
        int cuts = 0;
        while (TryDeliver(to, source, disk, random.Next(1, 60), every: 2, durable, []))
        {
            Assert.True(++cuts < 100, "no progress");
            to.Reopen(disk.Remount);
            to.AssertNoPart(source);
        }

        disk.Cut();
        to.Reopen(disk.Remount);
        using IncomingTransfer last = to.Open();
        Assert.Equal(9, last.Progress.FilesPublished);
        source.Deliver(last);
        to.AssertEqualFiles(source);
        Assert.All(source.Sent.Keys.Intersect(durable), chunk => Assert.True(source.Sent[chunk] <= cuts + 1));
    }

    // True when the power went.
    private static bool TryDeliver(
        Destination to, ManualSource source, CuttableDisk disk, int left, int every, HashSet<uint> durable, HashSet<SafeRelativePath> published)
    {
        bool isDead = false;
        void Reach(string point)
        {
            if (!isDead && --left == 0)
            {
                disk.Cut();
                isDead = true;
            }

            if (isDead)
            {
                throw new PlayedCrashException();
            }
        }

        IncomingTransfer? transfer = null;
        try
        {
            transfer = to.Open(to.Options with { FaultPoint = Reach });
            Assert.Equal(0, transfer.Recovery.ChunksLost);
            Assert.Empty(durable.Intersect(source.Wanted(transfer, allPages: false).Select(chunk => chunk.Index.Value)));
            source.Deliver(transfer, every, told =>
            {
                durable.UnionWith(told.Durable.Select(chunk => chunk.Value));
                published.UnionWith(told.Published.Select(file => file.Path));
            });
            Assert.False(isDead);
            return false;
        }
        catch (PlayedCrashException)
        {
            return true;
        }
        finally
        {
            transfer?.Dispose();
        }
    }

    private static void AssertAllThere(Destination to, HashSet<SafeRelativePath> published)
    {
        foreach (SafeRelativePath path in published)
        {
            Errno errno = to.Location.Root.TryOpenFile(ManualSource.PathOf("in").Combine(path).Bytes, out FileHandle? file);
            file?.Dispose();
            Assert.True(errno == Errno.None, $"{path} was told as published and is gone: {errno}");
        }
    }
}
