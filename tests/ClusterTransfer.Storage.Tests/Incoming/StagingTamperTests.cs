using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Incoming;

/// <summary>Somebody takes away or replaces what is staged while the transfer runs: held handles stay valid or the failure is clean; what lies outside is never written to, and never published.</summary>
[Trait("row", "D13")]
public sealed class StagingTamperTests : IDisposable
{
    private const int Large = (2 * ManualSource.Base) + 77;
    private readonly Destination _to = new();
    private readonly string _outside;

    public StagingTamperTests()
    {
        _outside = Path.Combine(Path.GetDirectoryName(_to.Root)!, "outside");
        Directory.CreateDirectory(_outside);
        File.WriteAllText(Path.Combine(_outside, "canary"), "untouched");
    }

    public void Dispose()
    {
        Assert.Equal(["canary"], Directory.GetFileSystemEntries(_outside).Select(Path.GetFileName));
        Assert.Equal("untouched", File.ReadAllText(Path.Combine(_outside, "canary")));
        _to.Dispose();
    }

    // Between the last check and the rename; what is there instead has the right name only.
    [Theory]
    [InlineData(Large, "deleted")]
    [InlineData(500, "deleted")]
    [InlineData(Large, "link")]
    [InlineData(500, "link")]
    [InlineData(Large, "other file")]
    [InlineData(500, "other file")]
    [InlineData(500, "folder")]
    public void StagedFile_ReplacedBeforeItsRename_IsNotPublishedAndFetchedAgain(int size, string how)
    {
        ManualSource source = ManualSource.Single(size);
        bool isDone = false;
        using IncomingTransfer transfer = _to.Open(_to.Options with
        {
            FaultPoint = point =>
            {
                if (point == "d14.before" && !isDone)
                {
                    isDone = true;
                    Replace(_to.Part(0), how);
                }
            },
        });
        source.SendManifest(transfer);
        source.ChunksOf("file").ForEach(chunk => source.Write(transfer, chunk));
        Checkpoint checkpoint = transfer.Checkpoint();
        transfer.FileDone(source.IndexOf("file"), source.RootOf("file"));
        Checkpoint published = transfer.PublishReady();

        Assert.True(isDone);
        Assert.Empty(checkpoint.Published.Concat(published.Published));
        Assert.Empty(Directory.Exists(_to.In()) ? Directory.GetFileSystemEntries(_to.In()) : []);
        Assert.NotEmpty(checkpoint.Lost.Concat(published.Lost));
        source.Deliver(transfer);
        _to.AssertEquals(source);
        Assert.All(source.Sent.Values, times => Assert.Equal(2, times));
    }

    [Theory]
    [InlineData("deleted")]
    [InlineData("link")]
    [InlineData("other file")]
    public void StagedFile_ReplacedWhileItIsWritten_IsFetchedAgain(string how)
    {
        ManualSource source = ManualSource.Single(Large);
        using IncomingTransfer transfer = _to.Open();
        source.SendManifest(transfer);
        List<PlannedChunk> chunks = source.ChunksOf("file");
        source.Write(transfer, chunks[0]);
        transfer.Checkpoint();
        Replace(_to.Part(0), how);
        source.Write(transfer, chunks[1]);
        source.Write(transfer, chunks[2]);
        transfer.Checkpoint();
        transfer.FileDone(source.IndexOf("file"), source.RootOf("file"));
        Assert.Empty(transfer.PublishReady().Published);
        source.Deliver(transfer);
        _to.AssertEquals(source);
    }

    // The handles that are held lead to what nobody can find any more; a new session begins anew.
    [Theory]
    [InlineData("removed")]
    [InlineData("link")]
    [InlineData("moved")]
    public void StagingFolder_ReplacedInTransit_FailsCleanlyAndTheNextSessionDelivers(string how)
    {
        ManualSource source = new ManualSource().Folder("t").File("t/large", new byte[Large]).File("t/small", [1, 2, 3]);
        using (IncomingTransfer transfer = _to.Open())
        {
            source.SendManifest(transfer);
            source.Write(transfer, source.ChunksOf("t/large")[0]);
            transfer.Checkpoint();
            string away = Path.Combine(_to.Root, "away");
            switch (how)
            {
                case "removed":
                    Directory.Delete(_to.Staging, recursive: true);
                    break;
                case "link":
                    Directory.Move(_to.Staging, away);
                    Directory.CreateSymbolicLink(_to.Staging, _outside);
                    break;
                default:
                    Directory.Move(_to.Staging, away);
                    break;
            }

            Exception? error = Record.Exception(() => GoOn(source, transfer));
            Assert.True(error is null or ClusterTransferException, error?.ToString());
            _to.AssertNoPart(source);
        }

        if (how == "link")
        {
            Assert.Equal(Reason.DiskError, Assert.Throws<ClusterTransferException>(() => _to.Open()).Problem.Reason);
            File.Delete(_to.Staging);
        }

        using IncomingTransfer again = _to.Open(_to.Options);
        source.Deliver(again);
        _to.AssertEqualFiles(source);
    }

    [Fact]
    public void OurFolderOfTheLocation_ReplacedByALink_NothingIsWrittenThroughIt()
    {
        ManualSource source = ManualSource.Tree();
        string ours = Path.Combine(_to.Root, ".clustertransfer");
        using (IncomingTransfer transfer = _to.Open())
        {
            source.SendManifest(transfer);
            Directory.Move(ours, Path.Combine(_to.Root, "away"));
            Directory.CreateSymbolicLink(ours, _outside);
            source.Deliver(transfer); // all of it through handles
            transfer.Forget();
        }

        _to.AssertEqualFiles(source);
        ClusterTransferException error = Assert.Throws<ClusterTransferException>(() => _to.Reopen(() => { }));
        Assert.Contains("is a link", error.Message, StringComparison.Ordinal);
        File.Delete(ours);
        _to.Reopen(() => { });
    }

    private static void GoOn(ManualSource source, IncomingTransfer transfer)
    {
        foreach (PlannedChunk chunk in source.Wanted(transfer))
        {
            ChunkWrite write = source.Write(transfer, chunk);
            Assert.Contains(write.Outcome, new[] { ChunkWriteOutcome.Stored, ChunkWriteOutcome.Failed });
            Assert.Equal(write.Outcome == ChunkWriteOutcome.Failed, write.Problem is not null);
        }

        transfer.Checkpoint();
        transfer.FileDone(source.IndexOf("t/large"), source.RootOf("t/large"));
        transfer.PublishReady();
    }

    private void Replace(string path, string how)
    {
        File.Delete(path);
        switch (how)
        {
            case "link":
                File.CreateSymbolicLink(path, Path.Combine(_outside, "canary"));
                break;
            case "other file":
                File.WriteAllText(path, "not what was verified");
                break;
            case "folder":
                Directory.CreateDirectory(path);
                break;
            default:
                break;
        }
    }
}
