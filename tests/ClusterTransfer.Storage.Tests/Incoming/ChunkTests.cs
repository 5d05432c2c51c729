using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Incoming;

public sealed class ChunkTests : IDisposable
{
    private readonly Destination _to = new();
    private readonly ManualSource _source = ManualSource.Tree();

    public void Dispose() => _to.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WriteChunk_SameAgain_IsADuplicateAndAnotherDigestAConflict(bool afterCheckpoint)
    {
        using IncomingTransfer transfer = Open();
        PlannedChunk chunk = _source.ChunksOf("tree/d/large")[1];
        Assert.Equal(ChunkWriteOutcome.Stored, _source.Write(transfer, chunk).Outcome);
        if (afterCheckpoint)
        {
            transfer.Checkpoint();
        }

        byte[] before = File.ReadAllBytes(_to.Part(chunk.Entry.Value));
        ChunkWrite again = _source.Write(transfer, chunk);
        Assert.Equal((ChunkWriteOutcome.Duplicate, afterCheckpoint), (again.Outcome, again.IsDurable));
        byte[] other = new byte[chunk.Length];
        Digest digest = Wire.Hashing.Blake3.SubtreeValue(other, chunk.FileOffset);
        ChunkWrite conflict = transfer.WriteChunk(chunk.Index, digest, [], other);
        Assert.Equal((ChunkWriteOutcome.Conflict, _source.Read(chunk).Digest), (conflict.Outcome, conflict.Actual));
        Assert.Equal(before, File.ReadAllBytes(_to.Part(chunk.Entry.Value)));
    }

    [Fact]
    public void WriteChunk_OfAPublishedFile_WritesNothing()
    {
        using IncomingTransfer transfer = Open();
        List<PlannedChunk> chunks = _source.ChunksOf("tree/d/large");
        chunks.ForEach(chunk => _source.Write(transfer, chunk));
        transfer.FileDone(_source.IndexOf("tree/d/large"), _source.RootOf("tree/d/large"));
        transfer.Checkpoint();
        Assert.Single(transfer.PublishReady().Published);

        ChunkWrite late = _source.Write(transfer, chunks[0]);
        byte[] other = new byte[chunks[1].Length];
        ChunkWrite lie = transfer.WriteChunk(chunks[1].Index, Wire.Hashing.Blake3.SubtreeValue(other, chunks[1].FileOffset), [], other);

        Assert.Equal((ChunkWriteOutcome.Duplicate, true), (late.Outcome, late.IsDurable));
        Assert.Equal(ChunkWriteOutcome.Conflict, lie.Outcome);
        Assert.Empty(_to.Staged());
        Assert.Equal(0, transfer.BytesSinceCheckpoint);
        Assert.Equal(_source.BytesOf(ManualSource.PathOf("tree/d/large")), File.ReadAllBytes(_to.In("tree", "d", "large")));
    }

    [Fact]
    public void WriteChunk_Lies_AreRefusedAndNothingIsWritten()
    {
        using IncomingTransfer transfer = Open();
        PlannedChunk large = _source.ChunksOf("tree/d/large")[0];
        PlannedChunk pack = _source.ChunksOf("tree/a.txt")[0];
        (byte[] payload, Digest digest) = _source.Read(large);
        (byte[] packed, Digest packDigest) = _source.Read(pack);
        uint[] notAMember = [_source.IndexOf("tree/d/large").Value];
        uint[] twice = [pack.Entry.Value, pack.Entry.Value];
        Assert.Equal(ChunkWriteOutcome.OutOfRange, transfer.WriteChunk(new ChunkIndex(_source.Seal.Chunks), digest, [], payload).Outcome);
        Assert.Equal(ChunkWriteOutcome.OutOfRange, transfer.WriteChunk(new ChunkIndex(uint.MaxValue), digest, [], payload).Outcome);
        Assert.Equal(ChunkWriteOutcome.WrongLength, transfer.WriteChunk(large.Index, digest, [], payload.AsSpan(1)).Outcome);
        Assert.Equal(ChunkWriteOutcome.WrongLength, transfer.WriteChunk(large.Index, digest, [], []).Outcome);
        Assert.Equal(ChunkWriteOutcome.OutOfRange, transfer.WriteChunk(large.Index, digest, notAMember, payload).Outcome);
        Assert.Equal(ChunkWriteOutcome.OutOfRange, transfer.WriteChunk(pack.Index, packDigest, notAMember, packed).Outcome);
        Assert.Equal(ChunkWriteOutcome.OutOfRange, transfer.WriteChunk(pack.Index, packDigest, twice, packed).Outcome);
        payload[^1] ^= 1;
        packed[0] ^= 1;
        ChunkWrite corrupt = transfer.WriteChunk(large.Index, digest, [], payload);
        Assert.Equal(ChunkWriteOutcome.Corrupt, corrupt.Outcome);
        Assert.NotEqual(digest, corrupt.Actual);
        Assert.Equal(ChunkWriteOutcome.Corrupt, transfer.WriteChunk(pack.Index, packDigest, [], packed).Outcome);
        Assert.Empty(_to.Staged());
        Assert.Equal(0, transfer.BytesSinceCheckpoint);
    }

    [Fact]
    public void WriteChunk_MembersAbsent_TheyAreParkedAndTheOthersPublished()
    {
        using IncomingTransfer transfer = Open();
        PlannedChunk pack = _source.ChunksOf("tree/a.txt")[0];
        uint gone = _source.IndexOf("tree/a.txt").Value;
        Assert.Equal(ChunkWriteOutcome.Stored, _source.Write(transfer, pack, gone).Outcome);
        Checkpoint checkpoint = transfer.Checkpoint();
        Assert.Equal("tree/b-empty", Assert.Single(checkpoint.Published).Path.ToString());
        Assert.Equal(Reason.SourceChanged, Assert.Single(checkpoint.Issues).Problem.Reason);

        // The reason may come after the pack; and the pack itself again, with another choice of members.
        transfer.EntryFailed(new EntryIndex(gone), new Problem(Reason.SourceUnreadable, "no right to read it"));
        Assert.Equal(Reason.SourceUnreadable, Assert.Single(transfer.Issues).Problem.Reason);
        Assert.Equal(ChunkWriteOutcome.Duplicate, _source.Write(transfer, pack).Outcome);
        Assert.False(File.Exists(_to.In("tree", "a.txt")));
    }

    [Fact]
    public void WriteChunk_ManyThreadsSendEverythingTwice_ArrivesEqual()
    {
        using IncomingTransfer transfer = Open();
        List<PlannedChunk> chunks = [.. _source.Wanted(transfer), .. _source.Wanted(transfer)];
        int stored = 0;
        using var start = new Barrier(5);
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(number => new Thread(() =>
        {
            var random = new Random(number);
            PlannedChunk[] mine = [.. chunks.OrderBy(_ => random.Next())];
            start.SignalAndWait(CancellationToken.None);
            foreach (PlannedChunk chunk in mine)
            {
                (byte[] payload, Digest digest) = _source.Read(chunk);
                if (transfer.WriteChunk(chunk.Index, digest, [], payload).Outcome == ChunkWriteOutcome.Stored)
                {
                    Interlocked.Increment(ref stored);
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        start.SignalAndWait(TestContext.Current.CancellationToken);
        while (threads.Any(thread => thread.IsAlive))
        {
            transfer.Checkpoint();
        }

        Assert.Equal((int)_source.Seal.Chunks, stored);
        _source.Deliver(transfer);
        _to.AssertEquals(_source);
    }

    [Fact]
    public void WriteChunk_FilesMoreThanHandles_ArrivesEqual()
    {
        var source = new ManualSource().Folder("t");
        for (int i = 0; i < 5; i++)
        {
            source.File($"t/{i}", Enumerable.Repeat((byte)i, (2 * ManualSource.Base) + i).ToArray());
        }

        using IncomingTransfer transfer = _to.Open(_to.Options with { MaxOpenFiles = 2 });
        source.SendManifest(transfer);
        foreach (PlannedChunk chunk in source.Wanted(transfer).OrderBy(chunk => chunk.FileOffset))
        {
            Assert.Equal(ChunkWriteOutcome.Stored, source.Write(transfer, chunk).Outcome);
        }

        source.Deliver(transfer);
        _to.AssertEquals(source);
    }

    [Fact]
    public void Checkpoint_FlushOfAStagedFileFails_ItsChunksAreLostAndTheSecondTimeItIsParked()
    {
        uint large = _source.IndexOf("tree/d/large").Value;
        int failures = 0;
        using IncomingTransfer transfer = _to.Open(_to.Options with { FlushFault = entry => entry == large && ++failures == 2 ? Errno.InputOutput : Errno.None });
        _source.SendManifest(transfer);
        List<PlannedChunk> chunks = _source.ChunksOf("tree/d/large");
        _source.Write(transfer, chunks[0]);
        Assert.Single(transfer.Checkpoint().Durable);
        _source.Write(transfer, chunks[1]);
        Checkpoint failed = transfer.Checkpoint();
        Assert.Empty(failed.Durable);
        Assert.Equal(new ChunkRange(chunks[0].Index.Value, (uint)chunks.Count), Assert.Single(failed.Lost));
        Assert.Equal(chunks.Count, _source.Wanted(transfer).Count(chunk => chunk.Entry.Value == large));
        _source.Deliver(transfer);
        _to.AssertEquals(_source);

        using var other = new Destination();
        using IncomingTransfer always = other.Open(other.Options with { FlushFault = entry => entry == large ? Errno.InputOutput : Errno.None });
        _source.SendManifest(always);
        _source.Write(always, chunks[0]);
        always.Checkpoint();
        _source.Write(always, chunks[0]);
        Assert.Equal(Reason.DiskError, Assert.Single(always.Checkpoint().Issues).Problem.Reason);
        Assert.Equal(1, always.Progress.FilesParked);
        Assert.Empty(other.Staged());
    }

    [Fact]
    public void Checkpoint_FlushOfAPackFails_ItIsSentAgain()
    {
        int calls = 0;
        using IncomingTransfer transfer = _to.Open(_to.Options with { FlushFault = entry => entry == 1 && ++calls == 1 ? Errno.InputOutput : Errno.None });
        _source.SendManifest(transfer);
        _source.Write(transfer, _source.ChunksOf("tree/a.txt")[0]);
        Checkpoint failed = transfer.Checkpoint();
        Assert.Equal(new ChunkRange(0, 1), Assert.Single(failed.Lost));
        Assert.Empty(failed.Published);
        Assert.Empty(_to.Staged());
        _source.Deliver(transfer);
        _to.AssertEquals(_source);
    }

    [Fact]
    public void PublishReady_RootDiffers_FileIsParkedAndNothingAppears()
    {
        using IncomingTransfer transfer = Open();
        _source.ChunksOf("tree/d/large").ForEach(chunk => _source.Write(transfer, chunk));
        transfer.Checkpoint();
        transfer.FileDone(_source.IndexOf("tree/d/large"), _source.RootOf("tree/d/exact"));
        FileIssue issue = Assert.Single(transfer.PublishReady().Issues);
        Assert.Equal((Reason.IntegrityFailure, FileState.Parked), (issue.Problem.Reason, issue.State));
        Assert.False(File.Exists(_to.In("tree", "d", "large")));
        Assert.Empty(_to.Staged());
    }

    [Fact]
    public void PublishReady_LevelVerified_BytesChangedOnDiskAreFound()
    {
        using IncomingTransfer transfer = _to.Open(_to.Options with { Durability = DurabilityLevel.Verified });
        _source.SendManifest(transfer);
        _source.ChunksOf("tree/d/large").ForEach(chunk => _source.Write(transfer, chunk));
        transfer.Checkpoint();
        using (FileStream part = File.OpenWrite(_to.Part(_source.IndexOf("tree/d/large").Value)))
        {
            part.WriteByte(77);
        }

        transfer.FileDone(_source.IndexOf("tree/d/large"), _source.RootOf("tree/d/large"));
        Assert.Equal(Reason.IntegrityFailure, Assert.Single(transfer.PublishReady().Issues).Problem.Reason);
    }

    [Fact]
    public void Checkpoint_LevelVerified_SmallFileThatReadsBackOtherwiseIsSentAgain()
    {
        bool isChanged = false;
        void Change(string point)
        {
            if (point == "d6.before" && !isChanged)
            {
                isChanged = true;
                File.WriteAllBytes(_to.Part(_source.IndexOf("tree/a.txt").Value), new byte[10]);
            }
        }

        using IncomingTransfer transfer = _to.Open(_to.Options with { Durability = DurabilityLevel.Verified, FaultPoint = Change });
        _source.SendManifest(transfer);
        _source.Write(transfer, _source.ChunksOf("tree/a.txt")[0]);
        Checkpoint checkpoint = transfer.Checkpoint();
        Assert.Single(checkpoint.Lost);
        Assert.Empty(checkpoint.Published);
        _source.Deliver(transfer);
        _to.AssertEquals(_source);
    }

    [Fact]
    public void PublishReady_BeforeTheSourcesWord_PublishesNothing()
    {
        using IncomingTransfer transfer = Open();
        _source.ChunksOf("tree/d/large").ForEach(chunk => _source.Write(transfer, chunk));
        transfer.Checkpoint();
        Assert.Empty(transfer.PublishReady().Published);
    }

    [Fact]
    public void FileDone_SurvivesAStop()
    {
        using (IncomingTransfer transfer = Open())
        {
            transfer.FileDone(_source.IndexOf("tree/d/large"), _source.RootOf("tree/d/large"));
            _source.ChunksOf("tree/d/large").ForEach(chunk => _source.Write(transfer, chunk));
            transfer.Close();
        }

        using IncomingTransfer again = _to.Open();
        Assert.Equal("tree/d/large", Assert.Single(again.PublishReady().Published).Path.ToString());
    }

    [Fact]
    public void EntryFailed_BeforeDuringAndAfterItsChunks_IsParkedOnce()
    {
        using IncomingTransfer transfer = Open();
        var problem = new Problem(Reason.SourceChanged, "it changed");
        PlannedChunk pack = _source.ChunksOf("tree/a.txt")[0];
        _source.Write(transfer, pack);
        transfer.EntryFailed(_source.IndexOf("tree/a.txt"), problem);
        Assert.Equal("tree/b-empty", Assert.Single(transfer.Checkpoint().Published).Path.ToString());
        transfer.EntryFailed(_source.IndexOf("tree/b-empty"), problem); // published stays published
        transfer.EntryFailed(_source.IndexOf("tree/d/exact"), problem);
        Assert.Equal(ChunkWriteOutcome.NotWanted, _source.Write(transfer, _source.ChunksOf("tree/d/exact")[0]).Outcome);
        transfer.EntryFailed(_source.IndexOf("tree/d/exact"), problem);
        transfer.EntryFailed(new EntryIndex(99_999), problem);
        Assert.Equal(2, transfer.Progress.FilesParked);
        Assert.Equal(2, transfer.Issues.Count);
        Assert.Empty(_to.Staged());
        _source.Deliver(transfer);
        _to.AssertEquals(_source, "tree/a.txt", "tree/d/exact");
    }

    [Fact]
    public void WriteChunk_FileLargerThanTheDisk_IsRefusedAndNothingStays()
    {
        using IncomingTransfer transfer = _to.Open(_to.Options with { FreeBytes = () => long.MaxValue });
        var source = new ManualSource().Raw(new ManifestEntry(EntryKind.File, ManualSource.PathOf("huge"), 1L << 46, 0, 0, default, default));
        Assert.Null(transfer.AcceptPage(source.Encoded[0]).Problem);
        byte[] payload = new byte[ChunkSizes.Max];
        ChunkWrite write = transfer.WriteChunk(new ChunkIndex(3), Wire.Hashing.Blake3.SubtreeValue(payload, 3L * ChunkSizes.Max), [], payload);
        Assert.Equal(ChunkWriteOutcome.Failed, write.Outcome);
        Assert.True(write.Problem!.Reason is Reason.NoSpace or Reason.FileTooBig, write.Problem.ToString());
        Assert.Empty(_to.Staged());
    }

    private IncomingTransfer Open()
    {
        IncomingTransfer transfer = _to.Open();
        _source.SendManifest(transfer);
        return transfer;
    }
}
