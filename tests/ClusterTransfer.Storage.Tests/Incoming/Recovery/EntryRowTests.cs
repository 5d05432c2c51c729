using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Incoming.Recovery;

/// <summary>The rows F, V and C of docs/recovery.md, by their names.</summary>
public sealed class EntryRowTests : IDisposable
{
    private const int Large = (2 * ManualSource.Base) + 77;
    private readonly Destination _to = new();
    private ManualSource _source = ManualSource.Single(Large);

    public void Dispose() => _to.Dispose();

    [Theory]
    [InlineData("file")]
    [InlineData("link")]
    [InlineData("folder")]
    [InlineData("fifo")]
    public void NoRecord_StagedFile_IsRemovedAndNotOpened(string kind)
    {
        using (IncomingTransfer transfer = _to.Open())
        {
            _source.SendManifest(transfer);
        }

        string outside = Path.Combine(_to.Root, "outside");
        File.WriteAllText(outside, "not ours");
        Plant(_to.Part(0), kind, outside);
        DeliverAndCompare(report => Assert.Equal(1, report.StrayFilesRemoved));
        Assert.Equal("not ours", File.ReadAllText(outside));
    }

    [Theory]
    [InlineData("file")]
    [InlineData("link")]
    [InlineData("folder")]
    [Trait("row", "D13")]
    public void NoRecord_StagedFile_PlantedWhileRunning_IsNotFollowed(string kind)
    {
        string outside = Path.Combine(_to.Root, "outside");
        File.WriteAllText(outside, "not ours");
        _source = new ManualSource().Folder("t").File("t/large", new byte[Large]).File("t/small", [1, 2, 3]);
        using (IncomingTransfer transfer = _to.Open())
        {
            _source.SendManifest(transfer);
            Plant(_to.Part(1), kind, outside);
            Plant(_to.Part(2), kind, outside);
            _source.Deliver(transfer);
        }

        _to.AssertEquals(_source);
        Assert.Equal("not ours", File.ReadAllText(outside));
    }

    [Fact]
    public void UnknownEntry_StagedFile_IsRemoved()
    {
        _to.Open().Dispose();
        File.WriteAllText(_to.Part(5000), "x");
        File.WriteAllText(Path.Combine(_to.Staging, "00.part"), "x");
        File.WriteAllText(Path.Combine(_to.Staging, "notes.txt"), "x");
        DeliverAndCompare(report => Assert.Equal(3, report.StrayFilesRemoved));
    }

    [Fact]
    public void DurableChunks_StagedFileSound_NothingIsSentAgain()
    {
        WriteDurable(0, 2);
        DeliverAndCompare(report => Assert.Equal(2, report.ChunksToVerify));
        Assert.All(_source.Sent.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    [Trait("row", "D13")]
    public void DurableChunks_NoStagedFile_ChunksAreLost()
    {
        WriteDurable(0, 2);
        File.Delete(_to.Part(0));
        DeliverAndCompare(report => Assert.Equal(2, report.ChunksLost));
        Assert.Equal([2, 1, 2], _source.Sent.OrderBy(pair => pair.Key).Select(pair => pair.Value));
    }

    [Theory]
    [InlineData("shorter")]
    [InlineData("longer")]
    [InlineData("link")]
    [InlineData("folder")]
    [InlineData("hardlink")]
    [Trait("row", "D11")]
    [Trait("row", "D13")]
    public void DurableChunks_StagedFileUnsound_IsRemovedAndChunksAreLost(string how)
    {
        WriteDurable(0, 2);
        string outside = Path.Combine(_to.Root, "outside");
        File.WriteAllBytes(outside, new byte[Large]);
        switch (how)
        {
            case "shorter" or "longer":
                using (FileStream part = File.OpenWrite(_to.Part(0)))
                {
                    part.SetLength(Large + (how == "shorter" ? -1 : 1));
                }

                break;
            case "hardlink":
                File.Delete(_to.Part(0));
                using (FolderHandle root = FolderHandle.OpenAbsolute(_to.Root))
                using (FolderHandle staging = FolderHandle.OpenAbsolute(_to.Staging))
                {
                    root.TryLink("outside"u8, staging, "0.part"u8).OrThrow("link", root);
                }

                break;
            default:
                File.Delete(_to.Part(0));
                Plant(_to.Part(0), how, outside);
                break;
        }

        DeliverAndCompare(report => Assert.Equal(2, report.ChunksLost));
        Assert.True(File.ReadAllBytes(outside).All(b => b == 0));
    }

    [Fact]
    public void HalfABatch_EachMemberByItsOwnRow()
    {
        _source = new ManualSource().Folder("t");
        for (int i = 0; i < 6; i++)
        {
            _source.File($"t/{i}", [(byte)i, 1, 2]);
        }

        CrashAt("d14.before", hit: 4);
        Assert.Equal(3, _to.Staged().Length);
        File.WriteAllBytes(_to.Part(6), [9, 9, 9]); // one of the others does not hold any more
        DeliverAndCompare(report => Assert.Equal(5, report.FilesPublished));
        Assert.Equal(2, _source.Sent.Values.Single());
    }

    [Fact]
    public void HalfABatch_OnlyTheVerifiedPartOfTheAppendSurvived_PackIsNotNeededAgain()
    {
        _source = new ManualSource().Folder("t").File("t/a", [1]).File("t/b", [2]);
        CrashAt("d14.before", hit: 1);
        CutRecord(JournalRecordType.ChunksDurable);
        DeliverAndCompare(report => Assert.Equal(2, report.FilesPublished));
        Assert.Equal(1, _source.Sent.Values.Single());
    }

    [Fact]
    public void PackDurable_MemberUnknown_PackIsSentAgainAndOtherMembersStay()
    {
        _source = new ManualSource().Folder("t").File("t/a", [1]).File("t/b", [2]);
        using (IncomingTransfer transfer = _to.Open())
        {
            _source.SendManifest(transfer);
        }

        Append(new JournalBatch().ChunkDurable(0, default));
        DeliverAndCompare(report => Assert.Equal(1, report.ChunksLost));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Verified_StagedThere_IsPublishedByRecovery(bool isSmall)
    {
        UseSize(isSmall);
        CrashAt("d14.before", hit: 1);
        Assert.False(File.Exists(_to.In("file")));
        using (IncomingTransfer transfer = _to.Open())
        {
            Assert.Equal(1, transfer.Recovery.FilesPublished);
            Assert.True(File.Exists(_to.In("file")));
        }

        DeliverAndCompare(report => Assert.Equal(0, report.FilesPublished));
        Assert.All(_source.Sent.Values, times => Assert.Equal(1, times));
    }

    [Theory]
    [InlineData(true, "content")]
    [InlineData(false, "other file")]
    [InlineData(true, "other file")]
    [InlineData(false, "time")]
    [Trait("row", "D11")]
    public void Verified_StagedReplaced_IsFetchedAgain(bool isSmall, string how)
    {
        UseSize(isSmall);
        CrashAt("d14.before", hit: 1);
        DateTime modified = File.GetLastWriteTimeUtc(_to.Part(0));
        byte[] other = new byte[isSmall ? 100 : Large];
        switch (how)
        {
            case "content":
                using (FileStream part = File.OpenWrite(_to.Part(0)))
                {
                    part.Write(other);
                }

                File.SetLastWriteTimeUtc(_to.Part(0), modified);
                SetExactTime();
                break;
            case "other file":
                File.Delete(_to.Part(0));
                File.WriteAllBytes(_to.Part(0), other);
                SetExactTime();
                break;
            default:
                File.SetLastWriteTimeUtc(_to.Part(0), modified.AddSeconds(1));
                break;
        }

        DeliverAndCompare(report => Assert.True(report.ChunksLost > 0));
        Assert.All(_source.Sent.Values, times => Assert.Equal(2, times));
    }

    [Fact]
    public void Verified_StagedReplaced_CrashBetweenRecordAndRemoval_IsFetchedAgain()
    {
        CrashAt("d14.before", hit: 1);
        Append(new JournalBatch().FileUnverified(0).ChunksLost(new ChunkRange(0, 3)));
        DeliverAndCompare(report => Assert.Equal(1, report.StrayFilesRemoved));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Verified_TargetOurs_IsPublished(bool isSmall)
    {
        UseSize(isSmall);
        CrashAt("d14.after", hit: 1);
        DeliverAndCompare(report => Assert.Equal(1, report.FilesPublished));
        Assert.All(_source.Sent.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public void Verified_TargetOursEdited_IsNeverWrittenAgain()
    {
        CrashAt("d14.after", hit: 1);
        File.WriteAllText(_to.In("file"), "edited by a person");
        Deliver(report => Assert.Equal(1, report.FilesPublished));
        Assert.Equal("edited by a person", File.ReadAllText(_to.In("file")));
    }

    [Theory]
    [InlineData(true, "d14.after")]
    [InlineData(false, "d14.after")]
    [InlineData(true, "d14.before")]
    [InlineData(false, "d14.before")]
    public void Verified_TargetGone_IsFetchedAgain(bool isSmall, string point)
    {
        UseSize(isSmall);
        CrashAt(point, hit: 1);
        File.Delete(point == "d14.after" ? _to.In("file") : _to.Part(0));
        using (IncomingTransfer transfer = _to.Open())
        {
            Assert.Equal((0L, 0L), (transfer.Progress.FilesPublished, transfer.Progress.BytesVerified));
            Assert.Equal(isSmall ? 1 : 3, transfer.Recovery.ChunksLost);
            Assert.Equal(isSmall ? 1 : 3, _source.Wanted(transfer).Count);
        }

        DeliverAndCompare(report => Assert.Equal(0, report.ChunksLost));
        Assert.All(_source.Sent.Values, times => Assert.Equal(2, times));
    }

    [Fact]
    public void Verified_TargetGone_OfOneMemberOfAPack_TheOthersStay()
    {
        _source = new ManualSource().Folder("t").File("t/a", [1]).File("t/b", [2]).File("t/c", [3]);
        CrashAt("d14.before", hit: 2);
        File.Delete(_to.Part(_source.IndexOf("t/b").Value));
        DeliverAndCompare(report => Assert.Equal((2, 1L), (report.FilesPublished, report.ChunksLost)));
        Assert.Equal(2, _source.Sent.Values.Single());
    }

    [Fact]
    public void Verified_TargetGone_OfALink_IsMadeAgain()
    {
        _source = new ManualSource().Folder("t").Link("t/link", "somewhere", 5);
        CrashAt("d14.before", hit: 1);
        File.Delete(Path.Combine(_to.Staging, "1.link"));
        DeliverAndCompare();
    }

    [Theory]
    [InlineData(ConflictPolicy.Fail)]
    [InlineData(ConflictPolicy.Skip)]
    [InlineData(ConflictPolicy.Overwrite)]
    public void Verified_TargetTaken_IsFetchedAgainAndThePolicyDecides(ConflictPolicy policy)
    {
        _to.Options = _to.Options with { Conflict = policy };
        CrashAt("d14.after", hit: 1);
        File.WriteAllText(_to.In("new"), "someone else's");
        File.Move(_to.In("new"), _to.In("file"), overwrite: true);
        AssertDecidedByPolicy(policy);
    }

    [Theory]
    [InlineData(ConflictPolicy.Fail)]
    [InlineData(ConflictPolicy.Overwrite)]
    public void Verified_InodeReused_IsSomeoneElsesFile(ConflictPolicy policy)
    {
        _to.Options = _to.Options with { Conflict = policy };
        CrashAt("d14.after", hit: 1);

        // The file system gives the number out again soon; whether it did or not, the file is not ours.
        File.Delete(_to.In("file"));
        File.WriteAllText(_to.In("file"), "someone else's");
        AssertDecidedByPolicy(policy);
    }

    [Theory]
    [InlineData(ConflictPolicy.Fail, false, true)]
    [InlineData(ConflictPolicy.Skip, false, false)]
    [InlineData(ConflictPolicy.Overwrite, true, false)]
    public void Verified_StagedThere_TargetTaken_GoesByThePolicy(ConflictPolicy policy, bool isReplaced, bool isListed)
    {
        _to.Options = _to.Options with { Conflict = policy };
        CrashAt("d14.before", hit: 1);
        Directory.CreateDirectory(_to.In());
        File.WriteAllText(_to.In("file"), "someone else's");
        using (IncomingTransfer transfer = _to.Open())
        {
            _source.Deliver(transfer);
            Assert.Equal(isListed ? 1 : 0, transfer.Issues.Count);
            Assert.Equal(isReplaced ? 1 : 0, transfer.Progress.FilesPublished);
            Assert.Equal(isReplaced ? 0 : 1, transfer.Progress.FilesSkipped);
        }

        Assert.Equal(isReplaced, File.ReadAllText(_to.In("file")) != "someone else's");
        Assert.Empty(_to.Staged());
    }

    [Fact]
    public void Completed_LeftoverGoesAndFileIsNotTouched()
    {
        CrashAt("d16.after", hit: 1);
        File.WriteAllText(_to.Part(0), "leftover");
        File.AppendAllText(_to.In("file"), "x");
        Deliver(report => Assert.Equal(1, report.StrayFilesRemoved));
        Assert.Equal(Large + 1, new FileInfo(_to.In("file")).Length);
    }

    [Theory]
    [InlineData("end", 0)]
    [InlineData("end", 1)]
    [InlineData("end", 3)]
    [InlineData("crash", 1)]
    public void Completed_RenameUndone_IsPublishedAgain(string stop, int crashesInRecovery)
    {
        _source = ManualSource.Tree();
        _to.Options = _to.Options with { Durability = DurabilityLevel.Received };
        if (stop == "end")
        {
            Deliver();
        }
        else
        {
            CrashAt("finish.folder", hit: 2);
        }

        // What a power cut does to a rename that nobody flushed.
        foreach (string path in new[] { "tree/a.txt", "tree/d/large", "tree/h-link" })
        {
            UndoRename(path);
        }

        for (int i = 0; i < crashesInRecovery; i++)
        {
            var crash = new CrashAt("d14.after", hit: 1);
            Assert.Throws<PlayedCrashException>(() => _to.Open(_to.Options with { FaultPoint = crash.Reach }));
        }

        using (IncomingTransfer transfer = _to.Open())
        {
            Assert.Equal(9, transfer.Progress.FilesPublished);
            Assert.True(transfer.IsComplete);
            _source.Deliver(transfer);
        }

        _to.AssertEquals(_source);
        Assert.All(_source.Sent.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public void Completed_RenameUndone_OfACancelledTransfer_IsPublishedAgain()
    {
        _source = ManualSource.Single(100);
        _to.Options = _to.Options with { Durability = DurabilityLevel.Received };
        CrashAt("d8.before", hit: 1);
        using (IncomingTransfer transfer = _to.Open())
        {
            transfer.Cancel();
        }

        File.Move(_to.In("file"), _to.Part(0));

        // Also when the process dies once more before the file has its name again.
        var crash = new CrashAt("d14.before", 1);
        Assert.Throws<PlayedCrashException>(() => _to.Open(_to.Options with { FaultPoint = crash.Reach }));
        using IncomingTransfer again = _to.Open();
        Assert.True(again.IsCancelled);
        Assert.Empty(_to.Staged());
        _to.AssertEquals(_source);
    }

    [Fact]
    public void Settled_OutcomeStaysAndLeftoverGoes()
    {
        using (IncomingTransfer transfer = _to.Open())
        {
            _source.SendManifest(transfer);
            _source.Write(transfer, _source.ChunksOf("file")[0]);
            transfer.EntryFailed(new EntryIndex(0), new Problem(Reason.SourceChanged, "it changed"));
            Assert.Empty(_to.Staged());
            transfer.Checkpoint();
        }

        File.WriteAllText(_to.Part(0), "leftover");
        using (IncomingTransfer again = _to.Open())
        {
            FileIssue issue = Assert.Single(again.Issues);
            Assert.Equal((Reason.SourceChanged, "it changed", FileState.Parked), (issue.Problem.Reason, issue.Problem.Detail, issue.State));
            Assert.Equal(1, again.Progress.FilesParked);
            Assert.Empty(_source.Wanted(again));
            Assert.Empty(_to.Staged());
            again.Finish();
        }

        Assert.False(File.Exists(_to.In("file")));
    }

    [Fact]
    [Trait("row", "D11")]
    [Trait("row", "D12")]
    public void UncleanStop_ChunkDamaged_IsLostAndSentAgain()
    {
        WriteDurable(0, 1, 2);
        using (FileStream part = File.OpenWrite(_to.Part(0)))
        {
            part.Position = ManualSource.Base + 5;
            part.WriteByte(0xAA);
            part.WriteByte(0x55);
        }

        using (IncomingTransfer transfer = _to.Open())
        {
            Assert.Equal(3, transfer.Recovery.ChunksToVerify);
            transfer.FileDone(new EntryIndex(0), _source.RootOf("file"));
            Assert.Empty(transfer.PublishReady().Published); // not before it was looked at
            List<ChunkIndex?> lost = [];
            while (transfer.VerifyNext(out ChunkIndex? one))
            {
                lost.Add(one);
            }

            Assert.Equal([null, new ChunkIndex(1), null], lost);
            Assert.Equal(new ChunkIndex(1), Assert.Single(_source.Wanted(transfer)).Index);
        }

        DeliverAndCompare();
        Assert.Equal([1, 2, 1], _source.Sent.OrderBy(pair => pair.Key).Select(pair => pair.Value));
    }

    [Fact]
    public void UncleanStop_ChunkGood_IsKept()
    {
        WriteDurable(0, 1, 2);
        DeliverAndCompare();
        Assert.All(_source.Sent.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public void CompletedNotTold_AnswersAreTheSameAndFreeOfEffects()
    {
        using (IncomingTransfer transfer = _to.Open())
        {
            _source.Deliver(transfer);
        }

        byte[] journal = File.ReadAllBytes(_to.Journal);
        IncomingTransfer.Summary first = IncomingTransfer.TryReadOutcome(_to.Location, _to.Id)!;
        IncomingTransfer.Summary second = IncomingTransfer.TryReadOutcome(_to.Location, _to.Id)!;
        Assert.True(first.IsFinished && first.IsComplete);
        Assert.Equal(first.Progress, second.Progress);
        Assert.Equal(journal, File.ReadAllBytes(_to.Journal));
        using IncomingTransfer again = _to.Open();
        Assert.True(again.IsFinished);
        Assert.Equal(first.Progress.FilesPublished, again.Progress.FilesPublished);
    }

    [Fact]
    public void FinishInterrupted_RunsAgainFromTheStart()
    {
        _source = ManualSource.Tree();
        CrashAt("finish.folder", hit: 3);
        DeliverAndCompare();
    }

    private void AssertDecidedByPolicy(ConflictPolicy policy)
    {
        using IncomingTransfer transfer = _to.Open();
        Assert.Equal(0, transfer.Recovery.FilesPublished);
        _source.Deliver(transfer);
        bool isReplaced = policy == ConflictPolicy.Overwrite;
        Assert.Equal(isReplaced, File.ReadAllText(_to.In("file")) != "someone else's");
        Assert.Equal((isReplaced ? 1 : 0, isReplaced ? 0 : 1), (transfer.Progress.FilesPublished, transfer.Progress.FilesSkipped));
        Assert.Equal(policy == ConflictPolicy.Fail ? 1 : 0, transfer.Issues.Count);
    }

    private void UseSize(bool isSmall) => _source = ManualSource.Single(isSmall ? 100 : Large);

    private void WriteDurable(params int[] chunks)
    {
        using IncomingTransfer transfer = _to.Open();
        _source.SendManifest(transfer);
        List<PlannedChunk> all = _source.ChunksOf("file");
        foreach (int chunk in chunks)
        {
            Assert.Equal(ChunkWriteOutcome.Stored, _source.Write(transfer, all[chunk]).Outcome);
        }

        Assert.Equal(chunks.Length, transfer.Checkpoint().Durable.Count);
    }

    private void CrashAt(string point, int hit)
    {
        var crash = new CrashAt(point, hit);
        using IncomingTransfer transfer = _to.Open(_to.Options with { FaultPoint = crash.Reach });
        Assert.Throws<PlayedCrashException>(() => _source.Deliver(transfer));
    }

    private void Deliver(Action<RecoveryReport>? check = null)
    {
        using IncomingTransfer transfer = _to.Open();
        check?.Invoke(transfer.Recovery);
        _source.Deliver(transfer);
        Assert.Empty(_to.Staged());
    }

    private void DeliverAndCompare(Action<RecoveryReport>? check = null)
    {
        Deliver(check);
        _to.AssertEquals(_source);
    }

    private void UndoRename(string path)
    {
        ManifestEntry entry = _source.Entry(path);
        using FolderHandle staging = FolderHandle.OpenAbsolute(_to.Staging);
        using FolderHandle parent = _to.Location.Root.OpenFolder(ManualSource.PathOf("in").Combine(entry.Path).Parent.Bytes);
        byte[] staged = StagedFiles.NameOf(_source.IndexOf(path).Value, entry.Kind);
        parent.TryRenameNoReplace(entry.Path.Name, staging, staged).OrThrow("rename", parent, entry.Path.Name);
    }

    private void SetExactTime()
    {
        using FolderHandle staging = FolderHandle.OpenAbsolute(_to.Staging);
        staging.TrySetModified("0.part"u8, _source.Entry("file").ModifiedNs).OrThrow("set the time of", staging);
    }

    private void Append(JournalBatch batch)
    {
        using FolderHandle folder = FolderHandle.OpenAbsolute(_to.Staging);
        folder.TryOpenWritable("journal.log"u8, out FileHandle? file);
        var medium = new FileJournalMedium(file!);
        JournalScan scan = JournalScanner.Scan(medium, _to.Id, _ => { });
        using var log = new NodeJournalLog(medium, scan.Salt, scan.GoodLength);
        log.Append(batch, flush: true);
    }

    // Cuts the log in the middle of the last record of that type.
    private void CutRecord(JournalRecordType type)
    {
        long at = 0;
        using (FolderHandle folder = FolderHandle.OpenAbsolute(_to.Staging))
        {
            using var medium = new FileJournalMedium(folder.OpenFile("journal.log"u8));
            JournalScanner.Scan(medium, _to.Id, record => at = record.Type == type ? record.PayloadOffset + 1 : at);
        }

        using FileStream log = File.OpenWrite(_to.Journal);
        log.SetLength(at);
    }

    private static void Plant(string path, string kind, string outside)
    {
        switch (kind)
        {
            case "link":
                File.CreateSymbolicLink(path, outside);
                break;
            case "folder":
                Directory.CreateDirectory(path);
                break;
            case "fifo":
                using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", path))
                {
                    mkfifo.WaitForExit();
                }

                break;
            default:
                File.WriteAllText(path, "planted");
                break;
        }
    }
}
