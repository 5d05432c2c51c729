using ClusterTransfer.Model;
using ClusterTransfer.Storage.Outgoing;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Outgoing;

/// <summary>A transfer that is taken up again at its source, with the manifest it has or with a new scan.</summary>
public sealed class RoundTests : IDisposable
{
    private readonly OutgoingFixture _fixture = new();

    public RoundTests()
    {
        _fixture.Files.MakeFile("d/a"u8, "1"u8);
        using OutgoingTransfer first = _fixture.OpenScanned("d");
        first.RaiseEpoch(new Epoch(1, 7));
        _fixture.Files.MakeFile("d/b"u8, "22"u8);
    }

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(3, false)]
    public void Open_NoNewScanAskedFor_GoesOnWithItsManifest(int round, bool rescan)
    {
        using OutgoingTransfer transfer = Open(round, rescan);
        Assert.NotNull(transfer.Seal);
        Assert.Equal(["d", "d/a"], OutgoingFixture.Paths(transfer));
    }

    [Fact]
    public void Open_HigherRoundWithRescan_ScansAnewOnceAndKeepsTheEpoch()
    {
        using (OutgoingTransfer transfer = Open(1, rescan: true))
        {
            Assert.Equal((0, null), (transfer.PageCount, transfer.Seal));
            Assert.Equal(default, transfer.Totals);
            Assert.Equal(new Epoch(1, 7), transfer.HighestEpoch);
            OutgoingFixture.Scan(transfer);
        }

        _fixture.Files.MakeFile("d/c"u8, "333"u8);
        foreach ((int round, bool rescan) in new[] { (1, true), (0, true), (2, false), (2, true), (0, false) })
        {
            using OutgoingTransfer again = Open(round, rescan);
            Assert.Equal(["d", "d/a", "d/b"], OutgoingFixture.Paths(again));
        }

        using OutgoingTransfer third = Open(3, rescan: true);
        OutgoingFixture.Scan(third);
        Assert.Equal(["d", "d/a", "d/b", "d/c"], OutgoingFixture.Paths(third));
        Assert.Equal(["digests-3.bin", "epoch", "round", "scan-3.log"], Names());
    }

    [Fact]
    public void Open_HigherRoundWithRescan_DigestsOfTheOldScanAreNotBelieved()
    {
        byte[] before = OutgoingFixture.Random(2 * OutgoingFixture.ChunkSize, seed: 1);
        byte[] after = OutgoingFixture.Random(2 * OutgoingFixture.ChunkSize, seed: 2);
        _fixture.Files.MakeFile("d/0-large"u8, before);
        using (OutgoingTransfer transfer = Open(1, rescan: true))
        {
            OutgoingFixture.Scan(transfer);
            byte[] buffer = new byte[OutgoingFixture.ChunkSize];
            Assert.All(OutgoingFixture.Chunks(transfer).Where(chunk => !chunk.IsPacked), chunk => Assert.Null(transfer.ReadChunk(chunk, buffer).Problem));
        }

        File.WriteAllBytes(Path.Combine(_fixture.Files.Path, "d", "0-large"), after);
        using OutgoingTransfer anew = Open(2, rescan: true);
        OutgoingFixture.Scan(anew);
        FileRoot root = anew.GetFileRoot(new EntryIndex(1), TestContext.Current.CancellationToken);
        Assert.Equal((Wire.Hashing.Blake3.Hash(after), null), (root.Root, root.Problem));
    }

    [Fact]
    public void Open_KilledBeforeTheRoundCounted_BeginsItAgain()
    {
        File.WriteAllText(Path.Combine(_fixture.StateFolder, "round.new"), "half");
        using (OutgoingTransfer before = Open(0, rescan: false))
        {
            Assert.Equal(["d", "d/a"], OutgoingFixture.Paths(before));
        }

        using OutgoingTransfer transfer = Open(1, rescan: true);
        Assert.Equal(0, transfer.PageCount);
        Assert.DoesNotContain("round.new", Names());
    }

    [Fact]
    public void Open_KilledBeforeTheOldScanWasRemoved_RemovesItAndUsesTheNewOne()
    {
        byte[] old = File.ReadAllBytes(_fixture.LogFile);
        using (OutgoingTransfer transfer = Open(1, rescan: true))
        {
            Assert.True(transfer.ScanNext(TestContext.Current.CancellationToken));
        }

        File.WriteAllBytes(_fixture.LogFile, old);
        File.WriteAllBytes(Path.Combine(_fixture.StateFolder, "digests.bin"), new byte[64]);
        using OutgoingTransfer again = Open(1, rescan: true);
        OutgoingFixture.Scan(again);
        Assert.Equal(["d", "d/a", "d/b"], OutgoingFixture.Paths(again));
        Assert.Equal(["digests-1.bin", "epoch", "round", "scan-1.log"], Names());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(13)]
    public void Open_DamagedRound_IsRefused(int at)
    {
        Open(2, rescan: false).Dispose();
        string file = Path.Combine(_fixture.StateFolder, "round");
        byte[] bytes = File.ReadAllBytes(file);
        bytes[at] ^= 4;
        File.WriteAllBytes(file, bytes);
        Assert.Equal(Reason.DiskError, Assert.Throws<ClusterTransferException>(() => Open(2, rescan: false)).Reason);
        File.WriteAllBytes(file, bytes[..7]);
        Assert.Equal(Reason.DiskError, Assert.Throws<ClusterTransferException>(() => Open(2, rescan: false)).Reason);
    }

    private OutgoingTransfer Open(int round, bool rescan) => _fixture.Open("d", options: OutgoingFixture.Options with { Round = round, Rescan = rescan });

    private string[] Names() => [.. Directory.GetFiles(_fixture.StateFolder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
