using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Storage.Tests.Incoming;

namespace ClusterTransfer.Storage.Tests.NodeJournal;

public sealed class NodeJournalLogTests
{
    private static readonly TransferId Id = new("0123456789abcdef");

    [Fact]
    public void Format_IsPinnedAsGoldenBytes()
    {
        byte[] salt = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];
        byte[] header = JournalHeader.ToBytes(Id, salt);
        byte[] record = new byte[JournalFrame.SizeOf(3)];
        JournalFrame.Write(record, salt, JournalHeader.Size, JournalRecordType.Sealed, [1, 2, 3]);
        Assert.Equal("43544A4F55524E4C0100FEFF30313233343536373839616263646566000102030405060708090A0B0C0D0E0F", Convert.ToHexString(header[..44]));
        Assert.Equal(header[..48], header[48..]);
        Assert.Equal("0400000005010203", Convert.ToHexString(record[..8]));
        Assert.Equal(GoldenChecksums, Convert.ToHexString([.. header[44..48], .. record[8..]]));
    }

    [Fact]
    public void Batch_EachKindOfRecord_IsReadBackAsWritten()
    {
        var digest = new Digest([.. Enumerable.Range(1, 32).Select(i => (byte)i)]);
        var verified = new VerifiedFile(7, new StagedIdentity(1, ulong.MaxValue, -5), digest);
        var settled = new SettledEntry(8, FileState.Parked, new Problem(Reason.SourceChanged, "it \u00e4ndered"), IsSilent: true);
        using var medium = new MemoryMedium();
        using (NodeJournalLog log = NodeJournalLog.Create(medium, Id))
        {
            var batch = new JournalBatch()
                .Begun(ManualSource.PathOf("in/x"), ConflictPolicy.Skip, DurabilityLevel.Verified)
                .EpochRaised(new Epoch(3, 4))
                .FolderMerged(5).FolderMerged(6)
                .ChunkDurable(9, digest)
                .ChunksLost(new ChunkRange(10, 11))
                .SourceDone(12, digest)
                .FileVerified(verified)
                .FileCompleted(13)
                .EntrySettled(settled);
            log.Append(batch, flush: true);
        }

        List<string> read = [];
        JournalScan scan = JournalScanner.Scan(medium, Id, record =>
        {
            switch (record.Type)
            {
                case JournalRecordType.Begun:
                    Assert.True(JournalReader.TryBegun(record.Payload, out SafeRelativePath? folder, out ConflictPolicy conflict, out DurabilityLevel level));
                    read.Add($"{folder} {conflict} {level}");
                    break;
                case JournalRecordType.EpochRaised:
                    read.Add(JournalReader.Epoch(record.Payload).ToString());
                    break;
                case JournalRecordType.FoldersMerged or JournalRecordType.FilesCompleted:
                    JournalReader.Entries(record.Payload, entry => read.Add($"{entry}"));
                    break;
                case JournalRecordType.ChunksDurable or JournalRecordType.SourceDone:
                    JournalReader.Values(record.Payload, (index, value) => read.Add($"{index} {value == digest}"));
                    break;
                case JournalRecordType.ChunksLost:
                    JournalReader.Ranges(record.Payload, range => read.Add($"{range.First}+{range.Count}"));
                    break;
                case JournalRecordType.FilesVerified:
                    JournalReader.Verified(record.Payload, file => read.Add($"{file == verified}"));
                    break;
                default:
                    JournalReader.Settled(record.Payload, one => read.Add($"{one == settled}"));
                    break;
            }
        });
        Assert.Equal(["in/x Skip Verified", "3.4", "5", "6", "9 True", "10+11", "12 True", "True", "13", "True"], read);
        Assert.False(scan.HasTail || scan.IsDamaged || scan.HasUnknownType || scan.IsClean);
    }

    [Fact]
    [Trait("row", "D12")]
    public void Scan_OneBitFlippedAnywhere_NeverYieldsAWrongRecord()
    {
        using MemoryMedium medium = Sample(out List<string> all);
        byte[] good = [.. medium.Bytes];
        for (int i = 0; i < good.Length; i++)
        {
            for (int bit = 0; bit < 8; bit += 3)
            {
                medium.Bytes = [.. good];
                medium.Bytes[i] ^= (byte)(1 << bit);
                List<string> read = Read(medium, out JournalScan scan);
                bool isNoticed = scan.IsDamaged || scan.HasTail || scan.Header is JournalHeaderState.Missing or JournalHeaderState.Newer;
                Assert.True(isNoticed, $"byte {i} bit {bit}");
                Assert.All(read, record => Assert.Contains(record, all));
                Assert.True(read.Count >= all.Count - 1 || scan.Header == JournalHeaderState.Newer, $"byte {i} bit {bit}");
            }
        }
    }

    [Fact]
    public void Scan_CutAtEachByte_YieldsThePrefixAndCallsItATail()
    {
        using MemoryMedium medium = Sample(out List<string> all);
        byte[] good = [.. medium.Bytes];
        for (int length = JournalHeader.Size; length < good.Length; length++)
        {
            medium.Bytes = [.. good[..length]];
            List<string> read = Read(medium, out JournalScan scan);
            Assert.False(scan.IsDamaged);
            Assert.Equal(all[..read.Count], read);
            Assert.Equal(scan.GoodLength < length, scan.HasTail);
        }
    }

    [Fact]
    public void Scan_RecordsPlantedInsideAPage_AreNotTakenForRecords()
    {
        using var medium = new MemoryMedium();
        using NodeJournalLog log = NodeJournalLog.Create(medium, Id);
        byte[] page = new byte[5000];
        for (int at = 0; at + 20 < page.Length; at += 20)
        {
            // The peer knows the format and guesses offset and salt.
            JournalFrame.Write(page.AsSpan(at), new byte[JournalHeader.SaltSize], JournalHeader.Size + 5 + at, JournalRecordType.Finished, []);
        }

        log.Append(new JournalBatch().Add(JournalRecordType.PageAccepted, page), flush: true);
        medium.Bytes.RemoveRange(medium.Bytes.Count - 100, 100); // the append was cut
        Assert.Empty(Read(medium, out JournalScan scan));
        Assert.True(scan.HasTail);
        Assert.False(scan.IsDamaged);
    }

    [Fact]
    [Trait("row", "D3")]
    public void Append_DiskIsFull_LeavesTheLogAsItWas()
    {
        using var medium = new MemoryMedium();
        NodeJournalLog log = NodeJournalLog.Create(medium, Id);
        log.Append(new JournalBatch().FileCompleted(1), flush: true);
        byte[] before = [.. medium.Bytes];
        medium.WriteError = Errno.NoSpace;
        Assert.Equal(Errno.NoSpace, Assert.Throws<NativeException>(() => log.Append(new JournalBatch().FileCompleted(2), flush: true)).Errno);
        Assert.Equal(before, medium.Bytes);
        medium.WriteError = Errno.None;
        log.Append(new JournalBatch().FileCompleted(3), flush: true);
        Assert.Equal(2, Read(medium, out JournalScan scan).Count);
        Assert.False(scan.HasTail || scan.IsDamaged);
    }

    [Fact]
    [Trait("row", "D7")]
    public void Flush_Fails_IsFatalAndNeverTriedAgain()
    {
        using var medium = new MemoryMedium();
        NodeJournalLog log = NodeJournalLog.Create(medium, Id);
        medium.FlushError = Errno.InputOutput;
        int flushes = medium.Flushes + 1;
        Assert.Throws<JournalFlushException>(() => log.Append(new JournalBatch().FileCompleted(1), flush: true));
        medium.FlushError = Errno.None;
        Assert.Throws<JournalFlushException>(() => log.Append(new JournalBatch().FileCompleted(2), flush: true));
        Assert.Throws<JournalFlushException>(log.Flush);
        Assert.Equal(flushes, medium.Flushes);
    }

    [Fact]
    [Trait("row", "D7")]
    public void Transfer_JournalFlushFails_CallIsFatalAndRecoveryDecides()
    {
        using var to = new Destination();
        ManualSource source = ManualSource.Tree();
        FaultyMedium? faulty = null;
        using (IncomingTransfer transfer = to.Open(to.Options with { WrapJournal = medium => faulty = new FaultyMedium(medium) }))
        {
            source.SendManifest(transfer);
            source.Write(transfer, source.ChunksOf("tree/a.txt")[0]);
            faulty!.FlushError = Errno.InputOutput;
            Assert.Throws<JournalFlushException>(transfer.Checkpoint);
            Assert.Throws<JournalFlushException>(transfer.Checkpoint);
            Assert.False(Directory.Exists(to.In()));
        }

        using IncomingTransfer again = to.Open();
        source.Deliver(again);
        to.AssertEquals(source);
    }

    [Theory]
    [InlineData(DurabilityLevel.Received)]
    [InlineData(DurabilityLevel.Flushed)]
    [InlineData(DurabilityLevel.Verified)]
    [Trait("row", "D7")]
    public void Transfer_AnyFlushOfTheJournalFails_NothingMoreIsWrittenOrToldAndRecoveryDecides(DurabilityLevel level)
    {
        int failing = 1;
        while (FailAtFlush(failing, level))
        {
            failing++;
        }

        Assert.True(failing > 7, $"only {failing} flushes");
    }

    // False when there are not so many flushes, so that the run was an ordinary one.
    private static bool FailAtFlush(int failing, DurabilityLevel level)
    {
        using var to = new Destination { Options = new IncomingOptions { FreeSpaceMarginBytes = 0, Durability = level } };
        ManualSource source = new ManualSource { PageSize = 2 }
            .Folder("t").File("t/a", new byte[ManualSource.Base + 1]).File("t/b", [1]).File("t/c", [2]).Link("t/d", "x", 4);
        to.Open().Dispose(); // the log itself is there
        FaultyMedium? faulty = null;
        bool failed = false;
        TransferProgress before = new();
        using (IncomingTransfer transfer = to.Open(to.Options with { WrapJournal = medium => faulty = new FaultyMedium(medium) }))
        {
            faulty!.FailAtFlush = faulty.Flushes + failing;
            List<ChunkIndex> durable = [];
            List<PublishedFile> published = [];
            try
            {
                source.Deliver(transfer, checkpointEvery: 1, onTold: told =>
                {
                    durable.AddRange(told.Durable);
                    published.AddRange(told.Published);
                });
            }
            catch (JournalFlushException)
            {
                failed = true;
                long written = faulty.Written;
                AssertEveryCallRefuses(transfer, source);
                Assert.Equal(written, faulty.Written);
                Assert.Equal(faulty.FailAtFlush, faulty.Flushes); // never tried again
                before = transfer.Progress;
                Assert.Empty(durable.Except(Have(source, transfer)));
                Assert.Equal(published.Count, transfer.Progress.FilesPublished);
                Assert.False(transfer.IsFinished || transfer.IsCancelled);
            }
        }

        to.AssertNoPart(source);
        using IncomingTransfer again = to.Open();
        Assert.InRange(before.ChunksDurable, 0, again.Progress.ChunksDurable); // what it counted was true
        source.Deliver(again);
        to.AssertEquals(source);
        return failed;
    }

    private static HashSet<ChunkIndex> Have(ManualSource source, IncomingTransfer transfer)
    {
        HashSet<uint> wanted = [.. source.Wanted(transfer, allPages: false).Select(chunk => chunk.Index.Value)];
        uint known = (uint)transfer.Progress.ChunksFound;
        return [.. Enumerable.Range(0, (int)known).Select(i => (uint)i).Where(chunk => !wanted.Contains(chunk)).Select(chunk => new ChunkIndex(chunk))];
    }

    private static void AssertEveryCallRefuses(IncomingTransfer transfer, ManualSource source)
    {
        Assert.Throws<JournalFlushException>(() => transfer.AcceptPage(source.Encoded[0]));
        Assert.Throws<JournalFlushException>(() => transfer.AcceptSeal(source.Seal));
        Assert.Throws<JournalFlushException>(transfer.Checkpoint);
        Assert.Throws<JournalFlushException>(transfer.PublishReady);
        Assert.Throws<JournalFlushException>(() => transfer.EntryFailed(source.IndexOf("t/a"), new Problem(Reason.SourceUnreadable, "no")));
        Assert.Throws<JournalFlushException>(() => transfer.VerifyNext(out _));
        Assert.Throws<JournalFlushException>(() => transfer.Finish());
        Assert.Throws<JournalFlushException>(transfer.Cancel);
        Assert.Throws<JournalFlushException>(transfer.Close);
        if (transfer.PagesAccepted > 0)
        {
            // It may be closed already; what counts is that nothing is taken for stored.
            try
            {
                Assert.NotEqual(ChunkWriteOutcome.Stored, source.Write(transfer, source.ChunksOf("t/a")[0]).Outcome);
            }
            catch (ObjectDisposedException)
            {
            }
        }
    }

    [Fact]
    [Trait("row", "D3")]
    public void Transfer_JournalHasNoSpace_ChunksStayAndTheNextCheckpointTakesThem()
    {
        using var to = new Destination();
        ManualSource source = ManualSource.Tree();
        FaultyMedium? faulty = null;
        using IncomingTransfer transfer = to.Open(to.Options with { WrapJournal = medium => faulty = new FaultyMedium(medium) });
        source.SendManifest(transfer);
        source.Write(transfer, source.ChunksOf("tree/d/large")[0]);
        faulty!.WriteError = Errno.NoSpace;
        Assert.Equal(Reason.NoSpace, Assert.Throws<ClusterTransferException>(transfer.Checkpoint).Reason);
        faulty.WriteError = Errno.None;
        Assert.Single(transfer.Checkpoint().Durable);
        source.Deliver(transfer);
        to.AssertEquals(source);
    }

    private const string GoldenChecksums = "C9043C020F0258C1";

    [Theory]
    [InlineData(77, 0)]
    [InlineData(0, 99)]
    public void Begun_WithAPolicyOrLevelThatThereIsNot_IsLeftOut(byte conflict, byte durability) =>
        Assert.False(JournalReader.TryBegun([conflict, durability, (byte)'a'], out _, out _, out _));

    [Fact]
    public void Scan_ManyDamagedRecords_AllocatesInProportion()
    {
        using var medium = new MemoryMedium();
        using NodeJournalLog log = NodeJournalLog.Create(medium, Id);
        var batch = new JournalBatch();
        for (int i = 0; i < 2_000; i++)
        {
            batch.Add(JournalRecordType.FilesCompleted, [1, 0, 0, 0]);
        }

        log.Append(batch, flush: false);
        for (int at = JournalHeader.Size; at < medium.Bytes.Count; at += 2 * JournalFrame.SizeOf(4))
        {
            medium.Bytes[at + 6] ^= 1;
        }

        int found = 0;
        JournalScanner.Scan(medium, Id, _ => found++);
        long before = GC.GetAllocatedBytesForCurrentThread();
        JournalScan scan = JournalScanner.Scan(medium, Id, _ => found++);
        long used = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(scan.IsDamaged);
        Assert.Equal(2 * 1_000, found);
        Assert.InRange(used, 0, 64L * medium.Bytes.Count);
    }

    [Fact]
    [Trait("row", "D12")]
    public void Scan_DamagedPageThatLooksLikeLongRecordsEverywhere_FindsAllThatLiesBehindIt()
    {
        // Arrange: every fourth byte of the page may begin a record of a megabyte; the sum of these is 240 GiB.
        byte[] page = [.. Enumerable.Repeat((byte[])[1, 0, 15, 0], 250_000).SelectMany(bytes => bytes)];
        using var medium = new MemoryMedium();
        using NodeJournalLog log = NodeJournalLog.Create(medium, Id);
        log.Append(new JournalBatch().FileCompleted(1).Add(JournalRecordType.PageAccepted, page), flush: true);
        long damaged = medium.Bytes.Count - 10;
        log.Append(new JournalBatch().Add(JournalRecordType.PageAccepted, page).FileCompleted(2), flush: true);
        medium.Bytes[(int)damaged] ^= 1;

        // Act
        List<string> found = Read(medium, out JournalScan scan);

        // Assert
        Assert.Equal(3, found.Count);
        Assert.True(scan.IsDamaged);
        Assert.False(scan.HasTail);
        Assert.Equal(medium.Bytes.Count, scan.GoodLength);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Scan_DamageOfAnyLength_FindsTheRecordsBeforeAndBehind(int seed)
    {
        var random = new Random(seed);
        for (int gap = 1; gap < 400_000; gap = gap * 3 / 2 + 1)
        {
            using var medium = new MemoryMedium();
            using NodeJournalLog log = NodeJournalLog.Create(medium, Id);
            byte[] payload = new byte[gap];
            random.NextBytes(payload);
            log.Append(new JournalBatch().FileCompleted(1).Add(JournalRecordType.PageAccepted, payload).FileCompleted(2).Add(JournalRecordType.PageAccepted, payload).FileCompleted(3), flush: true);
            medium.Bytes[JournalHeader.Size + JournalFrame.SizeOf(4) + 5 + random.Next(gap)] ^= (byte)random.Next(1, 256);

            List<string> found = Read(medium, out JournalScan scan);

            Assert.Equal((4, true, false), (found.Count, scan.IsDamaged, scan.HasTail));
        }
    }

    private static MemoryMedium Sample(out List<string> all)
    {
        var medium = new MemoryMedium();
        NodeJournalLog log = NodeJournalLog.Create(medium, Id);
        for (uint i = 0; i < 5; i++)
        {
            log.Append(new JournalBatch().FileCompleted(i).ChunkDurable(i, new Digest(Enumerable.Repeat((byte)i, 32).ToArray())), flush: true);
        }

        all = Read(medium, out _);
        Assert.Equal(10, all.Count);
        return medium;
    }

    private static List<string> Read(MemoryMedium medium, out JournalScan scan)
    {
        List<string> records = [];
        scan = JournalScanner.Scan(medium, Id, record => records.Add($"{record.Type} {Convert.ToHexString(record.Payload)}"));
        return records;
    }
}
