using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Incoming.Recovery;

/// <summary>Rows R10 and R11 of docs/recovery.md: a round for some of the files.</summary>
public sealed class SomeFilesRoundTests : IDisposable
{
    private const int Large = (2 * ManualSource.Base) + 77;
    private readonly Destination _to = new();
    private readonly ManualSource _source = Tree();

    public void Dispose() => _to.Dispose();

    [Fact]
    public void SomeFiles_OnlyTheseAreWantedAndOthersKeepTheirOutcome()
    {
        EndPartly();
        using (IncomingTransfer transfer = Open(1, "t/d/unreadable"))
        {
            Assert.False(transfer.IsFinished);
            Assert.Equal((1, 1, 1), (transfer.Progress.FilesPublished, transfer.Progress.FilesSkipped, transfer.Progress.FilesParked));
            Assert.Equal(["t/d/wrong", "t/taken"], transfer.Issues.Select(issue => issue.Path).Order());
            Assert.Equal(
                _source.ChunksOf("t/d/unreadable").Skip(1).Select(chunk => chunk.Index), _source.Wanted(transfer).Select(chunk => chunk.Index));
            _source.Deliver(transfer);
            Assert.True(transfer.IsFinished);
        }

        Assert.Equal(1, _source.Sent[_source.ChunksOf("t/d/unreadable")[0].Index.Value]);
        Assert.True(File.Exists(_to.In("t", "d", "unreadable")));
        Assert.False(File.Exists(_to.In("t", "d", "wrong")));
        Assert.Equal("someone else's", File.ReadAllText(_to.In("t", "taken")));
    }

    [Fact]
    public void SomeFiles_ReplayedWithoutBeingTold_AreTheSame()
    {
        EndPartly();
        Open(1, "t/d/unreadable").Dispose();
        Assert.Contains(JournalRecordType.RoundBeganFor, _to.Records());

        // The journal alone decides: a session that is told of the round, but of no files, begins nothing.
        using IncomingTransfer transfer = Open(1);
        Assert.Equal((1, 1), (transfer.Progress.FilesSkipped, transfer.Progress.FilesParked));
        Assert.All(_source.Wanted(transfer), chunk => Assert.Equal(_source.IndexOf("t/d/unreadable"), chunk.Entry));
    }

    [Fact]
    public void SomeFiles_AFolderMeansAllBeneathIt()
    {
        EndPartly();
        using IncomingTransfer transfer = Open(1, "t/d");
        Assert.Equal((1, 0), (transfer.Progress.FilesSkipped, transfer.Progress.FilesParked));
        _source.Deliver(transfer);
        Assert.Equal(3, transfer.Progress.FilesPublished);
    }

    [Fact]
    public void SomeFiles_ThatAreNotParked_ChangeNothing()
    {
        EndPartly();
        using IncomingTransfer transfer = Open(1, "t/large", "t/nobody");
        Assert.Equal((1, 1, 2), (transfer.Progress.FilesPublished, transfer.Progress.FilesSkipped, transfer.Progress.FilesParked));
        Assert.Empty(_source.Wanted(transfer));
        transfer.Finish();
        Assert.True(transfer.IsFinished);
    }

    [Fact]
    public void SomeFiles_AFullRoundAfterwards_TakesTheOthersUp()
    {
        EndPartly();
        using (IncomingTransfer transfer = Open(1, "t/d/unreadable"))
        {
            _source.Deliver(transfer);
        }

        File.Delete(_to.In("t", "taken"));
        using IncomingTransfer full = Open(2);
        _source.Deliver(full);
        Assert.Equal(4, full.Progress.FilesPublished);
        Assert.Empty(full.Issues);
    }

    [Fact]
    public void SomeFilesNewManifest_OthersAreNotSentAndSaidToBeMissingOnlyAsACount()
    {
        EndPartly();
        File.Delete(_to.In("t", "taken"));
        ManualSource now = _source.Rewritten("t/d/unreadable", [4, 2]);
        using IncomingTransfer transfer = Open(1, rescan: true, "t/d/unreadable");
        now.SendManifest(transfer);
        Assert.Equal((1, 0, 2), (transfer.Progress.FilesPublished, transfer.Progress.FilesSkipped, transfer.Progress.FilesParked));
        Assert.Empty(transfer.Issues);
        now.Deliver(transfer);

        Assert.Equal(2, new FileInfo(_to.In("t", "d", "unreadable")).Length);
        Assert.False(File.Exists(_to.In("t", "taken")));
        Assert.Equal([now.ChunksOf("t/d/unreadable")[0].Index.Value], now.Sent.Keys);
    }

    [Fact]
    public void SomeFilesNewManifest_AreTheSameWhenItsPagesAreReplayed()
    {
        EndPartly();
        ManualSource now = _source.Rewritten("t/d/unreadable", [4, 2]);
        using (IncomingTransfer transfer = Open(1, rescan: true, "t/d/unreadable"))
        {
            now.SendManifest(transfer);
        }

        using IncomingTransfer again = Open(1, rescan: true, "t/d/unreadable");
        Assert.Equal([now.IndexOf("t/d/unreadable")], now.Wanted(again).Select(chunk => chunk.Entry));
    }

    private static ManualSource Tree() => new ManualSource { PageSize = 3 }
        .Folder("t")
        .Folder("t/d")
        .File("t/d/unreadable", Encoding.ASCII.GetBytes(new string('u', Large)))
        .File("t/d/wrong", Encoding.ASCII.GetBytes(new string('w', Large)))
        .File("t/large", Encoding.ASCII.GetBytes(new string('x', Large)))
        .File("t/taken", Encoding.ASCII.GetBytes(new string('t', ManualSource.Base)));

    private IncomingTransfer Open(int round, params string[] only) => Open(round, rescan: false, only);

    private IncomingTransfer Open(int round, bool rescan, params string[] only) =>
        _to.Open(_to.Options with { Round = round, Rescan = rescan, Only = only.Length == 0 ? null : only });

    private void EndPartly()
    {
        PartlyDelivered.TakeAName(_to);
        using IncomingTransfer transfer = Open(0);
        PartlyDelivered.Deliver(_source, transfer, unreadable: "t/d/unreadable", wrong: "t/d/wrong");
        Assert.Equal((1, 1, 2), (transfer.Progress.FilesPublished, transfer.Progress.FilesSkipped, transfer.Progress.FilesParked));
    }
}
