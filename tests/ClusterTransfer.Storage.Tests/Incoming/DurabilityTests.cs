using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Storage.Tests.NodeJournal;

namespace ClusterTransfer.Storage.Tests.Incoming;

/// <summary>What each durability level waits for, by the calls that are made and by what a power cut leaves.</summary>
public sealed class DurabilityTests : IDisposable
{
    private const int Large = (2 * ManualSource.Base) + 77;
    private readonly Destination _to = new();
    private readonly List<string> _points = [];

    public void Dispose()
    {
        NativeCalls.Watch(null);
        _to.Dispose();
    }

    [Theory]
    [InlineData(DurabilityLevel.Received, 10)]
    [InlineData(DurabilityLevel.Received, Large)]
    [InlineData(DurabilityLevel.Flushed, 10)]
    [InlineData(DurabilityLevel.Flushed, Large)]
    [InlineData(DurabilityLevel.Verified, 10)]
    [InlineData(DurabilityLevel.Verified, Large)]
    public void Publish_AtEachLevel_FlushesTheBytesBeforeTheRenameAndDropsThePagesOnlyAtVerified(DurabilityLevel level, int size)
    {
        Deliver(level, ManualSource.Single(size));
        int rename = _points.IndexOf("d14.after");
        List<int> flushes = Indices(NativeCall.Flush, ".part");
        Assert.NotEmpty(flushes);
        Assert.All(flushes, at => Assert.InRange(at, 0, rename));
        List<int> drops = Indices(NativeCall.DropCache, ".part");
        Assert.Equal(level == DurabilityLevel.Verified ? 1 : 0, drops.Count);
        Assert.All(drops, at => Assert.InRange(at, flushes[^1], rename));
    }

    [Theory]
    [InlineData(DurabilityLevel.Received, 10)]
    [InlineData(DurabilityLevel.Received, Large)]
    [InlineData(DurabilityLevel.Flushed, 10)]
    [InlineData(DurabilityLevel.Flushed, Large)]
    [InlineData(DurabilityLevel.Verified, 10)]
    [InlineData(DurabilityLevel.Verified, Large)]
    public void Checkpoint_AtEachLevel_FlushesTheBytesAndTheirNameBeforeTheJournalSaysThatTheyAreThere(DurabilityLevel level, int size)
    {
        _to.Options = _to.Options with { Durability = level };
        var source = ManualSource.Single(size);
        using IncomingTransfer transfer = _to.Open(_to.Options with { WrapJournal = medium => new WatchedMedium(medium, type => _points.Add($"journal {type}")) });
        source.SendManifest(transfer);
        source.ChunksOf("file").ForEach(chunk => source.Write(transfer, chunk));
        NativeCalls.Watch((call, path) => _points.Add($"{call} {path}"));

        transfer.Checkpoint();

        NativeCalls.Watch(null);
        int told = _points.IndexOf($"journal {JournalRecordType.ChunksDurable}");
        int bytes = _points.FindIndex(point => point.StartsWith("Flush", StringComparison.Ordinal) && point.EndsWith(".part", StringComparison.Ordinal));
        int name = _points.IndexOf($"{NativeCall.Flush} {_to.Staging}");
        Assert.True(bytes >= 0 && bytes < told, string.Join('\n', _points));
        Assert.True(name >= 0 && name < told, string.Join('\n', _points));
    }

    [Theory]
    [InlineData(DurabilityLevel.Received, 0)]
    [InlineData(DurabilityLevel.Flushed, 3)]
    [InlineData(DurabilityLevel.Verified, 3)]
    public void Publish_AtEachLevel_FlushesDestinationFoldersAfterTheRenameUnlessReceived(DurabilityLevel level, int expected)
    {
        // After the small file's rename everything, after the large one's its folder, and at the end everything with the modes and times of folders.
        Deliver(level, new ManualSource().Folder("t").File("t/a", [1]).File("t/b", new byte[Large]));
        int rename = _points.IndexOf("d14.after");
        Assert.Equal(expected, _points.Where((point, at) => at > rename && IsFlushOfDestination(point)).Count());
        Assert.Equal(0, _points.Take(rename).Count(IsFlushOfDestination));
    }

    [Fact]
    public void Publish_AtReceived_TellsOfTheFileWithoutWaitingForTheJournalEither()
    {
        var source = ManualSource.Single(Large);
        Deliver(DurabilityLevel.Received, source);
        int told = _points.IndexOf("told");
        int rename = _points.IndexOf("d14.after");
        Assert.True(rename >= 0 && rename < told);
        Assert.DoesNotContain(_points[rename..told], point => point.StartsWith("Flush", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(DurabilityLevel.Received, 1)]
    [InlineData(DurabilityLevel.Flushed, 1)]
    [InlineData(DurabilityLevel.Verified, 0)]
    public void Publish_LargeFileDamagedAfterItsChunksWereFlushed_IsSeenAtVerifiedOnly(DurabilityLevel level, int published)
    {
        var source = ManualSource.Single(Large);
        using IncomingTransfer transfer = Open(level, point =>
        {
            if (point == "d12.before")
            {
                Damage(_to.Part(0), Large - 1);
            }
        });
        source.Deliver(transfer);
        Assert.Equal(published, transfer.Progress.FilesPublished);
        Assert.Equal(1 - published, transfer.Issues.Count(issue => issue.Problem.Reason == Reason.IntegrityFailure));
        Assert.Equal(published == 1, File.Exists(_to.In("file")));
    }

    [Theory]
    [InlineData(0x1a4)]
    [InlineData(0x092)] // the owner may write, not read
    public void Publish_SmallFileAtVerified_IsReadBackWhateverItsMode(int mode)
    {
        Deliver(DurabilityLevel.Verified, new ManualSource().File("file", [1, 2, 3], mode));
        Assert.Single(Indices(NativeCall.DropCache, ".part"));
    }

    [Theory]
    [InlineData(DurabilityLevel.Flushed, 0)]
    [InlineData(DurabilityLevel.Verified, 1)]
    public void Checkpoint_SmallFileDamagedBeforeTheFlush_IsLostAtVerifiedOnly(DurabilityLevel level, int lost)
    {
        var source = ManualSource.Single(100);
        using IncomingTransfer transfer = Open(level, point =>
        {
            if (point == "d6.before")
            {
                Damage(_to.Part(0), 50);
            }
        });
        source.SendManifest(transfer);
        source.Write(transfer, source.ChunksOf("file")[0]);
        Checkpoint told = transfer.Checkpoint();
        Assert.Equal(lost, told.Lost.Count);
        Assert.Equal(1 - lost, told.Published.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Forget_RenameUndoneByAPowerCut_PutsTheToldFileBackFirst(bool isFinished)
    {
        ManualSource source = ManualSource.Single(Large);
        using (IncomingTransfer transfer = Open(DurabilityLevel.Received, _ => { }))
        {
            source.Deliver(transfer);
            if (!isFinished)
            {
                transfer.Dispose();
                Truncate(JournalRecordType.Finished);
            }
        }

        File.Move(_to.In("file"), _to.Part(0));
        IncomingTransfer.Forget(_to.Location, _to.Id);
        _to.AssertEquals(source);
        Assert.False(Directory.Exists(_to.Staging));
    }

    private void Truncate(JournalRecordType type)
    {
        long at = 0;
        using (FolderHandle folder = FolderHandle.OpenAbsolute(_to.Staging))
        {
            using var medium = new FileJournalMedium(folder.OpenFile("journal.log"u8));
            JournalScanner.Scan(medium, _to.Id, record => at = record.Type == type ? record.PayloadOffset - 5 : at);
        }

        using FileStream log = File.OpenWrite(_to.Journal);
        log.SetLength(at);
    }

    private void Deliver(DurabilityLevel level, ManualSource source)
    {
        using IncomingTransfer transfer = Open(level, _points.Add);
        NativeCalls.Watch((call, path) => _points.Add($"{call} {path}"));
        source.Deliver(transfer, onTold: told => _points.AddRange(told.Published.Select(_ => "told")));
        NativeCalls.Watch(null);
        _to.AssertEquals(source);
    }

    private IncomingTransfer Open(DurabilityLevel level, Action<string> onPoint)
    {
        _to.Options = _to.Options with { Durability = level };
        return _to.Open(_to.Options with { FaultPoint = onPoint });
    }

    private List<int> Indices(NativeCall call, string ending) =>
        [.. _points.Index().Where(one => one.Item.StartsWith($"{call} ", StringComparison.Ordinal) && one.Item.EndsWith(ending, StringComparison.Ordinal)).Select(one => one.Index)];

    private bool IsFlushOfDestination(string point) =>
        point.StartsWith("FlushFileSystem", StringComparison.Ordinal)
        || (point.StartsWith("Flush", StringComparison.Ordinal) && !point.Contains(_to.Id.Value, StringComparison.Ordinal));

    private static void Damage(string path, int offset)
    {
        using FileStream part = File.OpenWrite(path);
        part.Position = offset;
        part.WriteByte(0xAA);
    }
}
