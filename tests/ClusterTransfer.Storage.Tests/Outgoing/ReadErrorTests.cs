using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.Outgoing;
using ClusterTransfer.Storage.Tests.Native;
using ClusterTransfer.Wire.Hashing;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Outgoing;

/// <summary>The disk of a source fails: the file and the place are named, and what was not read is neither sent as zeros nor vouched for.</summary>
public sealed class ReadErrorTests : IDisposable
{
    private const int Chunk = OutgoingFixture.ChunkSize;
    private readonly OutgoingFixture _fixture = new();
    private readonly byte[] _buffer = new byte[Chunk];

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [Trait("row", "D5")]
    [InlineData(0)]
    [InlineData(4096)]
    public void ReadChunk_DiskFails_NamesFileAndOffsetAndOnlyThatChunkIsMissing(int readable)
    {
        byte[] content = OutgoingFixture.Random(3 * Chunk);
        _fixture.Files.MakeFile("d/f"u8, content);
        using OutgoingTransfer transfer = _fixture.OpenScanned("d");
        List<PlannedChunk> chunks = OutgoingFixture.Chunks(transfer);
        using (Failing("/f", readable))
        {
            ChunkRead read = transfer.ReadChunk(chunks[1], _buffer);
            Assert.Equal((0, true, Reason.DiskError), (read.Length, read.Digest.IsEmpty, read.Problem?.Reason));
            Assert.Contains("'d/f'", read.Problem!.Detail, StringComparison.Ordinal);
            Assert.Contains($"byte {Chunk + readable}", read.Problem.Detail, StringComparison.Ordinal);
            Assert.Equal(Reason.DiskError, transfer.GetFileRoot(new EntryIndex(1), TestContext.Current.CancellationToken).Problem?.Reason);
        }

        // The disk is well again: nothing of what failed was kept.
        foreach (PlannedChunk chunk in chunks)
        {
            Assert.Equal(Blake3.SubtreeValue(content.AsSpan((int)chunk.FileOffset, chunk.Length), chunk.FileOffset), transfer.ReadChunk(chunk, _buffer).Digest);
        }

        Assert.Equal(new FileRoot(Blake3.Hash(content), null), transfer.GetFileRoot(new EntryIndex(1), TestContext.Current.CancellationToken));
    }

    [Fact]
    [Trait("row", "D5")]
    public void ReadChunk_DiskFailsAtOneMemberOfAPack_OnlyThatOneIsAbsent()
    {
        _fixture.Files.MakeFile("d/a"u8, "first"u8);
        _fixture.Files.MakeFile("d/b"u8, "second"u8);
        _fixture.Files.MakeFile("d/c"u8, "third"u8);
        using OutgoingTransfer transfer = _fixture.OpenScanned("d");
        using ManualDisk disk = Failing("/b", 2);
        ChunkRead read = transfer.ReadChunk(Assert.Single(OutgoingFixture.Chunks(transfer)), _buffer);
        EntryProblem absent = Assert.Single(read.Absent);
        Assert.Equal((2u, Reason.DiskError), (absent.Entry.Value, absent.Problem.Reason));
        Assert.Contains("'d/b' cannot be read at byte 2", absent.Problem.Detail, StringComparison.Ordinal);
        Assert.Equal("firstthird"u8, _buffer.AsSpan(0, read.Length));
    }

    [Theory]
    [Trait("row", "R2")]
    [InlineData(Errno.TooManyFiles, false)]
    [InlineData(Errno.TooManyFilesInSystem, true)]
    internal void R2_NoDescriptorForAFile_IsAShortageOfTheNodeAndPasses(Errno error, bool isPack)
    {
        byte[] content = OutgoingFixture.Random(isPack ? 100 : 2 * Chunk);
        _fixture.Files.MakeFile("d/f"u8, content);
        _fixture.Files.MakeFile("d/g"u8, content);
        using OutgoingTransfer transfer = _fixture.OpenScanned("d");
        PlannedChunk chunk = OutgoingFixture.Chunks(transfer)[0];
        Assert.Equal(isPack, chunk.IsPacked);
        using (new ManualDisk { RefuseOpening = _ => error })
        {
            // A pack too: not that some of its files are left out because they came last.
            var shortage = Assert.Throws<ClusterTransferException>(() => transfer.ReadChunk(chunk, _buffer));
            Assert.Equal((Reason.LimitReached, ReasonClass.Transient), (shortage.Reason, shortage.Reason.Info().Class));
            Assert.Contains("'d/f' cannot be read: Too many open files", shortage.Message, StringComparison.Ordinal);
        }

        Assert.Equal((chunk.Length, null), (transfer.ReadChunk(chunk, _buffer).Length, transfer.ReadChunk(chunk, _buffer).Problem));
    }

    [Fact]
    [Trait("row", "R2")]
    public void R2_NoDescriptorForTheNodesOwnState_IsAShortageAndPasses()
    {
        _fixture.Files.MakeFile("d/f"u8, "f"u8);
        _fixture.OpenScanned("d").Dispose();
        using (new ManualDisk { RefuseOpening = folder => folder.Contains("transfer", StringComparison.Ordinal) ? Errno.TooManyFiles : Errno.None })
        {
            Assert.Equal(Reason.LimitReached, Assert.Throws<ClusterTransferException>(() => _fixture.Open("d")).Reason);
        }

        using OutgoingTransfer again = _fixture.Open("d");
        Assert.NotNull(again.Seal);
    }

    // Offsets above 32 bits, in a file with holes.
    [Theory]
    [Trait("row", "D18")]
    [InlineData((4L << 30) + 77)]
    [InlineData((5L << 30) - 1)]
    public void ReadChunk_BeyondFourGiB_IsExact(long size)
    {
        byte[] end = OutgoingFixture.Random(1000);
        using (FileStream file = File.Create(_fixture.Files["f"]))
        {
            file.SetLength(size);
            file.Position = size - end.Length;
            file.Write(end);
        }

        using OutgoingTransfer transfer = _fixture.OpenScanned("f");
        Assert.Equal(size, Assert.Single(OutgoingFixture.Entries(transfer)).Size);
        PagePlan plan = transfer.GetPlan(0);
        PlannedChunk last = plan.At(new ChunkIndex((uint)plan.ChunkCount - 1));
        Assert.Equal(size, last.FileOffset + last.Length);

        // The hole is not planned; a chunk that holds its end begins with zeros.
        for (uint i = 0; i < plan.ChunkCount; i++)
        {
            PlannedChunk chunk = plan.At(new ChunkIndex(i));
            byte[] wanted = new byte[chunk.Length];
            long from = Math.Max(size - end.Length, chunk.FileOffset);
            end.AsSpan((int)(from - (size - end.Length)), (int)(chunk.FileOffset + chunk.Length - from)).CopyTo(wanted.AsSpan((int)(from - chunk.FileOffset)));
            ChunkRead read = transfer.ReadChunk(chunk, _buffer);
            Assert.Null(read.Problem);
            Assert.True(_buffer.AsSpan(0, read.Length).SequenceEqual(wanted));
            Assert.Equal(Blake3.SubtreeValue(wanted, chunk.FileOffset), read.Digest);
        }
    }

    private static ManualDisk Failing(string path, int readable) => new()
    {
        Shorten = (call, on, wanted) =>
        {
            if (call != NativeCall.Read || !on.EndsWith(path, StringComparison.Ordinal))
            {
                return wanted;
            }

            nint now = Math.Min(readable, wanted);
            readable -= (int)now;
            return now == 0 ? -(nint)Errno.InputOutput : now;
        },
    };
}
