using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Storage.Tests.Native;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Incoming;

/// <summary>The disk refuses one call of a destination: it is told as what it is, nothing that it concerns counts, and the transfer can go on.</summary>
public sealed class RefusedCallTests : IDisposable
{
    private const int Large = (2 * ManualSource.Base) + 77;
    private readonly Destination _to = new();

    public void Dispose() => _to.Dispose();

    // A part of the write is on the disk, zeros are behind it: neither may ever count.
    [Theory]
    [Trait("row", "D5")]
    [InlineData(Large, 0)]
    [InlineData(Large, 4096)]
    [InlineData(500, 0)]
    [InlineData(500, 100)]
    public void WriteChunk_DiskFails_IsToldAndDoesNotCountUntilItIsWrittenAgain(int size, int written)
    {
        ManualSource source = ManualSource.Single(size);
        using IncomingTransfer transfer = _to.Open();
        source.SendManifest(transfer);
        PlannedChunk chunk = source.ChunksOf("file")[0];
        using (var disk = new ManualDisk())
        {
            int rounds = 0;
            disk.Shorten = (call, path, wanted) =>
                call != NativeCall.Write || !path.EndsWith("0.part", StringComparison.Ordinal) ? wanted : rounds++ == 0 && written > 0 ? written : -(nint)Errno.InputOutput;
            ChunkWrite write = source.Write(transfer, chunk);
            Assert.Equal((ChunkWriteOutcome.Failed, Reason.DiskError), (write.Outcome, write.Problem?.Reason));
            Assert.Contains("0.part", write.Problem!.Detail, StringComparison.Ordinal);
            Assert.Empty(transfer.Checkpoint().Durable);
        }

        Assert.Contains(source.Wanted(transfer), wanted => wanted.Index == chunk.Index);
        Assert.False(File.Exists(_to.In("file")));
        source.Deliver(transfer);
        _to.AssertEquals(source);
        Assert.Equal(2, source.Sent[chunk.Index.Value]);
    }

    [Theory]
    [Trait("row", "D6")]
    [InlineData(Large)]
    [InlineData(500)]
    public void Checkpoint_FlushFails_ThatFileIsNeverFlushedAgain(int size)
    {
        ManualSource source = ManualSource.Single(size);
        using IncomingTransfer transfer = _to.Open();
        source.SendManifest(transfer);
        using var disk = new ManualDisk();
        int failures = 0;
        disk.Refuse = (call, path) => IsFlush(call) && path.EndsWith("0.part", StringComparison.Ordinal) && failures++ == 0 ? Errno.InputOutput : Errno.None;
        source.ChunksOf("file").ForEach(chunk => source.Write(transfer, chunk));

        Checkpoint failed = transfer.Checkpoint();

        Assert.Empty(failed.Durable);
        Assert.Equal((uint)source.ChunksOf("file").Count, failed.Lost.Aggregate(0u, (sum, range) => sum + range.Count));
        Assert.Empty(_to.Staged());
        StagedIdentity abandoned = disk.Calls.First(call => IsFlush(call.Call) && call.Path.EndsWith("0.part", StringComparison.Ordinal)).File;
        source.Deliver(transfer);
        _to.AssertEquals(source);
        Assert.Single(disk.Calls, call => IsFlush(call.Call) && call.File == abandoned);
        Assert.Contains(disk.Calls, call => IsFlush(call.Call) && call.File != abandoned && call.Path.EndsWith("0.part", StringComparison.Ordinal));
    }

    // What .NET's Flush(true) would have swallowed.
    [Theory]
    [Trait("row", "D8")]
    [InlineData((int)Errno.ReadOnlyFileSystem)]
    [InlineData((int)Errno.Invalid)]
    [InlineData((int)Errno.NotSupported)]
    public void Flush_ThatIsNotSupported_IsNoSuccess(int errno)
    {
        using FileHandle file = _to.Location.Root.CreateFile("f"u8, 0x180);
        using var disk = new ManualDisk { Refuse = (call, _) => IsFlush(call) ? (Errno)errno : Errno.None };
        Assert.Equal((Errno)errno, file.TryFlush());
        Assert.Equal((Errno)errno, file.TryFlushData());
        Assert.Equal((Errno)errno, _to.Location.Root.TryFlush());
        Assert.Equal((Errno)errno, _to.Location.Root.TryFlushFileSystem());
    }

    [Theory]
    [Trait("row", "D8")]
    [InlineData(Large, (int)Errno.ReadOnlyFileSystem)]
    [InlineData(500, (int)Errno.ReadOnlyFileSystem)]
    [InlineData(Large, (int)Errno.Invalid)]
    public void Delivery_EveryFlushOfStagedFilesIsRefused_NothingIsToldOrAppears(int size, int errno)
    {
        ManualSource source = ManualSource.Single(size);
        using IncomingTransfer transfer = _to.Open();
        source.SendManifest(transfer);
        using var disk = new ManualDisk { Refuse = (call, path) => IsFlush(call) && path.EndsWith(".part", StringComparison.Ordinal) ? (Errno)errno : Errno.None };
        for (int round = 0; round < 2; round++)
        {
            source.ChunksOf("file").ForEach(chunk => source.Write(transfer, chunk));
            Assert.Empty(transfer.Checkpoint().Durable);
        }

        FileIssue issue = Assert.Single(transfer.Issues);
        Assert.Equal((FileState.Parked, Reason.DiskError), (issue.State, issue.Problem.Reason));
        Assert.False(File.Exists(_to.In("file")));
    }

    // A mount that appeared after the start: what could be renamed at the probe cannot be any more. .NET's File.Move would copy now.
    [Theory]
    [Trait("row", "D9")]
    [InlineData(ConflictPolicy.Fail)]
    [InlineData(ConflictPolicy.Overwrite)]
    public void Publish_RenameCrossesAMount_IsParkedAndNeverCopied(ConflictPolicy conflict)
    {
        ManualSource source = new ManualSource().Folder("t").File("t/large", new byte[Large]).File("t/small", [1, 2, 3]);
        using IncomingTransfer transfer = _to.Open(_to.Options with { Conflict = conflict });
        using (var disk = new ManualDisk { Refuse = (call, _) => call == NativeCall.Rename ? Errno.CrossDevice : Errno.None })
        {
            source.SendManifest(transfer);
            source.Wanted(transfer).ForEach(chunk => source.Write(transfer, chunk));
            transfer.Checkpoint();
            transfer.FileDone(source.IndexOf("t/large"), source.RootOf("t/large"));
            transfer.PublishReady();
            Assert.DoesNotContain(disk.Calls, call => call.Call == NativeCall.Write && call.Path.StartsWith(_to.In(), StringComparison.Ordinal));
        }

        Assert.Equal(2, transfer.Issues.Count);
        Assert.All(transfer.Issues, issue => Assert.Equal((FileState.Parked, Reason.NotPermitted), (issue.State, issue.Problem.Reason)));
        Assert.Empty(Directory.GetFiles(_to.In("t")));
    }

    // The probe at the start, on file systems that cannot do what a location needs: refused before any byte is accepted.
    [Theory]
    [Trait("row", "D9")]
    [InlineData((int)Errno.CrossDevice, "another mount")]
    [InlineData((int)Errno.Invalid, "cannot rename without replacing")]
    [InlineData((int)Errno.NotSupported, "cannot rename without replacing")]
    public void Open_ProbeCannotBeRenamed_IsRefusedAndNothingStays(int errno, string said)
    {
        using var other = new TestKit.TestFolder();
        using (new ManualDisk { Refuse = (call, _) => call == NativeCall.Rename ? (Errno)errno : Errno.None })
        {
            ClusterTransferException error = Assert.Throws<ClusterTransferException>(
                () => Location.Open(new LocationOptions(new LocationName("other"), other.Path, ReadOnly: false)));
            Assert.Equal(Reason.DestinationNotWritable, error.Problem.Reason);
            Assert.Contains(said, error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(["lock"], Directory.GetFiles(other[".clustertransfer"]).Select(Path.GetFileName));
    }

    private static bool IsFlush(NativeCall call) => call is NativeCall.Flush or NativeCall.FlushData or NativeCall.FlushFileSystem;
}
