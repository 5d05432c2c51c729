using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Storage.Tests.NodeJournal;

namespace ClusterTransfer.Storage.Tests.Incoming;

/// <summary>A call on the disk that fails at a place of its own: it is told as what it is, and the next open goes on.</summary>
public sealed class DiskErrorTests : IDisposable
{
    private const int Large = (2 * ManualSource.Base) + 77;
    private readonly Destination _to = new();

    public void Dispose() => _to.Dispose();

    // After the journal's flush memory is behind it, so nothing more may be done with this transfer but close it.
    [Theory]
    [InlineData("d7.after", (int)Errno.InputOutput, Reason.DiskError)]
    [InlineData("d7.after", (int)Errno.NoSpace, Reason.NoSpace)]
    [InlineData("d13.after", (int)Errno.InputOutput, Reason.DiskError)]
    [InlineData("d14.before", (int)Errno.ReadOnlyFileSystem, Reason.DestinationNotWritable)]
    public void Delivery_CallFailsBetweenTheSteps_IsToldWithItsReasonAndGoesOnAtTheNextOpen(string at, int errno, Reason reason)
    {
        ManualSource source = new ManualSource().Folder("t").File("t/a", [1, 2, 3]).File("t/b", new byte[Large]);
        using (IncomingTransfer transfer = Open(point =>
        {
            if (point == at)
            {
                throw new NativeException((Errno)errno, "write", "digests.bin");
            }
        }))
        {
            ClusterTransferException error = Assert.Throws<ClusterTransferException>(() => source.Deliver(transfer));
            Assert.Equal(reason, error.Problem.Reason);
            Assert.Equal(reason, Assert.Throws<ClusterTransferException>(() => transfer.Close()).Problem.Reason);
        }

        using IncomingTransfer again = Open(_ => { });
        while (again.VerifyNext(out _))
        {
        }

        source.Deliver(again);
        _to.AssertEquals(source);
    }

    [Fact]
    [Trait("row", "D7")]
    public void Close_AfterTheJournalCouldNotBeFlushed_GivesTheLockBack()
    {
        ManualSource source = ManualSource.Single(Large);
        FaultyMedium? faulty = null;
        using IncomingTransfer transfer = _to.Open(_to.Options with { WrapJournal = medium => faulty = new FaultyMedium(medium) });
        source.SendManifest(transfer);
        faulty!.FlushError = Errno.InputOutput; // set by the open
        source.Write(transfer, source.ChunksOf("file")[0]);
        Assert.Throws<JournalFlushException>(() => transfer.Checkpoint());
        Assert.Throws<JournalFlushException>(() => transfer.Close());

        using IncomingTransfer next = _to.Open();
        source.Deliver(next);
        _to.AssertEquals(source);
    }

    private IncomingTransfer Open(Action<string> point) => _to.Open(_to.Options with { FaultPoint = point });
}
