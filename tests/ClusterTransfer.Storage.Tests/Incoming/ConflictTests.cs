using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;

namespace ClusterTransfer.Storage.Tests.Incoming;

public sealed class ConflictTests : IDisposable
{
    private readonly Destination _to = new();

    public void Dispose() => _to.Dispose();

    [Fact]
    public void SingleFile_NameTaken_WholeTransferIsRefused()
    {
        Directory.CreateDirectory(_to.In());
        File.WriteAllText(_to.In("file"), "mine");
        using IncomingTransfer transfer = _to.Open();
        Problem? problem = transfer.AcceptPage(ManualSource.Single(10).Encoded[0]).Problem;
        Assert.Equal(Reason.DestinationExists, problem?.Reason);
        Assert.Contains("beta:in/file", problem!.Detail, StringComparison.Ordinal);
        Assert.Equal(0, transfer.PagesAccepted);
    }

    [Theory]
    [InlineData(ConflictPolicy.Skip, false)]
    [InlineData(ConflictPolicy.Overwrite, true)]
    public void SingleFile_NameTaken_PolicyDecides(ConflictPolicy policy, bool isReplaced)
    {
        Directory.CreateDirectory(_to.In());
        File.WriteAllText(_to.In("file"), "mine");
        using IncomingTransfer transfer = _to.Open(_to.Options with { Conflict = policy });
        ManualSource source = ManualSource.Single(10);
        source.Deliver(transfer);
        Assert.Empty(transfer.Issues);
        Assert.Equal(isReplaced ? 0 : 1, transfer.Progress.FilesSkipped);
        Assert.Equal(isReplaced ? 1 : 0, source.Sent.Count);
        Assert.Equal(isReplaced, File.ReadAllText(_to.In("file")) != "mine");
    }

    [Theory]
    [InlineData(ConflictPolicy.Fail)]
    [InlineData(ConflictPolicy.Skip)]
    [InlineData(ConflictPolicy.Overwrite)]
    public void Tree_SomeNamesTaken_TheRestGoesOn(ConflictPolicy policy)
    {
        Directory.CreateDirectory(_to.In("tree", "d"));
        File.SetUnixFileMode(_to.In("tree", "d"), (UnixFileMode)0x1f8);
        File.WriteAllText(_to.In("tree", "a.txt"), "mine");
        File.WriteAllText(_to.In("tree", "d", "large"), "mine");
        File.WriteAllText(_to.In("tree", "c-link"), "mine");
        Directory.CreateDirectory(_to.In("tree", "f")); // a folder where a file must be
        File.WriteAllText(_to.In("tree", "e-empty"), "a file where a folder must be");
        ManualSource source = ManualSource.Tree(pageSize: 5);
        using IncomingTransfer transfer = _to.Open(_to.Options with { Conflict = policy });
        source.Deliver(transfer);
        bool isReplaced = policy == ConflictPolicy.Overwrite;
        string[] always = ["tree/e-empty", "tree/f"];
        string[] byPolicy = ["tree/a.txt", "tree/c-link", "tree/d/large"];
        Assert.Equal(
            policy == ConflictPolicy.Fail ? always.Concat(byPolicy).Order() : always,
            transfer.Issues.Select(issue => issue.Path).Order());
        Assert.All(transfer.Issues, issue => Assert.Equal((Reason.DestinationExists, FileState.Skipped), (issue.Problem.Reason, issue.State)));
        Assert.Equal(isReplaced ? 8 : 6, transfer.Progress.FilesPublished);
        Assert.Equal(isReplaced, File.ReadAllText(_to.In("tree", "a.txt")) != "mine");
        Assert.Equal(isReplaced, new FileInfo(_to.In("tree", "d", "large")).Length > 4);
        Assert.Equal(isReplaced, new FileInfo(_to.In("tree", "c-link")).LinkTarget is not null);
        Assert.True(File.Exists(_to.In("tree", "g")));
        Assert.Equal((UnixFileMode)0x1f8, File.GetUnixFileMode(_to.In("tree", "d"))); // a folder of others keeps its mode
    }

    [Fact]
    public void Tree_FolderIsALinkElsewhere_NothingIsWrittenThroughIt()
    {
        string outside = Directory.CreateDirectory(Path.Combine(_to.Root, "outside")).FullName;
        Directory.CreateDirectory(_to.In("tree"));
        Directory.CreateSymbolicLink(_to.In("tree", "d"), outside);
        ManualSource source = ManualSource.Tree();
        using IncomingTransfer transfer = _to.Open();
        source.Deliver(transfer);
        Assert.Empty(Directory.GetFileSystemEntries(outside));
        Assert.Equal(5, transfer.Issues.Count); // the folder, two files, a folder and its file
        Assert.Equal(6, transfer.Progress.FilesPublished);
    }

    [Fact]
    public void Tree_FolderSwappedForALinkMidWay_NothingIsWrittenThroughIt()
    {
        string outside = Directory.CreateDirectory(Path.Combine(_to.Root, "outside")).FullName;
        ManualSource source = ManualSource.Tree();
        using IncomingTransfer transfer = _to.Open();
        source.SendManifest(transfer);
        Directory.CreateDirectory(_to.In("tree"));
        Directory.CreateSymbolicLink(_to.In("tree", "d"), outside);
        source.Deliver(transfer);
        Assert.Empty(Directory.GetFileSystemEntries(outside));
        Assert.Contains(transfer.Issues, issue => issue.Path == "tree/d/large" && issue.Problem.Reason == Reason.DestinationExists);
    }

    [Fact]
    [Trait("row", "D15")]
    public void Tree_NameAppearsWhileSending_IsNotReplaced()
    {
        ManualSource source = ManualSource.Tree();
        using IncomingTransfer transfer = _to.Open();
        source.SendManifest(transfer);
        Directory.CreateDirectory(_to.In("tree"));
        File.WriteAllText(_to.In("tree", "a.txt"), "mine");
        source.Deliver(transfer);
        Assert.Equal("mine", File.ReadAllText(_to.In("tree", "a.txt")));
        Assert.Equal("tree/a.txt", Assert.Single(transfer.Issues).Path);
        Assert.Equal(8, transfer.Progress.FilesPublished);
        Assert.Empty(_to.Staged());
    }

    // It appears at the last moment, between all checks and the rename.
    [Theory]
    [Trait("row", "D15")]
    [InlineData(ConflictPolicy.Fail)]
    [InlineData(ConflictPolicy.Skip)]
    [InlineData(ConflictPolicy.Overwrite)]
    public void SingleFile_NameAppearsRightBeforeTheRename_PolicyDecides(ConflictPolicy policy)
    {
        ManualSource source = ManualSource.Single((2 * ManualSource.Base) + 7);
        using IncomingTransfer transfer = _to.Open(_to.Options with
        {
            Conflict = policy,
            FaultPoint = point =>
            {
                if (point == "d14.before")
                {
                    Directory.CreateDirectory(_to.In());
                    File.WriteAllText(_to.In("file"), "theirs");
                }
            },
        });
        source.Deliver(transfer);
        if (policy == ConflictPolicy.Overwrite)
        {
            _to.AssertEquals(source);
        }
        else
        {
            Assert.Equal("theirs", File.ReadAllText(_to.In("file")));
        }

        Assert.Equal(policy == ConflictPolicy.Fail ? [Reason.DestinationExists] : [], transfer.Issues.Select(issue => issue.Problem.Reason));
        Assert.Empty(_to.Staged());
    }

    // Whoever opens the name while it is replaced again and again finds one whole version, and always finds one.
    [Fact]
    [Trait("row", "D15")]
    public async Task Overwrite_WhileSomebodyReads_ShowsOnlyWholeVersions()
    {
        const int versions = 30;
        Directory.CreateDirectory(_to.In());
        await File.WriteAllBytesAsync(_to.In("file"), new byte[5_000], TestContext.Current.CancellationToken);
        using var done = new CancellationTokenSource();
        Task<int> reader = Task.Run(
            () =>
            {
                int reads = 0;
                for (; !done.IsCancellationRequested || reads == 0; reads++)
                {
                    byte[] found = File.ReadAllBytes(_to.In("file"));
                    Assert.Equal(5_000 + found[0], found.Length);
                    Assert.True(found.AsSpan().IndexOfAnyExcept(found[0]) < 0);
                }

                return reads;
            },
            TestContext.Current.CancellationToken);
        for (int version = 1; version <= versions; version++)
        {
            byte[] bytes = new byte[5_000 + version];
            Array.Fill(bytes, (byte)version);
            using IncomingTransfer transfer = IncomingTransfer.Open(
                _to.Location, ManualSource.PathOf("in"), TransferId.New(), new Epoch(1, 1), _to.Options with { Conflict = ConflictPolicy.Overwrite }, TimeProvider.System);
            new ManualSource().File("file", bytes).Deliver(transfer);
        }

        await done.CancelAsync();
        Assert.True(await reader.WaitAsync(TestContext.Current.CancellationToken) > 0);
        Assert.Equal(5_000 + versions, new FileInfo(_to.In("file")).Length);
    }

    // Chunk by chunk in turns, both complete before either is published.
    [Theory]
    [Trait("row", "D16")]
    [InlineData(ConflictPolicy.Fail)]
    [InlineData(ConflictPolicy.Overwrite)]
    public void TwoTransfers_SameNameInTurns_AreNeverInterleaved(ConflictPolicy policy)
    {
        ManualSource one = ManualSource.Single(3 * ManualSource.Base, seed: 1);
        ManualSource two = ManualSource.Single(3 * ManualSource.Base, seed: 2);
        using IncomingTransfer first = _to.Open(_to.Options with { Conflict = policy });
        using IncomingTransfer second = IncomingTransfer.Open(
            _to.Location, ManualSource.PathOf("in"), TransferId.New(), new Epoch(1, 1), _to.Options with { Conflict = policy }, TimeProvider.System);
        one.SendManifest(first);
        two.SendManifest(second);
        foreach ((Wire.Manifests.PlannedChunk a, Wire.Manifests.PlannedChunk b) in one.ChunksOf("file").Zip(two.ChunksOf("file")))
        {
            one.Write(first, a);
            two.Write(second, b);
        }

        first.Checkpoint();
        second.Checkpoint();
        one.Deliver(first);
        _to.AssertEquals(one);
        two.Deliver(second);
        _to.AssertEquals(policy == ConflictPolicy.Overwrite ? two : one);
        Assert.Equal(policy == ConflictPolicy.Overwrite ? [] : [Reason.DestinationExists], second.Issues.Select(issue => issue.Problem.Reason));
    }

    [Fact]
    [Trait("row", "D16")]
    public void TwoTransfers_SameName_TheSecondIsSkippedAndNothingIsMixed()
    {
        ManualSource one = ManualSource.Single(3 * ManualSource.Base, seed: 1);
        ManualSource two = ManualSource.Single(3 * ManualSource.Base, seed: 2);
        using IncomingTransfer first = _to.Open();
        using IncomingTransfer second = IncomingTransfer.Open(
            _to.Location, ManualSource.PathOf("in"), TransferId.New(), new Epoch(1, 1), _to.Options, TimeProvider.System);
        one.SendManifest(first);
        two.SendManifest(second);
        one.Deliver(first);
        two.Deliver(second);
        Assert.Single(second.Issues);
        _to.AssertEquals(one);
    }
}
