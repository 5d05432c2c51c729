using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.Outgoing;
using ClusterTransfer.Storage.Tests.Native;
using ClusterTransfer.TestKit;
using ClusterTransfer.Wire.Hashing;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Outgoing;

public sealed class ReadTests : IDisposable
{
    private const int Chunk = OutgoingFixture.ChunkSize;
    private static readonly EntryIndex File0 = new(0);
    private readonly OutgoingFixture _fixture = new();
    private readonly byte[] _buffer = new byte[Chunk];

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(Chunk)]
    [InlineData(Chunk + 1)]
    [InlineData((3 * Chunk) + 7)]
    [InlineData(4 * Chunk)]
    public void GetFileRoot_AfterReading_IsTheHashOfTheFile(int size)
    {
        byte[] content = Make("f", size);
        using OutgoingTransfer transfer = _fixture.OpenScanned("f");
        List<PlannedChunk> chunks = OutgoingFixture.Chunks(transfer);
        var read = new byte[size];
        foreach (PlannedChunk chunk in chunks.AsEnumerable().Reverse())
        {
            ChunkRead result = transfer.ReadChunk(chunk, _buffer);
            Assert.Null(result.Problem);
            Assert.Equal(
                chunks.Count == 1 ? Blake3.Hash(content) : Blake3.SubtreeValue(content.AsSpan((int)chunk.FileOffset, chunk.Length), chunk.FileOffset), result.Digest);
            _buffer.AsSpan(0, result.Length).CopyTo(read.AsSpan((int)chunk.FileOffset));
        }

        Assert.Equal(content, read);
        Assert.Equal(new FileRoot(Blake3.Hash(content), null), Root(transfer));
    }

    [Fact]
    public void GetFileRoot_NothingReadOrCacheLost_IsHashedFromTheFile()
    {
        byte[] content = Make("f", (3 * Chunk) + 7);
        using (OutgoingTransfer transfer = _fixture.OpenScanned("f"))
        {
            transfer.ReadChunk(OutgoingFixture.Chunks(transfer)[1], _buffer);
            Assert.Equal(new FileRoot(Blake3.Hash(content), null), Root(transfer));
        }

        File.Delete(Path.Combine(_fixture.StateFolder, "digests.bin"));
        using OutgoingTransfer again = _fixture.Open("f");
        Assert.Equal(new FileRoot(Blake3.Hash(content), null), Root(again));
    }

    [Fact]
    public void GetFileRoot_AllChunksRead_DoesNotReadTheFileAgain()
    {
        byte[] content = Make("f", 3 * Chunk);
        using OutgoingTransfer transfer = _fixture.OpenScanned("f");
        ReadAll(transfer);

        // A digest that was altered behind our back shows where the values came from.
        string digests = Path.Combine(_fixture.StateFolder, "digests.bin");
        byte[] bytes = File.ReadAllBytes(digests);
        Assert.Equal(3 * 32, bytes.Length);
        bytes[0] ^= 1;
        using (FileStream file = File.OpenWrite(digests))
        {
            file.Write(bytes);
        }

        FileRoot root = Root(transfer);
        Assert.Null(root.Problem);
        Assert.NotEqual(Blake3.Hash(content), root.Root);
    }

    [Fact]
    public void GetFileRoot_PackedFile_IsAnError()
    {
        Make("f", 10);
        using OutgoingTransfer transfer = _fixture.OpenScanned("f");
        Assert.Throws<ArgumentException>(() => Root(transfer));
    }

    [Fact]
    public void ReadChunk_Pack_HoldsMembersInOrderWithTheirDigest()
    {
        _fixture.Files.MakeFile("d/a"u8, "first"u8);
        _fixture.Files.MakeFile("d/b"u8, ""u8);
        _fixture.Files.MakeFile("d/c"u8, "third"u8);
        byte[] almost = Make("d/d", Chunk - 1);
        using OutgoingTransfer transfer = _fixture.OpenScanned("d");
        List<PlannedChunk> chunks = OutgoingFixture.Chunks(transfer);
        Assert.Equal([3, 1], chunks.Select(chunk => chunk.MemberCount));

        ChunkRead read = transfer.ReadChunk(chunks[0], _buffer);
        Assert.Empty(read.Absent);
        Assert.Equal("firstthird"u8, _buffer.AsSpan(0, read.Length));
        Assert.Equal(
            PackDigest.Compute(
            [
                new PackMemberDigest(new EntryIndex(1), 5, Blake3.Hash("first"u8)),
                new PackMemberDigest(new EntryIndex(2), 0, Blake3.Hash(""u8)),
                new PackMemberDigest(new EntryIndex(3), 5, Blake3.Hash("third"u8)),
            ]),
            read.Digest);

        read = transfer.ReadChunk(chunks[1], _buffer);
        Assert.Equal(Chunk - 1, read.Length);
        Assert.Equal(PackDigest.Compute([new PackMemberDigest(new EntryIndex(4), Chunk - 1, Blake3.Hash(almost))]), read.Digest);
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("grown")]
    [InlineData("truncated")]
    [InlineData("rewritten")]
    [InlineData("replaced")]
    [InlineData("link")]
    [InlineData("device")]
    [InlineData("socket")]
    [InlineData("pipe")]
    [InlineData("folder")]
    [InlineData("parent-link")]
    [Trait("row", "F1")]
    [Trait("row", "F2")]
    [Trait("row", "F3")]
    public void ReadChunk_PackMemberChanged_IsAbsentAndTheOthersAreThere(string change)
    {
        _fixture.Files.MakeFile("d/a"u8, "first"u8);
        _fixture.Files.MakeFile("d/b/victim"u8, "second"u8);
        _fixture.Files.MakeFile("d/c"u8, "third"u8);
        using OutgoingTransfer transfer = _fixture.OpenScanned("d");
        Change(change, "d/b/victim");
        ChunkRead read = transfer.ReadChunk(Assert.Single(OutgoingFixture.Chunks(transfer)), _buffer);
        EntryProblem absent = Assert.Single(read.Absent);
        Assert.Equal((3u, Reason.SourceChanged), (absent.Entry.Value, absent.Problem.Reason));
        Assert.Equal("firstthird"u8, _buffer.AsSpan(0, read.Length));
        Assert.Equal(
            PackDigest.Compute([new PackMemberDigest(new EntryIndex(1), 5, Blake3.Hash("first"u8)), new PackMemberDigest(new EntryIndex(4), 5, Blake3.Hash("third"u8))]),
            read.Digest);
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("grown")]
    [InlineData("truncated")]
    [InlineData("rewritten")]
    [InlineData("replaced")]
    [InlineData("link")]
    [InlineData("device")]
    [InlineData("socket")]
    [InlineData("pipe")]
    [InlineData("folder")]
    [InlineData("parent-link")]
    [Trait("row", "F1")]
    [Trait("row", "F2")]
    [Trait("row", "F3")]
    public void ReadChunk_LargeFileChangedBeforeTheFirstRead_IsSourceChanged(string change)
    {
        Make("d/b/victim", 2 * Chunk);
        using OutgoingTransfer transfer = _fixture.OpenScanned("d");
        Change(change, "d/b/victim");
        Assert.Equal(Reason.SourceChanged, transfer.ReadChunk(OutgoingFixture.Chunks(transfer)[0], _buffer).Problem?.Reason);
        Assert.Equal(Reason.SourceChanged, transfer.GetFileRoot(new EntryIndex(2), TestContext.Current.CancellationToken).Problem?.Reason);
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("grown")]
    [InlineData("truncated")]
    [InlineData("rewritten")]
    [InlineData("rewritten-time-set-back")]
    [InlineData("replaced")]
    [InlineData("pipe")]
    [InlineData("device")]
    [InlineData("folder")]
    [InlineData("link")]
    [InlineData("parent-link")]
    [Trait("row", "F1")]
    [Trait("row", "F2")]
    [Trait("row", "F3")]
    public void GetFileRoot_LargeFileChangedAfterReading_IsSourceChanged(string change)
    {
        Make("d/b/victim", 2 * Chunk);
        using OutgoingTransfer transfer = _fixture.OpenScanned("d");
        ReadAll(transfer);
        Change(change, "d/b/victim");
        FileRoot root = transfer.GetFileRoot(new EntryIndex(2), TestContext.Current.CancellationToken);
        Assert.Equal(Reason.SourceChanged, root.Problem?.Reason);
    }

    [Theory]
    [InlineData("mode")]
    [InlineData("hard-link")]
    [Trait("row", "F4")]
    public void GetFileRoot_OnlyChangeTimeDiffers_IsComparedAndGood(string change)
    {
        byte[] content = Make("f", (2 * Chunk) + 5);
        using OutgoingTransfer transfer = _fixture.OpenScanned("f");
        transfer.ReadChunk(OutgoingFixture.Chunks(transfer)[0], _buffer);
        Change(change, "f");
        Assert.Null(transfer.ReadChunk(OutgoingFixture.Chunks(transfer)[1], _buffer).Problem);
        Assert.Equal(new FileRoot(Blake3.Hash(content), null), Root(transfer));
    }

    [Fact]
    public void ReadChunk_PackMemberWithOnlyAnotherChangeTime_IsPresent()
    {
        Make("f", 100);
        using OutgoingTransfer transfer = _fixture.OpenScanned("f");
        Change("mode", "f");
        ChunkRead read = transfer.ReadChunk(Assert.Single(OutgoingFixture.Chunks(transfer)), _buffer);
        Assert.Empty(read.Absent);
        Assert.Equal(100, read.Length);
    }

    [Theory]
    [InlineData("grown")]
    [InlineData("truncated")]
    [InlineData("rewritten")]
    [Trait("row", "F1")]
    public void ReadChunk_LargeFileChangedBetweenTwoChunks_IsSourceChangedWhileHeld(string change)
    {
        Make("f", 3 * Chunk);
        using OutgoingTransfer transfer = _fixture.OpenScanned("f");
        List<PlannedChunk> chunks = OutgoingFixture.Chunks(transfer);
        Assert.Null(transfer.ReadChunk(chunks[0], _buffer).Problem);
        Change(change, "f");
        Assert.Equal(Reason.SourceChanged, transfer.ReadChunk(chunks[2], _buffer).Problem?.Reason);
    }

    [Fact]
    [Trait("row", "F4")]
    public void ReadChunk_ReadAgainAfterARewriteWithTimeSetBack_IsSourceChanged()
    {
        Make("f", 2 * Chunk);
        using OutgoingTransfer transfer = _fixture.OpenScanned("f");
        List<PlannedChunk> chunks = OutgoingFixture.Chunks(transfer);
        Assert.Null(transfer.ReadChunk(chunks[0], _buffer).Problem);
        Change("rewritten-time-set-back", "f");
        Assert.Equal(Reason.SourceChanged, transfer.ReadChunk(chunks[0], _buffer).Problem?.Reason);
    }

    [Fact]
    [Trait("row", "F2")]
    public void ReadChunk_ReplacedFileWhileHeld_OldChunksAreReadButTheFileIsNotVouchedFor()
    {
        Make("f", 2 * Chunk);
        using OutgoingTransfer transfer = _fixture.OpenScanned("f");
        List<PlannedChunk> chunks = OutgoingFixture.Chunks(transfer);
        Assert.Null(transfer.ReadChunk(chunks[0], _buffer).Problem);
        Change("replaced", "f");
        Assert.Null(transfer.ReadChunk(chunks[1], _buffer).Problem);
        Assert.Equal(Reason.SourceChanged, Root(transfer).Problem?.Reason);
    }

    [Fact]
    public void ReadChunk_BufferTooSmall_IsAnError()
    {
        Make("f", 100);
        using OutgoingTransfer transfer = _fixture.OpenScanned("f");
        Assert.Throws<ArgumentOutOfRangeException>(() => transfer.ReadChunk(OutgoingFixture.Chunks(transfer)[0], new byte[99]));
    }

    [Fact]
    [Trait("row", "F3")]
    public void ReadChunk_FileThatMayNotBeRead_IsAbsent()
    {
        // Files of the kernel that only take writes are closed to root as well.
        const string folder = "/proc/sys/vm";
        Assert.SkipUnless(File.Exists(folder + "/compact_memory"), "This kernel has no file that nobody may read.");
        using var state = new TestFolder();
        using var location = Storage.Locations.Location.Open(new(new LocationName("kernel"), folder, ReadOnly: true));
        using OutgoingTransfer transfer = OutgoingTransfer.Open(location, NativeFolder.PathOf("compact_memory"), null, state["t"], OutgoingFixture.Options);
        try
        {
            OutgoingFixture.Scan(transfer);
        }
        catch (ClusterTransferException refused)
        {
            // Not root: told already by the scan.
            Assert.Equal(Reason.SourceUnreadable, refused.Reason);
            return;
        }

        ChunkRead read = transfer.ReadChunk(Assert.Single(OutgoingFixture.Chunks(transfer)), _buffer);
        Assert.Equal(Reason.SourceUnreadable, Assert.Single(read.Absent).Problem.Reason);
    }

    [Fact]
    public async Task ReadChunk_ManyThreadsFewHandles_AllChunksAreRight()
    {
        const int files = 12;
        var contents = new Dictionary<string, byte[]>();
        for (int i = 0; i < files; i++)
        {
            contents[$"d/{i:d2}"] = Make($"d/{i:d2}", (2 * Chunk) + i, seed: i);
        }

        using OutgoingTransfer transfer = _fixture.Open("d", options: OutgoingFixture.Options with { MaxOpenFiles = 2, CachedPages = 1 });
        OutgoingFixture.Scan(transfer);
        PlannedChunk[] chunks = [.. OutgoingFixture.Chunks(transfer)];
        new Random(3).Shuffle(chunks);
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            byte[] buffer = new byte[Chunk];
            for (int i = Interlocked.Increment(ref next); i < chunks.Length; i = Interlocked.Increment(ref next))
            {
                ChunkRead read = transfer.ReadChunk(chunks[i], buffer);
                Assert.Null(read.Problem);
                byte[] content = contents[transfer.GetPage(0).Entries[(int)chunks[i].Entry.Value].Path.ToString()];
                Assert.True(content.AsSpan((int)chunks[i].FileOffset, chunks[i].Length).SequenceEqual(buffer.AsSpan(0, read.Length)));
            }
        }))).WithinDeadline();
        for (uint i = 0; i < files; i++)
        {
            Assert.Equal(Blake3.Hash(contents[$"d/{i:d2}"]), transfer.GetFileRoot(new EntryIndex(i + 1), TestContext.Current.CancellationToken).Root);
        }
    }

    [Fact]
    [Trait("row", "F1")]
    [Trait("row", "F4")]
    public async Task ReadChunk_FileIsRewrittenAllTheTime_NeverGivesAMixAsGood()
    {
        // Before this version change times had the clock's granularity, and a rewrite within one tick is the documented limit.
        Assert.SkipUnless(Environment.OSVersion.Version >= new Version(6, 13), "This kernel has coarse change times.");
        byte[][] versions = [OutgoingFixture.Random(4096, 1), OutgoingFixture.Random(4096, 2)];
        _fixture.Files.MakeFile("f"u8, versions[0]);
        long modifiedNs = StatusOf("f").ModifiedNs;
        using OutgoingTransfer transfer = _fixture.OpenScanned("f");
        PlannedChunk chunk = Assert.Single(OutgoingFixture.Chunks(transfer));
        Digest[] possible = [.. versions.Select(version => PackDigest.Compute([new PackMemberDigest(File0, 4096, Blake3.Hash(version))]))];
        using var done = new CancellationTokenSource();
        Task writer = Task.Run(
            () =>
            {
                Assert.Equal(Errno.None, _fixture.Files.Handle.TryOpenWritable("f"u8, out FileHandle? opened));
                using FileHandle file = opened!;
                for (int i = 0; !done.IsCancellationRequested; i++)
                {
                    // In two halves, so that a mix is what an unlucky reader sees; and with the time set back.
                    byte[] version = versions[i % 2];
                    file.Write(version.AsSpan(0, 2048), 0);
                    file.Write(version.AsSpan(2048), 2048);
                    file.SetModified(modifiedNs);
                }
            },
            TestContext.Current.CancellationToken);
        int refused = 0;
        for (int i = 0; i < 5_000 || refused == 0; i++)
        {
            ChunkRead read = transfer.ReadChunk(chunk, _buffer);
            refused += read.Absent.Count;
            Assert.True(read.Absent.Count == 1 || possible.Contains(read.Digest), $"Round {i} gave a mix of two versions.");
        }

        await done.CancelAsync();
        await writer.WithinDeadline();
        ChunkRead settled = transfer.ReadChunk(chunk, _buffer);
        Assert.Contains(settled.Digest, possible);
    }

    private byte[] Make(string path, int size, int seed = 1)
    {
        byte[] content = OutgoingFixture.Random(size, seed);
        _fixture.Files.MakeFile(Encoding.UTF8.GetBytes(path), content);
        return content;
    }

    private void ReadAll(OutgoingTransfer transfer)
    {
        foreach (PlannedChunk chunk in OutgoingFixture.Chunks(transfer))
        {
            Assert.Null(transfer.ReadChunk(chunk, _buffer).Problem);
        }
    }

    private static FileRoot Root(OutgoingTransfer transfer) => transfer.GetFileRoot(File0, TestContext.Current.CancellationToken);

    private void Change(string how, string path)
    {
        string file = _fixture.Files[path.Split('/')];
        string parent = Path.GetDirectoryName(file)!;
        DateTime modified = File.GetLastWriteTimeUtc(file);
        switch (how)
        {
            case "removed":
                File.Delete(file);
                break;
            case "grown":
                File.AppendAllText(file, "more");
                break;
            case "truncated":
                using (FileStream stream = File.OpenWrite(file))
                {
                    stream.SetLength(3);
                }

                break;
            case "rewritten":
                Overwrite(file);
                File.SetLastWriteTimeUtc(file, modified.AddSeconds(1));
                break;
            case "rewritten-time-set-back":
                long modifiedNs = StatusOf(path).ModifiedNs;
                Overwrite(file);
                using (FileHandle handle = _fixture.Files.Handle.OpenFile(Encoding.UTF8.GetBytes(path)))
                {
                    handle.SetModified(modifiedNs);
                }

                break;
            case "replaced":
                File.Copy(file, file + ".new");
                using (FileHandle copy = _fixture.Files.Handle.OpenFile(Encoding.UTF8.GetBytes(path + ".new")))
                {
                    copy.SetModified(StatusOf(path).ModifiedNs);
                }

                File.Move(file + ".new", file, overwrite: true);
                break;
            case "link":
                File.Move(file, file + ".old");
                File.CreateSymbolicLink(file, file + ".old");
                break;
            case "pipe":
                File.Delete(file);
                Tools.MakePipe(file);
                break;
            case "device":
                // One whose reading never ends.
                File.Delete(file);
                Assert.SkipUnless(Tools.TryRun("mknod", file, "c", "1", "5"), "Needs root.");
                break;
            case "socket":
                File.Delete(file);
                using (var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified))
                {
                    socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(file));
                    File.Move(file, file + ".socket"); // .NET removes the name it bound
                }

                File.Move(file + ".socket", file);
                break;
            case "folder":
                File.Delete(file);
                Directory.CreateDirectory(file);
                break;
            case "parent-link":
                Directory.Move(parent, parent + ".old");
                File.CreateSymbolicLink(parent, parent + ".old");
                break;
            case "mode":
                File.SetUnixFileMode(file, UnixFileMode.UserRead);
                break;
            case "hard-link":
                using (FolderHandle folder = FolderHandle.OpenAbsolute(parent))
                {
                    folder.TryLink(Encoding.UTF8.GetBytes(Path.GetFileName(file)), folder, "second"u8).OrThrow("link", folder);
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(how), how, null);
        }
    }

    private FileStatus StatusOf(string path)
    {
        using FileHandle handle = _fixture.Files.Handle.OpenFile(Encoding.UTF8.GetBytes(path));
        return handle.Status();
    }

    private static void Overwrite(string file)
    {
        using FileStream stream = File.OpenWrite(file);
        stream.WriteByte(1);
        stream.WriteByte(2);
        stream.WriteByte(3);
    }
}
