using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.Tests.Native;
using ClusterTransfer.Wire.Hashing;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Incoming;

public sealed class OffsetTests : IDisposable
{
    private readonly Destination _to = new();

    public void Dispose() => _to.Dispose();

    // Chunks of a file of more than 4 GiB go where they belong. Its space is not taken: the file system says that it cannot.
    [Theory]
    [Trait("row", "D18")]
    [InlineData((4L << 30) + 77)]
    [InlineData(1L << 40)]
    public void WriteChunk_BeyondFourGiB_IsAtItsPlace(long size)
    {
        using IncomingTransfer transfer = _to.Open(_to.Options with { FreeBytes = () => long.MaxValue });
        var source = new ManualSource().Raw(new ManifestEntry(EntryKind.File, ManualSource.PathOf("huge"), size, 0x180, 0, default, default));
        using var disk = new ManualDisk { Refuse = (call, _) => call == NativeCall.Allocate ? Errno.NotSupported : Errno.None };
        Assert.Null(transfer.AcceptPage(source.Encoded[0]).Problem);
        var plan = new PagePlan(source.Pages[0]);
        uint[] indices = [.. new uint[] { 0, (uint)((4L << 30) / plan.At(new ChunkIndex(0)).Length) - 1, (uint)((4L << 30) / plan.At(new ChunkIndex(0)).Length), (uint)plan.ChunkCount - 1 }.Distinct()];
        foreach (uint index in indices)
        {
            PlannedChunk chunk = plan.At(new ChunkIndex(index));
            Assert.Equal(ChunkWriteOutcome.Stored, transfer.WriteChunk(chunk.Index, Blake3.SubtreeValue(BytesOf(chunk), chunk.FileOffset), [], BytesOf(chunk)).Outcome);
        }

        Assert.Equal(indices.Order(), transfer.Checkpoint().Durable.Select(chunk => chunk.Value).Order());
        using FolderHandle staging = FolderHandle.OpenAbsolute(_to.Staging);
        using FileHandle file = staging.OpenFile("0.part"u8);
        Assert.Equal(size, file.Status().Size);
        foreach (uint index in indices)
        {
            PlannedChunk chunk = plan.At(new ChunkIndex(index));
            byte[] read = new byte[chunk.Length];
            Assert.Equal(chunk.Length, file.Read(read, chunk.FileOffset));
            Assert.True(read.AsSpan().SequenceEqual(BytesOf(chunk)));
        }
    }

    private static byte[] BytesOf(in PlannedChunk chunk)
    {
        byte[] bytes = new byte[chunk.Length];
        new Random((int)chunk.Index.Value).NextBytes(bytes);
        return bytes;
    }
}
