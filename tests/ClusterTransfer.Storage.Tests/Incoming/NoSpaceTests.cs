using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.Tests.NodeJournal;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Incoming;

/// <summary>Row D3 and D4: the disk is full at each step; nothing is given up for it, what is durable stays, and the next session goes on.</summary>
public sealed class NoSpaceTests : IDisposable
{
    private readonly Destination _to = new();
    private readonly ManualSource _source = ManualSource.Tree();
    private int _fired;

    public static TheoryData<string> Steps => ["create", "allocate", "write", "flush of files", "flush of packs", "flush of names", "rename", "folder", "flush of folders", "digests"];

    public void Dispose()
    {
        NativeCalls.Fail(null);
        _to.Dispose();
    }

    [Theory]
    [MemberData(nameof(Steps))]
    [Trait("row", "D3")]
    public void D3_NoSpaceInMidTransfer_GivesNothingUpAndTheNextSessionGoesOn(string step)
    {
        HashSet<uint> durable = [];
        using (IncomingTransfer transfer = _to.Open())
        {
            _source.SendManifest(transfer);
            Assert.Equal(ChunkWriteOutcome.Stored, _source.Write(transfer, _source.ChunksOf("tree/d/large")[0]).Outcome);
            durable.UnionWith(transfer.Checkpoint().Durable.Select(chunk => chunk.Value));
            Fill(step);

            Problem problem = DeliverUntilFull(transfer, durable);

            Assert.Equal(Reason.NoSpace, problem.Reason);
            Assert.Contains("'beta'", problem.Detail, StringComparison.Ordinal);
            Assert.Contains("bytes free", problem.Detail, StringComparison.Ordinal);
            Assert.True(_fired > 0, "the disk was never full");
            Assert.True(transfer.HasBegun);
            Assert.Equal((0, 0), (transfer.Progress.FilesParked, transfer.Progress.FilesSkipped));
            NativeCalls.Fail(null);
            Close(transfer);
        }

        _source.Sent.Clear();
        using IncomingTransfer next = _to.Open();
        Assert.Null(next.SpaceProblem);
        Assert.Empty(next.Issues);
        _source.Deliver(next);
        Assert.Empty(durable.Intersect(_source.Sent.Keys));
        _to.AssertEquals(_source);
        Assert.Empty(_to.Staged());
    }

    [Fact]
    [Trait("row", "D3")]
    public void D3_NoSpaceForTheJournal_ChunksStayAsTheyAreAndAreDurableLater()
    {
        FaultyMedium? journal = null;
        using IncomingTransfer transfer = _to.Open(_to.Options with { WrapJournal = inner => journal = new FaultyMedium(inner) });
        _source.SendManifest(transfer);
        PlannedChunk chunk = _source.ChunksOf("tree/d/large")[0];
        _source.Write(transfer, chunk);
        journal!.WriteError = Errno.NoSpace;

        ClusterTransferException error = Assert.Throws<ClusterTransferException>(() => transfer.Checkpoint());
        journal.WriteError = Errno.None;

        Assert.Equal(Reason.NoSpace, error.Reason);
        Assert.Equal([chunk.Index], transfer.Checkpoint().Durable);
    }

    [Fact]
    [Trait("row", "D3")]
    public void D3_FlushFailsForSpaceAgainAndAgain_TheFileIsNeverParked()
    {
        for (int i = 0; i < 4; i++)
        {
            using IncomingTransfer transfer = _to.Open(_to.Options with { FlushFault = _ => Errno.NoSpace });
            _source.SendManifest(transfer);
            _source.Write(transfer, _source.ChunksOf("tree/d/large")[i % 3]);
            _source.Write(transfer, _source.ChunksOf("tree/a.txt")[0]);

            Assert.Equal(Reason.NoSpace, Assert.Throws<ClusterTransferException>(() => transfer.Checkpoint()).Reason);
            Assert.Equal(0, transfer.Progress.FilesParked);
            Close(transfer);
        }

        using IncomingTransfer last = _to.Open();
        Assert.Equal(0, last.Progress.BytesDurable);
        _source.Deliver(last);
        _to.AssertEquals(_source);
    }

    [Theory]
    [InlineData("tree/d/large", "tree/d/large", 1)]
    [InlineData("tree/a.txt", "tree/i", 0)]
    public void D3_ChunkArrivesWhileTheFlushFails_IsSentAgain(string flushed, string arrives, int chunk)
    {
        uint full = _source.IndexOf(flushed).Value;
        PlannedChunk late = _source.ChunksOf(arrives)[chunk];
        IncomingTransfer? transfer = null;
        Errno fault = Errno.NoSpace;
        using IncomingTransfer opened = transfer = _to.Open(_to.Options with { FlushFault = Fail });
        _source.SendManifest(transfer);
        _source.Write(transfer, _source.ChunksOf(flushed)[0]);

        Assert.Throws<ClusterTransferException>(() => transfer.Checkpoint());

        // The kernel tells a failed flush once; the next one of the same file says nothing of what was lost.
        Assert.Equal(Errno.None, fault);
        Assert.Empty(transfer.Checkpoint().Durable);
        _source.Deliver(transfer);
        _to.AssertEquals(_source);

        Errno Fail(uint entry)
        {
            Errno errno = entry == full ? fault : Errno.None;
            if (errno != Errno.None)
            {
                fault = Errno.None;
                Assert.Equal(ChunkWriteOutcome.Stored, _source.Write(transfer!, late).Outcome); // set before the first flush
            }

            return errno;
        }
    }

    [Fact]
    [Trait("row", "D6")]
    public void D6_PackArrivesWhileTheFlushOfPacksFails_IsLostToo()
    {
        uint broken = _source.IndexOf("tree/a.txt").Value;
        PlannedChunk late = _source.ChunksOf("tree/i")[0];
        IncomingTransfer? transfer = null;
        using IncomingTransfer opened = transfer = _to.Open(_to.Options with { FlushFault = Fail });
        _source.SendManifest(transfer);
        _source.Write(transfer, _source.ChunksOf("tree/a.txt")[0]);

        Checkpoint first = transfer.Checkpoint();

        Assert.Equal(2, first.Lost.Count);
        Assert.Contains(first.Lost, range => range.First == late.Index.Value);
        Assert.Empty(transfer.Checkpoint().Durable);
        _source.Deliver(transfer);
        _to.AssertEquals(_source);

        Errno Fail(uint entry)
        {
            if (entry != broken || _fired++ > 0)
            {
                return Errno.None;
            }

            Assert.Equal(ChunkWriteOutcome.Stored, _source.Write(transfer!, late).Outcome); // set before the first flush
            return Errno.InputOutput;
        }
    }

    [Fact]
    [Trait("row", "D3")]
    public void D3_OneFileFullAnotherBroken_TheBrokenOneIsStillLost()
    {
        uint broken = _source.IndexOf("tree/d/exact").Value;
        uint full = _source.IndexOf("tree/d/large").Value;
        Dictionary<uint, Errno> errors = new() { [broken] = Errno.InputOutput, [full] = Errno.NoSpace };
        using IncomingTransfer transfer = _to.Open(_to.Options with { FlushFault = entry => errors.GetValueOrDefault(entry) });
        _source.SendManifest(transfer);
        _source.Write(transfer, _source.ChunksOf("tree/d/exact")[0]);
        _source.Write(transfer, _source.ChunksOf("tree/d/large")[0]);
        Assert.Throws<ClusterTransferException>(() => transfer.Checkpoint());
        errors.Clear();

        Checkpoint next = transfer.Checkpoint();

        Assert.Empty(next.Durable);
        Assert.Equal(_source.ChunksOf("tree/d/exact")[0].Index.Value, Assert.Single(next.Lost).First);
        _source.Deliver(transfer);
        _to.AssertEquals(_source);
    }

    [Fact]
    [Trait("row", "D3")]
    public void D3_ReopenedWhileWhatIsMissingDoesNotFit_SaysSoAndPromisesNothing()
    {
        long free = long.MaxValue;
        IncomingOptions options = _to.Options with { FreeBytes = () => free };
        using (IncomingTransfer transfer = _to.Open(options))
        {
            _source.SendManifest(transfer);
            _source.Write(transfer, _source.ChunksOf("tree/d/large")[0]);
            transfer.Close();
        }

        free = 1000;
        using (IncomingTransfer waiting = _to.Open(options))
        {
            Assert.Equal(Reason.NoSpace, waiting.SpaceProblem?.Reason);
            Assert.Contains("'beta'", waiting.SpaceProblem!.Detail, StringComparison.Ordinal);
            Assert.Contains("1000", waiting.SpaceProblem.Detail, StringComparison.Ordinal);
            Assert.True(waiting.HasBegun);

            // It takes nothing away from others while it waits.
            using IncomingTransfer other = IncomingTransfer.Open(
                _to.Location, ManualSource.PathOf("in"), TransferId.New(), new Epoch(1, 1), options with { FreeBytes = () => 100_000 }, TimeProvider.System);
            Assert.Null(other.AcceptPage(ManualSource.Single(50_000, "other").Encoded[0]).Problem);
        }

        free = long.MaxValue;
        using IncomingTransfer goesOn = _to.Open(options);
        Assert.Null(goesOn.SpaceProblem);
        _source.Deliver(goesOn);
        _to.AssertEquals(_source);
    }

    [Fact]
    [Trait("row", "D3")]
    public void D3_AllThatIsMissingIsStaged_NeedsNoMoreSpace()
    {
        ManualSource source = ManualSource.Single(3 * ManualSource.Base);
        using (IncomingTransfer transfer = _to.Open())
        {
            source.SendManifest(transfer);
            source.Write(transfer, source.ChunksOf("file")[0]);
            transfer.Close();
        }

        using IncomingTransfer next = _to.Open(_to.Options with { FreeBytes = () => 0 });
        Assert.Null(next.SpaceProblem);
        source.Deliver(next);
        _to.AssertEquals(source);
    }

    [Fact]
    [Trait("row", "D3")]
    public void D3_CancelOnAFullDisk_MakesItsOwnRoom()
    {
        FaultyMedium? journal = null;
        using IncomingTransfer transfer = _to.Open(_to.Options with { WrapJournal = inner => journal = new FaultyMedium(inner) });
        _source.SendManifest(transfer);
        _source.Write(transfer, _source.ChunksOf("tree/d/large")[0]);
        transfer.Checkpoint();
        string digests = Path.Combine(_to.Staging, "digests.bin");
        Assert.NotEqual(0, new FileInfo(digests).Length);
        journal!.WriteError = Errno.NoSpace;
        journal.BeforeWrite = () => journal.WriteError = new FileInfo(digests).Length == 0 ? Errno.None : Errno.NoSpace;

        transfer.Cancel();

        Assert.True(transfer.IsCancelled);
        Assert.Empty(_to.Staged());
        Assert.True(IncomingTransfer.TryReadOutcome(_to.Location, _to.Id)!.IsCancelled);
    }

    [Fact]
    [Trait("row", "D3")]
    public void D3_PageRefusedBeforeAnyByte_HasNotBegun()
    {
        using IncomingTransfer transfer = _to.Open(_to.Options with { FreeBytes = () => 10 });
        Assert.Equal(Reason.NoSpace, transfer.AcceptPage(_source.Encoded[0]).Problem?.Reason);
        Assert.False(transfer.HasBegun);
    }

    [Theory]
    [InlineData((int)Errno.QuotaExceeded, Reason.QuotaExceeded)]
    [InlineData((int)Errno.FileTooBig, Reason.FileTooBig)]
    [Trait("row", "D4")]
    public void D4_QuotaOrSize_IsPermanentWithItsReason(int errno, Reason reason)
    {
        using IncomingTransfer transfer = _to.Open();
        _source.SendManifest(transfer);
        NativeCalls.Fail((call, _) => call == NativeCall.Allocate ? (Errno)errno : Errno.None);

        ChunkWrite write = _source.Write(transfer, _source.ChunksOf("tree/d/large")[0]);

        Assert.Equal((ChunkWriteOutcome.Failed, reason), (write.Outcome, write.Problem?.Reason));
        Assert.Equal(ReasonClass.Permanent, reason.Info().Class);
        Assert.Empty(_to.Staged());
    }

    private void Fill(string step)
    {
        string staging = _to.Staging;
        NativeCalls.Fail((call, path) =>
        {
            bool isPack = path.EndsWith($"/{_source.IndexOf("tree/a.txt").Value}.part", StringComparison.Ordinal);
            bool hit = step switch
            {
                "create" => call == NativeCall.CreateFile && path.EndsWith(".part", StringComparison.Ordinal),
                "allocate" => call == NativeCall.Allocate,
                "write" => call == NativeCall.Write && path.EndsWith(".part", StringComparison.Ordinal),
                "flush of files" => call == NativeCall.FlushData && path.EndsWith(".part", StringComparison.Ordinal),
                "flush of packs" => (call == NativeCall.Flush && isPack) || (call == NativeCall.FlushFileSystem && path == staging),
                "flush of names" => call == NativeCall.Flush && path == staging,
                "rename" => call == NativeCall.Rename && !path.StartsWith(staging, StringComparison.Ordinal),
                "folder" => call == NativeCall.CreateFolder,
                "flush of folders" => call == NativeCall.FlushFileSystem && path == _to.Root,
                "digests" => call == NativeCall.Write && path.EndsWith("digests.bin", StringComparison.Ordinal),
                _ => throw new ArgumentException(step),
            };
            _fired += hit ? 1 : 0;
            return hit ? Errno.NoSpace : Errno.None;
        });
    }

    private Problem DeliverUntilFull(IncomingTransfer transfer, HashSet<uint> durable)
    {
        try
        {
            foreach (PlannedChunk chunk in _source.Wanted(transfer))
            {
                ChunkWrite write = _source.Write(transfer, chunk);
                if (write.Outcome == ChunkWriteOutcome.Failed)
                {
                    return write.Problem!;
                }
            }

            foreach ((ManifestEntry entry, _) in _source.Entries.Where(e => e.Entry.Kind == EntryKind.File && e.Entry.Size >= ManualSource.Base))
            {
                string path = Encoding.Latin1.GetString(entry.Path.Bytes);
                transfer.FileDone(_source.IndexOf(path), _source.RootOf(path));
            }

            durable.UnionWith(transfer.Checkpoint().Durable.Select(chunk => chunk.Value));
            transfer.PublishReady();
            transfer.Finish();
            throw new InvalidOperationException("The disk was never full.");
        }
        catch (ClusterTransferException error)
        {
            return error.Problem;
        }
    }

    // As a session does: where a clean close is not possible any more, it ends as in a crash.
    private static void Close(IncomingTransfer transfer)
    {
        try
        {
            transfer.Close();
        }
        catch (ClusterTransferException)
        {
            transfer.Dispose();
        }
    }
}
