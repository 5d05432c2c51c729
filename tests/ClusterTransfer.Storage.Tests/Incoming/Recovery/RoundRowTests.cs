using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Incoming.Recovery;

/// <summary>The rows R of docs/recovery.md, by their names.</summary>
public sealed class RoundRowTests : IDisposable
{
    private const int Large = (2 * ManualSource.Base) + 77;
    private Destination _to = new();
    private ManualSource _source = Tree();

    public void Dispose() => _to.Dispose();

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(0, true)]
    [InlineData(2, true)]
    public void LowerOrEqualRound_ChangesNothing(int round, bool rescan)
    {
        EndPartly(round: 2);
        byte[] journal = File.ReadAllBytes(_to.Journal);
        using (IncomingTransfer transfer = Open(round, rescan))
        {
            Assert.True(transfer.IsFinished);
            Assert.Equal((1, 2), (transfer.Progress.FilesSkipped, transfer.Progress.FilesParked));
            Assert.Empty(_source.Wanted(transfer));
        }

        Assert.Equal(journal, File.ReadAllBytes(_to.Journal)[..journal.Length]);
        Assert.Equal([JournalRecordType.EpochRaised], _to.Records()[^1..]);
    }

    [Fact]
    public void HigherRound_AsksForSkippedAndParkedOnlyAndKeepsGoodChunks()
    {
        EndPartly();
        FreeTheName();
        using (IncomingTransfer transfer = Open(1))
        {
            Assert.False(transfer.IsFinished);
            Assert.Empty(transfer.Issues);
            Assert.Equal((0, 0, 2), (transfer.Progress.FilesSkipped, transfer.Progress.FilesParked, transfer.Progress.FilesPublished));
            uint[] wanted = [.. _source.Wanted(transfer).Select(chunk => chunk.Index.Value)];
            uint[] expected =
            [
                .. _source.ChunksOf("t/unreadable").Skip(1).Concat(_source.ChunksOf("t/wrong")).Concat(_source.ChunksOf("t/taken")).Select(chunk => chunk.Index.Value).Order(),
            ];
            Assert.Equal(expected, wanted.Order());
            _source.Deliver(transfer);
            Assert.Equal(_source.Seal.Bytes, transfer.Progress.BytesPublished);
        }

        _to.AssertEqualFiles(_source);
        Assert.Empty(_to.Staged());
        Assert.Equal(1, _source.Sent[_source.ChunksOf("t/unreadable")[0].Index.Value]);
        Assert.Equal(1, _source.Sent[_source.ChunksOf("t/large")[0].Index.Value]);
    }

    [Theory]
    [InlineData(ConflictPolicy.Fail)]
    [InlineData(ConflictPolicy.Skip)]
    public void HigherRound_NameStillTaken_IsSettledBeforeAnythingIsSent(ConflictPolicy policy)
    {
        _to.Options = _to.Options with { Conflict = policy };
        EndPartly();
        using IncomingTransfer transfer = Open(1);
        Assert.Equal(1, transfer.Progress.FilesSkipped);
        Assert.Equal(policy == ConflictPolicy.Fail ? 1 : 0, transfer.Issues.Count);
        Assert.DoesNotContain(_source.ChunksOf("t/taken")[0].Index, _source.Wanted(transfer).Select(chunk => chunk.Index));
    }

    [Fact]
    public void HigherRound_StagedBytesDamagedMeanwhile_AreFoundAndSentAgain()
    {
        EndPartly();
        FreeTheName();
        using (FileStream part = File.OpenWrite(_to.Part(_source.IndexOf("t/unreadable").Value)))
        {
            part.WriteByte(0xAA);
            part.WriteByte(0x55);
        }

        DeliverRound(1);
        Assert.Equal(2, _source.Sent[_source.ChunksOf("t/unreadable")[0].Index.Value]);
    }

    [Fact]
    public void HigherRound_UnfinishedFile_KeepsItsChunks()
    {
        using (IncomingTransfer transfer = _to.Open())
        {
            _source.SendManifest(transfer);
            _source.Write(transfer, _source.ChunksOf("t/large")[1]);
            transfer.Close();
        }

        DeliverRound(3);
        Assert.Equal(1, _source.Sent[_source.ChunksOf("t/large")[1].Index.Value]);
    }

    [Fact]
    public void HigherRound_FolderThatCouldNotBeMade_IsMadeAndGetsItsModeAndTime()
    {
        _source = new ManualSource().Folder("t").Folder("t/d", 0x1c0).File("t/d/x", [1]);
        Directory.CreateDirectory(_to.In("t"));
        File.WriteAllText(_to.In("t", "d"), "in the way");
        using (IncomingTransfer transfer = _to.Open())
        {
            _source.Deliver(transfer);
            Assert.Equal(1, transfer.Progress.FilesSkipped);
        }

        File.Delete(_to.In("t", "d"));
        DeliverRound(1, compare: false);
        Assert.Equal((UnixFileMode)0x1c0, File.GetUnixFileMode(_to.In("t", "d")));
        Assert.True(File.Exists(_to.In("t", "d", "x")));
    }

    [Fact]
    public void HigherRound_RecordOfTheRoundDamaged_NothingThatHappenedInItIsForgotten()
    {
        EndPartly();
        FreeTheName();
        DeliverRound(1);
        Damage(JournalRecordType.RoundBegan);
        using IncomingTransfer transfer = Open(1);
        Assert.True(transfer.Recovery.JournalDamaged);
        Assert.Equal(5, transfer.Progress.FilesPublished);
        Assert.Equal((0, 0), (transfer.Progress.FilesSkipped, transfer.Progress.FilesParked));
        _source.Deliver(transfer);
        _to.AssertEqualFiles(_source);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void HigherRound_KilledAtEachWriteOfTheLog_EndsEqual(bool half)
    {
        int kills = 0;
        for (bool killed = true; killed; kills++)
        {
            StartOver();
            EndPartly();
            FreeTheName();
            killed = RunAndDie(new DyingJournal(kills + 1, half), rescan: false);
            _to.AssertNoPart(_source);
            DeliverRound(1);
            Assert.Equal(1, _source.Sent[_source.ChunksOf("t/large")[0].Index.Value]);
        }

        Assert.True(kills > 8, $"only {kills} writes");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void HigherRoundOfACancelledTransfer_StaysCancelled(bool rescan)
    {
        using (IncomingTransfer transfer = _to.Open())
        {
            _source.SendManifest(transfer);
            transfer.Cancel();
        }

        using IncomingTransfer again = Open(1, rescan);
        Assert.True(again.IsCancelled);
        Assert.Equal(2, again.PagesAccepted);
    }

    [Fact]
    public void NewManifest_OldOneIsGoneWithItsStagedFiles()
    {
        EndPartly();
        Assert.NotEmpty(_to.Staged());
        using IncomingTransfer transfer = Open(1, rescan: true);
        Assert.Equal((0, false, false), (transfer.PagesAccepted, transfer.IsSealed, transfer.IsFinished));
        Assert.Equal(new TransferProgress(), transfer.Progress);
        Assert.Empty(transfer.Issues);
        Assert.Empty(_to.Staged());
        Assert.Equal(
            [JournalRecordType.Begun, JournalRecordType.EpochRaised, JournalRecordType.RoundBegan, JournalRecordType.PlacedBefore], _to.Records());
    }

    [Fact]
    public void NewManifest_NothingKnownYet_IsANewTransferOfThatRound()
    {
        using (IncomingTransfer transfer = Open(4, rescan: true))
        {
            Assert.True(transfer.Recovery.IsNew);
            _source.SendManifest(transfer);
        }

        using IncomingTransfer again = Open(4, rescan: true);
        Assert.Equal(2, again.PagesAccepted);
    }

    [Fact]
    public void NewManifest_VerifiedFileOfTheOldOneIsStaged_CountsAsPlaced()
    {
        _source = ManualSource.Single(Large);
        var crash = new CrashAt("d14.before", hit: 1);
        using (IncomingTransfer transfer = _to.Open(_to.Options with { FaultPoint = crash.Reach }))
        {
            Assert.Throws<PlayedCrashException>(() => _source.Deliver(transfer));
        }

        using IncomingTransfer anew = Open(1, rescan: true);
        _source.SendManifest(anew);
        Assert.Equal(1, anew.Progress.FilesPublished);
    }

    [Theory]
    [InlineData("round.before")]
    [InlineData("round.written")]
    [InlineData("round.after")]
    public void NewManifestInterrupted_BeginsAgain(string point)
    {
        EndPartly();
        FreeTheName();
        var crash = new CrashAt(point, hit: 1);
        Assert.Throws<PlayedCrashException>(() => Open(1, rescan: true, _to.Options with { FaultPoint = crash.Reach }));
        ManualSource now = _source.Rewritten("t/large", [1, 2, 3]);
        DeliverRound(1, rescan: true, source: now);
    }

    [Theory]
    [Trait("category", "slow")]
    [InlineData(false)]
    [InlineData(true)]
    public void NewManifestInterrupted_KilledAtEachWriteOfTheLog_EndsEqual(bool half)
    {
        int kills = 0;
        for (bool killed = true; killed; kills++)
        {
            StartOver();
            EndPartly();
            FreeTheName();
            ManualSource now = _source.Rewritten("t/small", [7, 7, 7]);
            killed = RunAndDie(new DyingJournal(kills + 1, half), rescan: true, now);
            _to.AssertNoPart(_source, now);
            DeliverRound(1, rescan: true, source: now);
            Assert.DoesNotContain(now.ChunksOf("t/large")[0].Index.Value, now.Sent.Keys);
        }

        Assert.True(kills > 12, $"only {kills} writes");
    }

    [Theory]
    [InlineData(ConflictPolicy.Fail)]
    [InlineData(ConflictPolicy.Skip)]
    [InlineData(ConflictPolicy.Overwrite)]
    public void PlacedBefore_SameEntry_IsPublishedAtOnceAndNotSent(ConflictPolicy policy)
    {
        _to.Options = _to.Options with { Conflict = policy };
        _source = ManualSource.Tree(pageSize: 4);
        using (IncomingTransfer transfer = _to.Open())
        {
            _source.Deliver(transfer);
        }

        for (int round = 1; round <= 3; round++)
        {
            ManualSource again = ManualSource.Tree(pageSize: 3 + round);
            using IncomingTransfer transfer = Open(round, rescan: true);
            again.Deliver(transfer);
            Assert.Empty(again.Sent);
            Assert.Empty(transfer.Issues);
            Assert.Equal(9, transfer.Progress.FilesPublished);
            Assert.Equal((again.Seal.Bytes, again.Seal.Bytes), (transfer.Progress.BytesPublished, transfer.Progress.BytesVerified));
            _to.AssertEquals(again);
        }
    }

    [Fact]
    public void PlacedBefore_SameEntry_RememberedOverARoundThatNeverCameToIt()
    {
        _source = ManualSource.Tree(pageSize: 4);
        using (IncomingTransfer transfer = _to.Open())
        {
            _source.Deliver(transfer);
        }

        ManualSource second = _source.Rewritten("tree/a.txt", [1]);
        using (IncomingTransfer transfer = Open(1, rescan: true))
        {
            Assert.Null(transfer.AcceptPage(second.Encoded[0]).Problem);
            second.Write(transfer, second.ChunksOf("tree/a.txt")[0]);
            Assert.Single(transfer.Checkpoint().Published);
        }

        ManualSource third = second.Rewritten("tree/g", [2]);
        using IncomingTransfer last = Open(2, rescan: true);
        third.Deliver(last);
        _to.AssertEquals(third);
        Assert.Empty(last.Issues);
        Assert.Equal([third.ChunksOf("tree/g")[0].Index.Value], third.Sent.Keys);
    }

    [Theory]
    [InlineData(ConflictPolicy.Fail, 3)]
    [InlineData(ConflictPolicy.Fail, Large)]
    [InlineData(ConflictPolicy.Skip, 3)]
    public void PlacedBefore_OtherEntry_ReplacesItsOwnFile(ConflictPolicy policy, int size)
    {
        _to.Options = _to.Options with { Conflict = policy };
        EndPartly();
        FreeTheName();
        ManualSource now = _source.Rewritten("t/large", new byte[size]);
        DeliverRound(1, rescan: true, source: now);
        Assert.Equal(size, new FileInfo(_to.In("t", "large")).Length);
    }

    [Fact]
    public void PlacedBefore_OtherEntry_EditedBetweenPageAndRename_IsLeftAlone()
    {
        EndPartly();
        FreeTheName();
        ManualSource now = _source.Rewritten("t/large", new byte[Large]);
        using IncomingTransfer transfer = Open(1, rescan: true);
        now.SendManifest(transfer);
        File.WriteAllText(_to.In("t", "large"), "edited by a person");
        now.Deliver(transfer);
        Assert.Equal("edited by a person", File.ReadAllText(_to.In("t", "large")));
        Assert.Equal(Reason.DestinationExists, Assert.Single(transfer.Issues).Problem.Reason);
    }

    [Theory]
    [InlineData(ConflictPolicy.Fail, "time")]
    [InlineData(ConflictPolicy.Fail, "size")]
    [InlineData(ConflictPolicy.Skip, "size")]
    public void PlacedBefore_Touched_GoesByThePolicy(ConflictPolicy policy, string how)
    {
        _to.Options = _to.Options with { Conflict = policy };
        EndPartly();
        FreeTheName();
        if (how == "time")
        {
            File.SetLastWriteTimeUtc(_to.In("t", "large"), DateTime.UnixEpoch);
        }
        else
        {
            File.AppendAllText(_to.In("t", "large"), "x");
        }

        byte[] theirs = File.ReadAllBytes(_to.In("t", "large"));
        ManualSource now = _source.Rewritten("t/large", [1]);
        using IncomingTransfer transfer = Open(1, rescan: true);
        now.Deliver(transfer);
        Assert.Equal(1, transfer.Progress.FilesSkipped);
        Assert.Equal(policy == ConflictPolicy.Fail ? 1 : 0, transfer.Issues.Count);
        Assert.Equal(theirs, File.ReadAllBytes(_to.In("t", "large")));
    }

    [Fact]
    public void PlacedBefore_Touched_GoneFromTheDestination_IsSentAgain()
    {
        EndPartly();
        FreeTheName();
        File.Delete(_to.In("t", "large"));
        DeliverRound(1, rescan: true, source: Tree());
    }

    [Fact]
    public void PlacedBefore_Folder_GetsItsModeAndTimeAndOthersKeepTheirs()
    {
        Directory.CreateDirectory(_to.In("t", "theirs"));
        File.SetUnixFileMode(_to.In("t", "theirs"), (UnixFileMode)0x1f8);
        ManualSource source = new ManualSource().Folder("t").Folder("t/ours", 0x140).File("t/ours/x", [1]).Folder("t/theirs", 0x1c0).File("t/theirs/y", [1]);
        using (IncomingTransfer transfer = _to.Open())
        {
            source.SendManifest(transfer);
            source.Write(transfer, source.ChunksOf("t/ours/x")[0]);
            transfer.Checkpoint();
        }

        Assert.Equal((UnixFileMode)0x1c0, File.GetUnixFileMode(_to.In("t", "ours")));
        DeliverRound(1, rescan: true, source: source, compare: false);
        Assert.Equal((UnixFileMode)0x140, File.GetUnixFileMode(_to.In("t", "ours")));
        Assert.Equal((UnixFileMode)0x1f8, File.GetUnixFileMode(_to.In("t", "theirs")));
    }

    [Fact]
    public void PlacedBefore_ThousandsOfFiles_AreAllFoundAgain()
    {
        ManualSource Many(int pageSize)
        {
            var source = new ManualSource { PageSize = pageSize };
            source.Folder("many");
            for (int i = 0; i < 5000; i++)
            {
                source.File($"many/{i:d5}", BitConverter.GetBytes(i));
            }

            return source;
        }

        using (IncomingTransfer transfer = _to.Open())
        {
            Many(700).Deliver(transfer);
        }

        ManualSource again = Many(999);
        using IncomingTransfer anew = Open(1, rescan: true);
        Assert.Equal(2, _to.Records().Count(type => type == JournalRecordType.PlacedBefore));
        again.Deliver(anew);
        Assert.Empty(again.Sent);
        Assert.Equal(5000, anew.Progress.FilesPublished);
    }

    // One name is taken, one file could not be read after its first chunk, one arrived with another root; the rest is published.
    private static ManualSource Tree() => new ManualSource { PageSize = 3 }
        .Folder("t")
        .File("t/large", Encoding.ASCII.GetBytes(new string('x', Large)))
        .File("t/small", [1, 2, 3])
        .File("t/taken", Encoding.ASCII.GetBytes(new string('t', ManualSource.Base)))
        .File("t/unreadable", Encoding.ASCII.GetBytes(new string('u', Large)))
        .File("t/wrong", Encoding.ASCII.GetBytes(new string('w', Large)));

    private void StartOver()
    {
        _to.Dispose();
        _to = new Destination();
        _source = Tree();
    }

    private void EndPartly(int round = 0)
    {
        PartlyDelivered.TakeAName(_to);
        using IncomingTransfer transfer = Open(round);
        PartlyDelivered.Deliver(_source, transfer, unreadable: "t/unreadable", wrong: "t/wrong");
        Assert.Equal((2, 1, 2), (transfer.Progress.FilesPublished, transfer.Progress.FilesSkipped, transfer.Progress.FilesParked));
        Assert.Equal([$"{_source.IndexOf("t/unreadable")}.part"], _to.Staged());
    }

    private void FreeTheName()
    {
        File.Delete(_to.In("t", "taken"));
        Directory.SetLastWriteTimeUtc(_to.In("t"), DateTime.UnixEpoch);
    }

    private IncomingTransfer Open(int round, bool rescan = false, IncomingOptions? options = null) =>
        _to.Open((options ?? _to.Options) with { Round = round, Rescan = rescan });

    private bool RunAndDie(DyingJournal journal, bool rescan, ManualSource? source = null)
    {
        try
        {
            using IncomingTransfer transfer = Open(1, rescan, _to.Options with { WrapJournal = journal.Wrap });
            (source ?? _source).Deliver(transfer);
            return false;
        }
        catch (PlayedCrashException)
        {
            return true;
        }
    }

    private void DeliverRound(int round, bool rescan = false, ManualSource? source = null, bool compare = true)
    {
        source ??= _source;
        using (IncomingTransfer transfer = Open(round, rescan))
        {
            source.Deliver(transfer);
            Assert.Empty(transfer.Issues);
            Assert.Equal(source.Seal.Files, transfer.Progress.FilesPublished);
        }

        Assert.Empty(_to.Staged());
        if (compare)
        {
            // The folder was there before the transfer in most of these tests, so its time is its own.
            _to.AssertEqualFiles(source);
        }
    }

    private void Damage(JournalRecordType type)
    {
        long at = 0;
        using (Storage.Native.FolderHandle folder = Storage.Native.FolderHandle.OpenAbsolute(_to.Staging))
        {
            using var medium = new FileJournalMedium(folder.OpenFile("journal.log"u8));
            JournalScanner.Scan(medium, _to.Id, record => at = record.Type == type ? record.PayloadOffset : at);
        }

        using FileStream log = File.OpenWrite(_to.Journal);
        log.Position = at;
        log.WriteByte(0xFF);
    }
}
