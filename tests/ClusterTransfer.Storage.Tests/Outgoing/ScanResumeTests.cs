using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Outgoing;
using ClusterTransfer.Storage.Outgoing.Scanning;
using ClusterTransfer.Storage.Tests.Native;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Outgoing;

public sealed class ScanResumeTests : IDisposable
{
    private readonly OutgoingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Scanner_ContinuedAfterAnyItem_GivesExactlyTheRest()
    {
        MakeTree();
        SourceTree tree = SourceTree.Create(_fixture.Location, NativeFolder.PathOf("d"), "result");
        List<ScanItem> all = All(new TreeScanner(tree));
        Assert.True(all.Count > 12);
        Assert.Contains(all, item => item.Issue is not null);
        for (int i = 0; i < all.Count; i++)
        {
            var scanner = new TreeScanner(tree);
            scanner.ContinueAfter(all[i].Position);
            Assert.Equal(Describe(all.Skip(i + 1)), Describe(All(scanner)));
        }
    }

    [Fact]
    public void Scanner_ContinuedInAFolderThatVanished_GoesOnAboveIt()
    {
        MakeTree();
        SourceTree tree = SourceTree.Create(_fixture.Location, NativeFolder.PathOf("d"), "result");
        Directory.Move(_fixture.Files["d", "b"], _fixture.Files["moved"]);
        var scanner = new TreeScanner(tree);
        scanner.ContinueAfter(new ScanPosition("result/b/c/2"u8.ToArray(), false));
        Assert.Equal("result/b.txt", All(scanner)[0].Path!.ToString());
    }

    [Fact]
    public void Scanner_FolderReplacedByALinkWhileInIt_IsReportedAndNotFollowed()
    {
        MakeTree();
        SourceTree tree = SourceTree.Create(_fixture.Location, NativeFolder.PathOf("d"), null);
        using var scanner = new TreeScanner(tree);
        ScanItem item;
        do
        {
            Assert.True(scanner.TryNext(out item));
        }
        while (item.Path!.ToString() != "d/b");

        Directory.Move(_fixture.Files["d", "b"], _fixture.Files["moved"]);
        _fixture.Files.MakeLink("d/b"u8, "/etc"u8);
        Assert.True(scanner.TryNext(out item));
        Assert.Equal(("d/b", Reason.SourceChanged), (item.Issue?.Path, item.Issue?.Problem.Reason));
        Assert.True(scanner.TryNext(out item));
        Assert.Equal("d/b.txt", item.Path!.ToString());
    }

    [Fact]
    [Trait("category", "slow")]
    public void ScanNext_ProcessEndsAfterEachPage_ResultIsThatOfOneScan()
    {
        MakeManyLongNames();
        string[] expected;
        ManifestSeal? seal;
        using (OutgoingTransfer whole = _fixture.OpenScanned("many"))
        {
            Assert.True(whole.PageCount >= 3);
            expected = OutgoingFixture.Paths(whole);
            seal = whole.Seal;
            whole.Forget();
        }

        bool more = true;
        while (more)
        {
            using OutgoingTransfer transfer = _fixture.Open("many");
            more = transfer.ScanNext(TestContext.Current.CancellationToken);
            Assert.Equal(OutgoingFixture.Chunks(transfer).Count, transfer.Totals.Chunks);
        }

        using OutgoingTransfer resumed = _fixture.Open("many");
        Assert.Equal(expected, OutgoingFixture.Paths(resumed));
        Assert.Equal(seal, resumed.Seal);
        Assert.Equal(new ManifestTotals(seal!.Entries, seal.Files, seal.Bytes, seal.Chunks), resumed.Totals);
    }

    [Fact]
    public void ScanNext_TreeChangedBetweenPages_PersistedPagesStayAndNoNameComesTwice()
    {
        MakeManyLongNames();
        byte[] first;
        using (OutgoingTransfer transfer = _fixture.Open("many"))
        {
            Assert.True(transfer.ScanNext(TestContext.Current.CancellationToken));
            first = transfer.ReadEncodedPage(0);
        }

        _fixture.Files.MakeFile("many/0-sorts-first"u8, "x"u8);
        _fixture.Files.MakeFile("many/zzz-sorts-last"u8, "x"u8);
        using OutgoingTransfer resumed = _fixture.OpenScanned("many");
        Assert.Equal(first, resumed.ReadEncodedPage(0));
        string[] paths = OutgoingFixture.Paths(resumed);
        Assert.Equal(paths.Length, paths.Distinct().Count());
        Assert.DoesNotContain("many/0-sorts-first", paths);
        Assert.Contains("many/zzz-sorts-last", paths);
    }

    [Fact]
    [Trait("category", "slow")]
    public void Open_UnfinishedTail_IsCutAtEveryLengthAndScannedAgain()
    {
        MakeManyLongNames();
        byte[] log;
        string[] expected;
        using (OutgoingTransfer transfer = _fixture.OpenScanned("many"))
        {
            expected = OutgoingFixture.Paths(transfer);
            log = File.ReadAllBytes(_fixture.LogFile);
        }

        var random = new Random(42);
        for (int round = 0; round < 12; round++)
        {
            File.WriteAllBytes(_fixture.LogFile, log[..random.Next(log.Length)]);
            using OutgoingTransfer transfer = _fixture.OpenScanned("many");
            Assert.Equal(expected, OutgoingFixture.Paths(transfer));
            Assert.Equal(log, File.ReadAllBytes(_fixture.LogFile));
        }
    }

    [Fact]
    public void Open_TailOfZerosAfterAPowerCut_IsCut()
    {
        MakeTree();
        _fixture.OpenScanned("d").Dispose();
        byte[] log = File.ReadAllBytes(_fixture.LogFile);
        File.WriteAllBytes(_fixture.LogFile, [.. log[..^60], .. new byte[4096]]);
        using OutgoingTransfer transfer = _fixture.OpenScanned("d");
        Assert.NotNull(transfer.Seal);
        Assert.Equal(log, File.ReadAllBytes(_fixture.LogFile));
    }

    [Fact]
    [Trait("category", "slow")]
    [Trait("row", "D12")]
    public void Open_BitFlippedBeforeAGoodRecord_IsRefused()
    {
        MakeManyLongNames();
        _fixture.OpenScanned("many").Dispose();
        byte[] log = File.ReadAllBytes(_fixture.LogFile);
        var random = new Random(7);
        for (int round = 0; round < 20; round++)
        {
            byte[] damaged = [.. log];
            damaged[random.Next(log.Length / 2)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(_fixture.LogFile, damaged);
            Assert.Equal(Reason.DiskError, Assert.Throws<ClusterTransferException>(() => _fixture.Open("many")).Reason);
        }
    }

    [Fact]
    public void ReadEncodedPage_DamagedAfterOpening_IsRefused()
    {
        MakeTree();
        using OutgoingTransfer transfer = _fixture.OpenScanned("d");
        byte[] log = File.ReadAllBytes(_fixture.LogFile);
        int at = log.AsSpan().IndexOf(transfer.ReadEncodedPage(0));
        log[at + 40] ^= 1;
        using (FileStream file = File.OpenWrite(_fixture.LogFile))
        {
            file.Write(log);
        }

        Assert.Equal(Reason.DiskError, Assert.Throws<ClusterTransferException>(() => transfer.ReadEncodedPage(0)).Reason);
    }

    [Fact]
    public void RaiseEpoch_IsKeptOverRestartAndLowerIsSuperseded()
    {
        MakeTree();
        using (OutgoingTransfer transfer = _fixture.Open("d"))
        {
            Assert.Equal(Epoch.None, transfer.HighestEpoch);
            transfer.RaiseEpoch(new Epoch(2, 1));
            transfer.RaiseEpoch(new Epoch(2, 1));
            transfer.RaiseEpoch(new Epoch(2, 3));
        }

        using OutgoingTransfer again = _fixture.Open("d");
        Assert.Equal(new Epoch(2, 3), again.HighestEpoch);
        Assert.Equal(Reason.Superseded, Assert.Throws<ClusterTransferException>(() => again.RaiseEpoch(new Epoch(2, 2))).Reason);
        Assert.Equal(Reason.Superseded, Assert.Throws<ClusterTransferException>(() => again.RaiseEpoch(new Epoch(1, 9))).Reason);
    }

    [Fact]
    public void Open_DamagedEpoch_IsRefused()
    {
        MakeTree();
        using (OutgoingTransfer transfer = _fixture.Open("d"))
        {
            transfer.RaiseEpoch(new Epoch(2, 1));
        }

        string file = Path.Combine(_fixture.StateFolder, "epoch");
        byte[] bytes = File.ReadAllBytes(file);
        bytes[5] ^= 4;
        File.WriteAllBytes(file, bytes);
        Assert.Equal(Reason.DiskError, Assert.Throws<ClusterTransferException>(() => _fixture.Open("d")).Reason);
    }

    [Fact]
    public void Forget_DeletesTheStateFolderAndMayBeRepeated()
    {
        MakeTree();
        OutgoingTransfer transfer = _fixture.OpenScanned("d");
        transfer.Forget();
        transfer.Forget();
        Assert.False(Directory.Exists(_fixture.StateFolder));
        Assert.True(File.Exists(_fixture.Files["d", "a"]));
    }

    [Fact]
    public void ScanNext_Cancelled_GoesOnWithoutLosingAnItem()
    {
        MakeTree();
        using OutgoingTransfer transfer = _fixture.Open("d");
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => transfer.ScanNext(cancelled.Token));
        OutgoingFixture.Scan(transfer);
        using OutgoingTransfer other = OutgoingTransfer.Open(
            _fixture.Location, NativeFolder.PathOf("d"), null, _fixture.StateFolder + "-other", OutgoingFixture.Options);
        OutgoingFixture.Scan(other);
        Assert.Equal(OutgoingFixture.Paths(other), OutgoingFixture.Paths(transfer));
    }

    [Fact]
    public void Scan_ThousandsOfPipes_IssuesAreAllCountedOverRestarts()
    {
        const int pipes = 1_203;
        _fixture.Files.MakeFolder("d"u8);
        Tools.Run("mkfifo", [.. Enumerable.Range(0, pipes).Select(i => _fixture.Files["d", $"pipe-{i:d4}"])]);
        _fixture.Files.MakeFile("d/x"u8, "x"u8);
        bool more = true;
        while (more)
        {
            using OutgoingTransfer transfer = _fixture.Open("d", options: OutgoingFixture.Options with { ListedIssues = 100 });
            more = transfer.ScanNext(TestContext.Current.CancellationToken);
        }

        using OutgoingTransfer scanned = _fixture.Open("d", options: OutgoingFixture.Options with { ListedIssues = 100 });
        Assert.Equal(pipes, scanned.ScanIssueCount);
        Assert.Equal(100, scanned.ScanIssues.Count);
        Assert.Equal(["d", "d/x"], OutgoingFixture.Paths(scanned));
    }

    private static List<ScanItem> All(TreeScanner scanner)
    {
        using (scanner)
        {
            List<ScanItem> items = [];
            while (scanner.TryNext(out ScanItem item))
            {
                items.Add(item);
            }

            return items;
        }
    }

    private static string[] Describe(IEnumerable<ScanItem> items) => [.. items.Select(item => item.Entry?.Path.ToString() ?? "! " + item.Issue!.Path)];

    private void MakeTree()
    {
        foreach (string file in new[] { "a", "b/1", "b/c/1", "b/c/2", "b/d", "b.txt", "b0/x", "e/f/g/h/i", "z" })
        {
            _fixture.Files.MakeFile(Encoding.ASCII.GetBytes("d/" + file), Encoding.ASCII.GetBytes(file));
        }

        _fixture.Files.MakeFolder("d/empty"u8);
        _fixture.Files.MakeLink("d/b/link"u8, "../a"u8);
        _fixture.Files.MakeFile([.. "d/b/"u8, 0xff, 0x0a], "x"u8);
        Tools.MakePipe(_fixture.Files["d", "b", "c", "pipe"]);
        Tools.MakePipe(_fixture.Files["d", "zz"]);
    }

    // Few entries, but long: pages end by their length, with folders and files at the seams.
    private void MakeManyLongNames()
    {
        string tail = new('n', 240);
        for (int i = 0; i < 800; i++)
        {
            string folder = $"many/{i / 7:d4}-{tail}";
            _fixture.Files.MakeLink(Encoding.ASCII.GetBytes($"{folder}/{i:d5}-{tail}"), Encoding.ASCII.GetBytes(new string('t', 4_000)));
        }
    }
}
