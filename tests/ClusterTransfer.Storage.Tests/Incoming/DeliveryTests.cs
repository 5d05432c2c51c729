using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.NodeJournal;

namespace ClusterTransfer.Storage.Tests.Incoming;

public sealed class DeliveryTests : IDisposable
{
    private readonly Destination _to = new();

    public void Dispose() => _to.Dispose();

    [Theory]
    [InlineData(4096, DurabilityLevel.Flushed)]
    [InlineData(4, DurabilityLevel.Verified)]
    [InlineData(1, DurabilityLevel.Received)]
    public void Deliver_Tree_ArrivesEqual(int pageSize, DurabilityLevel durability)
    {
        ManualSource source = ManualSource.Tree(pageSize: pageSize);
        _to.Options = _to.Options with { Durability = durability };
        using IncomingTransfer transfer = _to.Open();
        source.Deliver(transfer);
        _to.AssertEquals(source);
        Assert.Empty(_to.Staged());
        Assert.Empty(transfer.Issues);
        Assert.Equal(9, transfer.Progress.FilesPublished);
        Assert.Equal(source.Seal.Bytes, transfer.Progress.BytesPublished);
        Assert.Equal(source.Seal.Bytes, transfer.Progress.BytesDurable);
        Assert.Equal(source.Seal.Bytes, transfer.Progress.BytesReceived);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(ManualSource.Base - 1)]
    [InlineData(ManualSource.Base)]
    [InlineData(ManualSource.Base + 1)]
    [InlineData((2 * ManualSource.Base) + 1)]
    [Trait("row", "D18")]
    public void Deliver_SingleFileOfSize_ArrivesEqual(int size)
    {
        ManualSource source = ManualSource.Single(size);
        using IncomingTransfer transfer = _to.Open();
        source.Deliver(transfer);
        _to.AssertEquals(source);
    }

    [Fact]
    public void Deliver_PagesWithOneAndThousandSmallFiles_ArriveEqual()
    {
        var source = new ManualSource { PageSize = 300 };
        source.Folder("many");
        for (int i = 0; i < 1000; i++)
        {
            source.File($"many/{i:d4}", BitConverter.GetBytes(i));
        }

        using IncomingTransfer transfer = _to.Open();
        source.Deliver(transfer);
        _to.AssertEquals(source);
    }

    [Fact]
    public void Finish_Again_ChangesNothing()
    {
        ManualSource source = ManualSource.Tree();
        using IncomingTransfer transfer = _to.Open();
        source.Deliver(transfer);
        Directory.Delete(_to.In("tree", "e-empty"));
        transfer.Finish();
        Assert.False(Directory.Exists(_to.In("tree", "e-empty")));
    }

    [Fact]
    public void Finish_NotComplete_IsRefused()
    {
        using IncomingTransfer transfer = _to.Open();
        ManualSource.Tree().SendManifest(transfer);
        Assert.Equal(Reason.WrongState, Assert.Throws<ClusterTransferException>(() => transfer.Finish()).Reason);
    }

    [Fact]
    public void Deliver_SpecialModeBits_AreDroppedUnlessAsked()
    {
        ManualSource source = new ManualSource().Folder("t", 0x5ed).File("t/suid", [1], 0x9ed).File("t/zlarge", new byte[ManualSource.Base], 0x9ed);
        using (IncomingTransfer transfer = _to.Open())
        {
            source.Deliver(transfer);
        }

        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(_to.In("t", "suid")) & UnixFileMode.SetUser);
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(_to.In("t", "zlarge")) & UnixFileMode.SetUser);
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(_to.In("t")) & UnixFileMode.SetGroup);

        using var other = new Destination();
        using IncomingTransfer kept = other.Open(other.Options with { KeepSpecialModeBits = true });
        source.Deliver(kept);
        Assert.Equal(UnixFileMode.SetUser, File.GetUnixFileMode(other.In("t", "suid")) & UnixFileMode.SetUser);
    }

    [Theory]
    [InlineData(0x1ff)]   // 0777, which a mask takes bits from when a file is made
    [InlineData(0x1b6)]   // 0666
    [InlineData(0x092)]   // 0222
    [InlineData(0x100)]   // 0400, which cannot be opened for writing again
    [InlineData(0x000)]
    public void Deliver_AnyMode_IsExactlyThatOfTheSource(int mode)
    {
        ManualSource source = new ManualSource().Folder("t", 0x1ed).File("t/small", [1], mode).File("t/zlarge", new byte[ManualSource.Base], mode);
        using IncomingTransfer transfer = _to.Open();
        source.Deliver(transfer);

        Assert.Equal((UnixFileMode)mode, File.GetUnixFileMode(_to.In("t", "small")));
        Assert.Equal((UnixFileMode)mode, File.GetUnixFileMode(_to.In("t", "zlarge")));
    }

    [Fact]
    public void Publish_FolderOfTheSourceIsPrivate_IsNeverMoreOpenMeanwhile()
    {
        ManualSource source = new ManualSource().Folder("t", 0x1c0).File("t/small", [1]);
        using IncomingTransfer transfer = _to.Open();
        source.SendManifest(transfer);
        source.Write(transfer, source.ChunksOf("t/small")[0]);
        Assert.Single(transfer.Checkpoint().Published);
        Assert.Equal((UnixFileMode)0x1c0, File.GetUnixFileMode(_to.In("t")));
    }

    [Fact]
    public void Cancel_MidWay_PublishedStaysAndStagedGoes()
    {
        ManualSource source = ManualSource.Tree();
        using IncomingTransfer transfer = _to.Open();
        source.SendManifest(transfer);
        source.Write(transfer, source.ChunksOf("tree/a.txt")[0]);
        transfer.Checkpoint();
        source.Write(transfer, source.ChunksOf("tree/d/large")[1]);
        transfer.Cancel();
        Assert.True(transfer.IsCancelled);
        Assert.Empty(_to.Staged());
        Assert.True(File.Exists(_to.In("tree", "a.txt")));
        Assert.Equal(ChunkWriteOutcome.NotWanted, source.Write(transfer, source.ChunksOf("tree/d/large")[0]).Outcome);
        Assert.Equal(2, transfer.Progress.FilesPublished);
    }

    [Fact]
    public void Cancel_AfterFinish_ChangesNothing()
    {
        using IncomingTransfer transfer = _to.Open();
        ManualSource.Single(10).Deliver(transfer);
        transfer.Cancel();
        Assert.False(transfer.IsCancelled);
        Assert.True(IncomingTransfer.TryReadOutcome(_to.Location, _to.Id)!.IsFinished);
    }

    [Fact]
    public void Forget_AfterFinish_LeavesNothingInStaging()
    {
        IncomingTransfer transfer = _to.Open();
        ManualSource source = ManualSource.Tree();
        source.Deliver(transfer);
        transfer.Forget();
        Assert.False(Directory.Exists(_to.Staging));
        Assert.Null(IncomingTransfer.TryReadOutcome(_to.Location, _to.Id));
        _to.AssertEquals(source);
    }

    [Theory]
    [InlineData(DurabilityLevel.Received)]
    [InlineData(DurabilityLevel.Flushed)]
    public void Forget_ByName_RemovesEverythingOfThatTransferAndNothingElse(DurabilityLevel level)
    {
        string outside = Path.Combine(_to.Root, "outside");
        File.WriteAllText(outside, "not ours");
        var elsewhere = TransferId.New();
        IncomingOptions options = _to.Options with { Durability = level };
        ManualSource source = ManualSource.Tree();
        using (IncomingTransfer transfer = _to.Open(options))
        {
            StopHalfWay(source, transfer);
        }

        using (IncomingTransfer second = IncomingTransfer.Open(_to.Location, ManualSource.PathOf("in2"), elsewhere, new Epoch(1, 1), options, TimeProvider.System))
        {
            StopHalfWay(ManualSource.Tree(), second);
        }

        File.WriteAllText(Path.Combine(_to.Staging, "stray"), "x");
        Directory.CreateDirectory(Path.Combine(_to.Staging, "77.part"));
        File.CreateSymbolicLink(Path.Combine(_to.Staging, "78.part"), outside);
        string[] kept = Files(Path.Combine(_to.Root, ".clustertransfer", elsewhere.Value));
        string[] published = Files(_to.In());
        Assert.NotEmpty(published);

        IncomingTransfer.Forget(_to.Location, _to.Id);
        IncomingTransfer.Forget(_to.Location, _to.Id);
        IncomingTransfer.Forget(_to.Location, TransferId.New());

        Assert.False(Directory.Exists(_to.Staging));
        Assert.Null(IncomingTransfer.TryReadOutcome(_to.Location, _to.Id));
        Assert.Equal([elsewhere], IncomingTransfer.KnownTo(_to.Location));
        Assert.Equal(kept, Files(Path.Combine(_to.Root, ".clustertransfer", elsewhere.Value)));
        Assert.Equal(published, Files(_to.In()));
        Assert.Equal("not ours", File.ReadAllText(outside));
        Assert.NotNull(IncomingTransfer.TryReadOutcome(_to.Location, elsewhere));
    }

    private static void StopHalfWay(ManualSource source, IncomingTransfer transfer)
    {
        source.SendManifest(transfer);
        source.Write(transfer, source.ChunksOf("tree/a.txt")[0]);
        source.Write(transfer, source.ChunksOf("tree/d/large")[1]);
        Assert.NotEmpty(transfer.Checkpoint().Published);
    }

    private static string[] Files(string folder) =>
        [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(path => $"{path} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)))}").Order(StringComparer.Ordinal)];

    [Fact]
    public void Close_CleanStop_NextOpenVerifiesNothingAndSendsNothingAgain()
    {
        ManualSource source = ManualSource.Tree();
        IncomingTransfer transfer = _to.Open();
        source.SendManifest(transfer);
        foreach (Wire.Manifests.PlannedChunk chunk in source.ChunksOf("tree/d/large"))
        {
            source.Write(transfer, chunk);
        }

        transfer.Close();
        Assert.Equal(JournalRecordType.Clean, _to.Records()[^1]);
        using IncomingTransfer again = _to.Open();
        Assert.True(again.Recovery.WasClean);
        Assert.Equal(0, again.Recovery.ChunksToVerify);
        source.Deliver(again);
        _to.AssertEquals(source);
        Assert.All(source.Sent.Values, times => Assert.Equal(1, times));
    }
}
