using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Storage.Tests.NodeJournal;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Incoming;

/// <summary>Pages from a source that lies. A refused page changes nothing on the disk.</summary>
public sealed class PageTests : IDisposable
{
    private readonly Destination _to = new();

    public void Dispose() => _to.Dispose();

    [Theory]
    [InlineData("a", "b")] // a second result
    [InlineData("a/x")] // not the result first
    [InlineData("a", "a/x", "a/x")] // twice
    [InlineData("a", "a/y", "a/x")] // not in order
    [InlineData("a", "a/x!", "a/x!/y")] // a file used as a folder
    [InlineData("a", "a/x/y")] // a folder not announced
    [InlineData("a", "a/f", "a/f/x", "a/f/x")]
    [InlineData("a", "a/.txt", "a/.txt!", "a/.txt/x")]
    public void AcceptPage_NamesThatCollideOrLeaveTheResult_IsRefused(params string[] paths)
    {
        foreach (int pageSize in new[] { 4096, 1 })
        {
            using var to = new Destination();
            using IncomingTransfer transfer = to.Open();
            var source = new ManualSource { PageSize = pageSize };
            foreach (string path in paths)
            {
                bool isFile = path.EndsWith('!') || path == "b";
                source = isFile ? source.File(path.TrimEnd('!') is "a/x" ? "a/x" : path, [1]) : source.Folder(path.Replace("x!", "x", StringComparison.Ordinal));
            }

            Problem? problem = null;
            foreach (byte[] page in TryEncode(source))
            {
                problem ??= transfer.AcceptPage(page).Problem;
            }

            Assert.Equal(Reason.ProtocolViolation, problem?.Reason);
            Assert.False(Directory.Exists(to.In()));
        }
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("/etc/x")]
    [InlineData("a/../../x")]
    [InlineData("a//x")]
    [InlineData("./a")]
    [InlineData("a\0b")]
    public void AcceptPage_PathThatLeadsOut_IsRefused(string path)
    {
        // The encoder refuses to write such a path, so an honest page is bent byte by byte.
        byte[] wanted = Encoding.Latin1.GetBytes(path);
        byte[] page = ManualSource.Single(1, new string('q', wanted.Length)).Encoded[0];
        wanted.CopyTo(page.AsSpan(page.AsSpan().IndexOf(Encoding.Latin1.GetBytes(new string('q', wanted.Length)))));
        using IncomingTransfer transfer = _to.Open();
        PageResult result = transfer.AcceptPage(page);
        Assert.Equal(Reason.ProtocolViolation, result.Problem?.Reason);
        Assert.Equal(0, transfer.PagesAccepted);
        Assert.False(Directory.Exists(_to.In()));
    }

    [Fact]
    public void AcceptPage_WhoseRecordCannotBeFlushed_IsNotAccepted()
    {
        FaultyMedium? journal = null;
        using IncomingTransfer transfer = _to.Open(_to.Options with { WrapJournal = medium => journal = new FaultyMedium(medium) });
        journal!.FlushError = Errno.InputOutput;

        Assert.Throws<JournalFlushException>(() => transfer.AcceptPage(ManualSource.Single(1).Encoded[0]));

        Assert.Equal(0, transfer.PagesAccepted);
    }

    [Fact]
    public void AcceptPage_OfRandomAndCutBytes_IsRefused()
    {
        var random = new Random(7);
        byte[] good = ManualSource.Tree().Encoded[0];
        using IncomingTransfer transfer = _to.Open();
        for (int i = 0; i < 500; i++)
        {
            byte[] bad = [.. good];
            bad[random.Next(46)] ^= (byte)(1 << random.Next(8)); // header: numbers, chain, count
            PageResult result = transfer.AcceptPage(i % 2 == 0 ? bad : good.AsSpan(0, random.Next(good.Length)));
            Assert.NotNull(result.Problem);
        }

        Assert.Equal(0, transfer.PagesAccepted);
    }

    [Fact]
    public void AcceptPage_ResultNamedLikeOurStaging_IsRefused()
    {
        using var to = new Destination();
        using IncomingTransfer transfer = IncomingTransfer.Open(
            to.Location, SafeRelativePath.Empty, TransferId.New(), new Epoch(1, 1), to.Options, TimeProvider.System);
        Assert.Equal(Reason.NameRefused, transfer.AcceptPage(new ManualSource().Folder(".clustertransfer").Encoded[0]).Problem?.Reason);
    }

    [Fact]
    public void AcceptPage_WrongNumberFirstChunkOrChain_IsRefused()
    {
        ManualSource source = ManualSource.Tree(pageSize: 5);
        using IncomingTransfer transfer = _to.Open();
        Assert.NotNull(transfer.AcceptPage(source.Encoded[1]).Problem);
        Assert.Null(transfer.AcceptPage(source.Encoded[0]).Problem);
        ManifestPage next = source.Pages[1];
        ManifestPage[] lies =
        [
            next with { Number = 2 }, next with { FirstEntry = next.FirstEntry + 1 }, next with { FirstChunk = next.FirstChunk + 1 },
            next with { PreviousHash = default }, next with { BaseChunkSize = 2 * next.BaseChunkSize },
        ];
        Assert.All(lies, lie => Assert.Equal(Reason.ProtocolViolation, transfer.AcceptPage(ManifestCodec.Encode(lie)).Problem?.Reason));
        Assert.Equal(1, transfer.PagesAccepted);
        Assert.Null(transfer.AcceptPage(source.Encoded[1]).Problem);
    }

    [Fact]
    public void AcceptPage_SameAgain_AnswersTheSame_OtherIsRefused()
    {
        ManualSource source = ManualSource.Tree(pageSize: 5);
        using IncomingTransfer transfer = _to.Open();
        PageResult first = transfer.AcceptPage(source.Encoded[0]);
        Assert.Equal(first, transfer.AcceptPage(source.Encoded[0]));
        Assert.Equal(1, transfer.PagesAccepted);
        Assert.NotNull(transfer.AcceptPage(ManualSource.Single(5).Encoded[0]).Problem);
    }

    [Fact]
    public void AcceptSeal_ThatCountsOtherwise_IsRefused()
    {
        ManualSource source = ManualSource.Tree(pageSize: 5);
        using IncomingTransfer transfer = _to.Open();
        Assert.Null(transfer.AcceptPage(source.Encoded[0]).Problem);
        Assert.Equal(Reason.ProtocolViolation, Assert.Throws<ClusterTransferException>(() => transfer.AcceptSeal(source.Seal)).Reason);
        Assert.Null(transfer.AcceptPage(source.Encoded[1]).Problem);
        Assert.Null(transfer.AcceptPage(source.Encoded[2]).Problem);
        Assert.Throws<ClusterTransferException>(() => transfer.AcceptSeal(source.Seal with { Files = 1 }));
        Assert.Throws<ClusterTransferException>(() => transfer.AcceptSeal(source.Seal with { Root = default }));
        transfer.AcceptSeal(source.Seal);
        transfer.AcceptSeal(source.Seal);
        Assert.True(transfer.IsSealed);
    }

    [Fact]
    public void AcceptPage_TargetPathTooLong_ResultIsRefusedAndTreeEntryIsParked()
    {
        string folder = string.Join('/', Enumerable.Repeat(new string('d', 200), 20));
        using var to = new Destination();
        var source = new ManualSource().Folder("t").File("t/ok", [1]).File("t/" + new string('z', 200), [2]);
        using (IncomingTransfer transfer = IncomingTransfer.Open(
            to.Location, ManualSource.PathOf(folder), TransferId.New(), new Epoch(1, 1), to.Options, TimeProvider.System))
        {
            source.Deliver(transfer);
            Assert.Equal(Reason.NameRefused, Assert.Single(transfer.Issues).Problem.Reason);
            Assert.Equal(1, transfer.Progress.FilesPublished);
        }

        using IncomingTransfer refused = IncomingTransfer.Open(
            to.Location, ManualSource.PathOf(folder), TransferId.New(), new Epoch(1, 1), to.Options, TimeProvider.System);
        Assert.Equal(Reason.NameRefused, refused.AcceptPage(ManualSource.Single(1, new string('n', 200)).Encoded[0]).Problem?.Reason);
    }

    [Fact]
    public void AcceptPage_MoreThanFits_IsRefusedWithNumbersAndPath()
    {
        IncomingOptions options = _to.Options with { FreeBytes = () => 3 * ManualSource.Base, FreeSpaceMarginBytes = 4096 };
        using IncomingTransfer first = _to.Open(options);
        Assert.Null(first.AcceptPage(ManualSource.Single(2 * ManualSource.Base).Encoded[0]).Problem);

        // Another transfer of the same location meets what is promised to the first one.
        using IncomingTransfer second = IncomingTransfer.Open(
            _to.Location, ManualSource.PathOf("in"), TransferId.New(), new Epoch(1, 1), options, TimeProvider.System);
        Problem? problem = second.AcceptPage(ManualSource.Single(ManualSource.Base, "other").Encoded[0]).Problem;
        Assert.Equal(Reason.NoSpace, problem?.Reason);
        Assert.Contains(_to.Root, problem!.Detail, StringComparison.Ordinal);
        Assert.Contains((3 * ManualSource.Base).ToString(), problem.Detail, StringComparison.Ordinal);
        first.Cancel();
        Assert.Null(second.AcceptPage(ManualSource.Single(ManualSource.Base, "other").Encoded[0]).Problem);
    }

    [Fact]
    public void AcceptPage_SizesThatOverflow_AreRefused()
    {
        ManifestEntry Huge(string name) => new(EntryKind.File, ManualSource.PathOf(name), 200L << 40, 0, 0, default, default);
        using IncomingTransfer transfer = _to.Open();
        var source = new ManualSource().Folder("t").Raw(Huge("t/a"));
        Assert.Equal(Reason.NoSpace, transfer.AcceptPage(source.Encoded[0]).Problem?.Reason);
    }

    [Fact]
    public void AcceptPage_UnwritableFolder_IsRefusedBeforeAnyByte()
    {
        Directory.CreateDirectory(_to.In());
        if (!Immutable(_to.In(), on: true))
        {
            Assert.Skip("chattr +i does not work here");
        }

        try
        {
            using IncomingTransfer transfer = _to.Open();
            PageResult result = transfer.AcceptPage(ManualSource.Single(1).Encoded[0]);
            Assert.Equal(Reason.DestinationNotWritable, result.Problem?.Reason);
            Assert.Contains("beta:in", result.Problem!.Detail, StringComparison.Ordinal);
        }
        finally
        {
            Immutable(_to.In(), on: false);
        }
    }

    [Fact]
    public void Publish_FolderBecameUnwritable_FileIsParked()
    {
        Directory.CreateDirectory(_to.In());
        ManualSource source = ManualSource.Single(10);
        using IncomingTransfer transfer = _to.Open();
        source.SendManifest(transfer);
        source.Write(transfer, source.ChunksOf("file")[0]);
        if (!Immutable(_to.In(), on: true))
        {
            Assert.Skip("chattr +i does not work here");
        }

        try
        {
            Checkpoint checkpoint = transfer.Checkpoint();
            Assert.Equal(Reason.DestinationNotWritable, Assert.Single(checkpoint.Issues).Problem.Reason);
            Assert.True(transfer.IsComplete);
            Assert.Empty(_to.Staged());
        }
        finally
        {
            Immutable(_to.In(), on: false);
        }
    }

    [Fact]
    public void Open_DestinationFolderIsOurStaging_IsRefused()
    {
        Assert.Equal(Reason.NotPermitted, Assert.Throws<ClusterTransferException>(() => IncomingTransfer.Open(
            _to.Location, ManualSource.PathOf(".clustertransfer/x"), TransferId.New(), new Epoch(1, 1), _to.Options, TimeProvider.System)).Reason);
    }

    private static bool Immutable(string path, bool on)
    {
        try
        {
            using var chattr = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("chattr", [on ? "+i" : "-i", path]) { RedirectStandardError = true });
            chattr!.WaitForExit();
            return chattr.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    // Pages that the encoder itself refuses never reach a destination; the others do.
    private static List<byte[]> TryEncode(ManualSource source)
    {
        List<byte[]> pages;
        try
        {
            pages = source.Encoded;
        }
        catch (ArgumentException)
        {
            pages = [[1, 2, 3]];
        }

        return pages;
    }
}
