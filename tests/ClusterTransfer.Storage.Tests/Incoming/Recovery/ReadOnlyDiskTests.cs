using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Storage.Tests.Incoming.Recovery;

/// <summary>The file system turns read-only under a transfer, as it does when it finds damage: nothing is told from then on, the error is, and when it can be written again the transfer goes on.</summary>
[Trait("row", "D8")]
public sealed class ReadOnlyDiskTests
{
    [Theory]
    [InlineData("d5.after", 2)]
    [InlineData("d6.before", 1)]
    [InlineData("d6.before", 3)]
    [InlineData("d7.before", 1)]
    [InlineData("d13.before", 1)]
    [InlineData("d14.before", 1)]
    [InlineData("d15.before", 1)]
    public void Disk_TurnsReadOnly_NothingIsToldAndTheNextOpenGoesOn(string at, int hit)
    {
        using CuttableDisk? disk = CuttableDisk.TryCreate();
        Assert.SkipWhen(disk is null, "needs root, a loop device and mkfs.ext4");
        ManualSource source = ManualSource.Tree();
        using var to = new Destination(disk.Root);
        bool isReadOnly = false;
        bool isToldAfter = false;
        HashSet<uint> durable = [];
        HashSet<SafeRelativePath> published = [];
        void Reach(string point)
        {
            if (!isReadOnly && point == at && --hit == 0)
            {
                Assert.SkipUnless(disk.TryTurnReadOnly(), "this kernel cannot be told to find an ext4 damaged");
                isReadOnly = true;
            }
        }

        using (IncomingTransfer transfer = to.Open(to.Options with { FaultPoint = Reach }))
        {
            Exception? error = Record.Exception(() => source.Deliver(transfer, checkpointEvery: 1, told =>
            {
                isToldAfter |= isReadOnly;
                durable.UnionWith(told.Durable.Select(chunk => chunk.Value));
                published.UnionWith(told.Published.Select(file => file.Path));
            }));
            Assert.True(isReadOnly, "the point was not reached");
            Assert.False(isToldAfter, "something was told after the disk turned read-only");
            Assert.NotNull(error);

            // The source's helper does not expect that a chunk cannot be stored.
            Assert.True(error is ClusterTransferException or JournalFlushException or Xunit.Sdk.XunitException, error.ToString());
            if (error is ClusterTransferException refused)
            {
                Assert.Contains(refused.Problem.Reason, new[] { Reason.DestinationNotWritable, Reason.DiskError, Reason.SessionLost });
            }
        }

        to.Reopen(disk.Remount);
        to.AssertNoPart(source);
        using IncomingTransfer again = to.Open();
        Assert.Empty(durable.Intersect(source.Wanted(again, allPages: false).Select(chunk => chunk.Index.Value)));
        Assert.All(published, path =>
        {
            using FolderHandle folder = to.Location.Root.OpenFolder(ManualSource.PathOf("in").Combine(path.Parent).Bytes);
            Assert.Equal(Errno.None, folder.TryStatus(path.Name, out _));
        });
        source.Deliver(again);
        to.AssertEquals(source);
    }
}
