using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Outgoing;
using ClusterTransfer.Storage.Tests.Native;
using ClusterTransfer.TestKit;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Outgoing;

public sealed class ScanTests : IDisposable
{
    private readonly OutgoingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Scan_Tree_IsInFixedOrderWithRootFirst()
    {
        _fixture.Files.MakeFile("d/b/x"u8, "12"u8);
        _fixture.Files.MakeFile("d/a"u8, "1"u8);
        _fixture.Files.MakeFile("d/b.txt"u8, ""u8);
        _fixture.Files.MakeFolder("d/empty"u8);
        _fixture.Files.MakeFile("d/Z"u8, "1234"u8);
        using OutgoingTransfer transfer = _fixture.OpenScanned("d");
        Assert.Equal(["d", "d/Z", "d/a", "d/b", "d/b/x", "d/b.txt", "d/empty"], OutgoingFixture.Paths(transfer));
        ManifestSeal seal = Assert.IsType<ManifestSeal>(transfer.Seal);
        Assert.Equal((1, 7L, 4L, 1u, 7L), (seal.Pages, seal.Entries, seal.Files, seal.Chunks, seal.Bytes));
        Assert.Equal(ManifestCodec.HashOf(transfer.ReadEncodedPage(0)), seal.Root);
        Assert.Empty(transfer.ScanIssues);
    }

    [Fact]
    public void Scan_WholeLocation_IsNamedAfterItAndHidesOurFolder()
    {
        _fixture.Files.MakeFile(".clustertransfer/secret"u8, "x"u8);
        _fixture.Files.MakeFile(".clustertransfer.probe"u8, "x"u8);
        _fixture.Files.MakeFile("sub/.clustertransfer/kept"u8, "x"u8);
        using OutgoingTransfer transfer = _fixture.OpenScanned();
        Assert.Equal(["data", "data/sub", "data/sub/.clustertransfer", "data/sub/.clustertransfer/kept"], OutgoingFixture.Paths(transfer));
    }

    [Fact]
    public void Scan_SingleFileWithResultName_IsOneEntryOfThatName()
    {
        _fixture.Files.MakeFile("a/b/file.bin"u8, "12345"u8);
        using OutgoingTransfer transfer = _fixture.OpenScanned("a/b/file.bin", "new name");
        ManifestEntry entry = Assert.Single(OutgoingFixture.Entries(transfer));
        Assert.Equal(("new name", EntryKind.File, 5L), (entry.Path.ToString(), entry.Kind, entry.Size));
        PlannedChunk chunk = Assert.Single(OutgoingFixture.Chunks(transfer));
        byte[] buffer = new byte[5];
        Assert.Equal(5, transfer.ReadChunk(chunk, buffer).Length);
        Assert.Equal("12345"u8, buffer);
    }

    [Fact]
    [Trait("row", "D17")]
    public void Scan_NamesThatAreNotText_AreExact()
    {
        byte[][] names =
        [
            [0xff, 0xfe, 0x01], "new\nline"u8.ToArray(), "back\\slash"u8.ToArray(), Encoding.UTF8.GetBytes("\ud83d\ude80 rocket"),
            [.. Enumerable.Repeat((byte)'n', 255)], "..."u8.ToArray(), [0x80], "a b"u8.ToArray(),
        ];
        foreach (byte[] name in names)
        {
            _fixture.Files.MakeFile([.. "d/"u8, .. name], name);
        }

        using OutgoingTransfer transfer = _fixture.OpenScanned("d");
        byte[][] found = [.. OutgoingFixture.Entries(transfer).Skip(1).Select(entry => entry.Path.Name.ToArray())];
        Array.Sort(names, (a, b) => a.AsSpan().SequenceCompareTo(b));
        Assert.Equal(names, found);
        byte[] buffer = new byte[OutgoingFixture.ChunkSize];
        ChunkRead read = transfer.ReadChunk(Assert.Single(OutgoingFixture.Chunks(transfer)), buffer);
        Assert.Empty(read.Absent);
        Assert.Equal(names.SelectMany(name => name).ToArray(), buffer.AsSpan(0, read.Length).ToArray());
    }

    [Theory]
    [InlineData("inside")]
    [InlineData("../outside")]
    [InlineData("/etc/passwd")]
    [InlineData("dangling")]
    public void Scan_SymbolicLink_IsRecordedAndNotFollowed(string target)
    {
        _fixture.Files.MakeFile("d/inside/f"u8, "x"u8);
        _fixture.Files.MakeLink("d/link"u8, Encoding.UTF8.GetBytes(target));
        using OutgoingTransfer transfer = _fixture.OpenScanned("d");
        Assert.Equal(["d", "d/inside", "d/inside/f", "d/link"], OutgoingFixture.Paths(transfer));
        ManifestEntry link = OutgoingFixture.Entries(transfer)[^1];
        Assert.Equal(EntryKind.SymbolicLink, link.Kind);
        Assert.Equal(target, Encoding.UTF8.GetString(link.LinkTarget.Span));
    }

    [Fact]
    public void Scan_RootIsALink_IsCopiedAsALink()
    {
        _fixture.Files.MakeFile("real/f"u8, "x"u8);
        _fixture.Files.MakeLink("link"u8, "real"u8);
        using OutgoingTransfer transfer = _fixture.OpenScanned("link");
        Assert.Equal(EntryKind.SymbolicLink, Assert.Single(OutgoingFixture.Entries(transfer)).Kind);
    }

    [Fact]
    public void Scan_PathThroughALink_IsRefused()
    {
        _fixture.Files.MakeFile("real/f"u8, "x"u8);
        _fixture.Files.MakeLink("link"u8, "real"u8);
        using OutgoingTransfer transfer = _fixture.Open("link/f");
        ClusterTransferException error = Assert.Throws<ClusterTransferException>(() => transfer.ScanNext(TestContext.Current.CancellationToken));
        Assert.Equal(Reason.PathNotFound, error.Reason);
        Assert.Contains("symbolic link", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scan_MissingRoot_IsNotFoundAndMayAppearLater()
    {
        using OutgoingTransfer transfer = _fixture.Open("d");
        Assert.Equal(Reason.PathNotFound, Assert.Throws<ClusterTransferException>(() => transfer.ScanNext(TestContext.Current.CancellationToken)).Reason);
        _fixture.Files.MakeFile("d/f"u8, "x"u8);
        OutgoingFixture.Scan(transfer);
        Assert.Equal(["d", "d/f"], OutgoingFixture.Paths(transfer));
    }

    [Fact]
    public void Scan_PipeAsRoot_IsNotCopyable()
    {
        Tools.MakePipe(_fixture.Files["pipe"]);
        using OutgoingTransfer transfer = _fixture.Open("pipe");
        Assert.Equal(Reason.NotCopyable, Assert.Throws<ClusterTransferException>(() => transfer.ScanNext(TestContext.Current.CancellationToken)).Reason);
    }

    [Fact]
    [Trait("row", "F3")]
    public void Scan_PipeInTree_IsSkippedWithAnIssueThatSurvivesReload()
    {
        _fixture.Files.MakeFile("d/f"u8, "x"u8);
        Tools.MakePipe(_fixture.Files["d", "pipe"]);
        _fixture.OpenScanned("d").Dispose();
        using OutgoingTransfer transfer = _fixture.OpenScanned("d");
        Assert.Equal(["d", "d/f"], OutgoingFixture.Paths(transfer));
        FileIssue issue = Assert.Single(transfer.ScanIssues);
        Assert.Equal(("d/pipe", FileState.Skipped, Reason.NotCopyable), (issue.Path, issue.State, issue.Problem.Reason));
        Assert.Equal(1, transfer.ScanIssueCount);
    }

    [Fact]
    public void Scan_ClosedFolderAndFile_AreReportedAndTheRestIsFound()
    {
        if (Tools.RanAsOrdinaryUser(typeof(ScanTests), nameof(Scan_ClosedFolderAndFile_AreReportedAndTheRestIsFound)))
        {
            return;
        }

        _fixture.Files.MakeFile("d/closed/f"u8, "x"u8);
        _fixture.Files.MakeFile("d/open"u8, "x"u8);
        _fixture.Files.MakeFile("d/secret"u8, "x"u8);
        File.SetUnixFileMode(_fixture.Files["d", "secret"], 0);
        File.SetUnixFileMode(_fixture.Files["d", "closed"], 0);
        try
        {
            using OutgoingTransfer transfer = _fixture.OpenScanned("d");
            Assert.Equal(["d", "d/closed", "d/open"], OutgoingFixture.Paths(transfer));
            Assert.Equal(
                [("d/closed", FileState.Parked, Reason.SourceUnreadable), ("d/secret", FileState.Parked, Reason.SourceUnreadable)],
                transfer.ScanIssues.Select(issue => (issue.Path, issue.State, issue.Problem.Reason)));
        }
        finally
        {
            File.SetUnixFileMode(_fixture.Files["d", "closed"], (UnixFileMode)0x1c0);
        }
    }

    [Fact]
    public void Scan_ManyEntries_MakesChainedPagesThatAreTheSameAfterReload()
    {
        const int files = 20_000;
        using (FolderHandle folder = _fixture.Files.Handle.OpenOrCreateFolders(NativeFolder.PathOf("many"), 0x1ed))
        {
            folder.CreateFile("source"u8, 0x1a4).Dispose();
            for (int i = 1; i < files; i++)
            {
                folder.TryLink("source"u8, folder, Encoding.ASCII.GetBytes($"file-{i:d5}")).OrThrow("link", folder);
            }
        }

        byte[][] pages;
        ManifestSeal? seal;
        List<PlannedChunk> chunks;
        using (OutgoingTransfer transfer = _fixture.OpenScanned("many"))
        {
            pages = [.. Enumerable.Range(0, transfer.PageCount).Select(transfer.ReadEncodedPage)];
            seal = transfer.Seal;
            chunks = OutgoingFixture.Chunks(transfer);
            Assert.Equal(files + 1, seal!.Entries);
            Assert.InRange(pages.Length, 5, 20);
            Assert.All(pages, page => Assert.InRange(page.Length, 1, 1024 * 1024));
            for (int number = 1; number < pages.Length; number++)
            {
                Assert.Equal(ManifestCodec.HashOf(pages[number - 1]), transfer.GetPage(number).PreviousHash);
            }

            foreach (PlannedChunk chunk in chunks)
            {
                Assert.True(transfer.GetPlan(transfer.PageOfChunk(chunk.Index)).Contains(chunk.Index));
            }
        }

        using OutgoingTransfer reloaded = _fixture.Open("many");
        Assert.Equal(seal, reloaded.Seal);
        Assert.Equal(new ManifestTotals(seal!.Entries, seal.Files, seal.Bytes, seal.Chunks), reloaded.Totals);
        Assert.False(reloaded.ScanNext(TestContext.Current.CancellationToken));
        Assert.Equal(pages, Enumerable.Range(0, reloaded.PageCount).Select(reloaded.ReadEncodedPage));
        Assert.Equal(chunks, OutgoingFixture.Chunks(reloaded));
    }

    [Fact]
    public void Scan_StateFolderOfAnotherTransfer_IsRefused()
    {
        _fixture.Files.MakeFile("a"u8, "x"u8);
        _fixture.Files.MakeFile("b"u8, "x"u8);
        _fixture.OpenScanned("a").Dispose();
        Assert.Equal(Reason.WrongState, Assert.Throws<ClusterTransferException>(() => _fixture.Open("b")).Reason);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("/x")]
    public void Open_ResultNameNotOneName_IsRefused(string name)
    {
        _fixture.Files.MakeFile("a"u8, "x"u8);
        Assert.Equal(Reason.InvalidRequest, Assert.Throws<ClusterTransferException>(() => _fixture.Open("a", name)).Reason);
    }

    [Fact]
    public void Open_ReservedPath_IsRefused() =>
        Assert.Equal(Reason.NotPermitted, Assert.Throws<ClusterTransferException>(() => _fixture.Open(".clustertransfer/x")).Reason);

    [Fact]
    [Trait("row", "D17")]
    public void Scan_DeepTree_IsWalkedAndTooLongPathsAreReported()
    {
        // Names of 200 bytes: 20 levels fit in a path, the rest does not.
        byte[] name = [.. Enumerable.Repeat((byte)'d', 200)];
        FolderHandle current = _fixture.Files.Handle.OpenFolder(default);
        for (int level = 0; level < 24; level++)
        {
            current.TryCreateFolder(name, 0x1ed).OrThrow("create", current);
            FolderHandle next = current.OpenFolder(name);
            current.Dispose();
            current = next;
        }

        current.Dispose();
        using OutgoingTransfer transfer = _fixture.OpenScanned();
        Assert.Equal(21, transfer.Seal!.Entries);
        FileIssue issue = Assert.Single(transfer.ScanIssues);
        Assert.Equal(Reason.NameRefused, issue.Problem.Reason);
    }
}
