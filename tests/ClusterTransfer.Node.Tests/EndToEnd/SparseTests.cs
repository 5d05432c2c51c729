using System.Runtime.InteropServices;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>Row D18 between two real nodes.</summary>
public sealed partial class SparseTests : IClassFixture<SharedCluster>
{
    private const long TiB = 1L << 40;
    private const int MiB = 1024 * 1024;
    private readonly Cluster _cluster;

    public SparseTests(SharedCluster shared)
    {
        _cluster = shared.Cluster;
        _cluster.ShowLogs();
    }

    [Fact]
    [Trait("row", "D18")]
    public async Task D18_SparseTebibyte_ArrivesWithItsHoles()
    {
        // Arrange
        string source = Path.Combine(_cluster.Source, "disk.img");
        byte[] data = Files.Bytes(MiB);
        long place = (TiB / 2) + 4321;
        await using (FileStream file = File.Create(source))
        {
            file.SetLength(TiB);
            file.Position = place;
            file.Write(data);
        }

        Assert.SkipWhen(Allocated(source) > 16 * MiB, "this file system keeps no holes");

        // Act: within the usual deadline of a test.
        TransferResource done = await _cluster.CopyAsync("src:disk.img", "dst:sparse");

        // Assert
        string arrived = Path.Combine(_cluster.Target, "sparse", "disk.img");
        Assert.Equal((TransferState.Completed, TiB), (done.State, new FileInfo(arrived).Length));
        Assert.InRange(done.Progress.BytesSent, MiB, 64L * MiB);
        Assert.Equal(done.Progress.BytesFound, done.Progress.BytesPublished);
        Assert.InRange(Allocated(arrived), MiB, 2L * MiB);
        await using FileStream copy = File.OpenRead(arrived);
        byte[] read = new byte[MiB];
        copy.Position = place;
        copy.ReadExactly(read);
        Assert.True(read.AsSpan().SequenceEqual(data));
        copy.Position = 0;
        copy.ReadExactly(read);
        Assert.False(read.AsSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    [Trait("row", "D18")]
    public async Task Sparse_DataHereAndThere_ArrivesByteForByteAndTakesNoMore()
    {
        // Arrange: at the beginning, across a chunk border, away from any border, and in front of a hole at the end.
        string source = Path.Combine(_cluster.Source, "scattered.img");
        const long size = 64L * MiB;
        await using (FileStream file = File.Create(source))
        {
            file.SetLength(size);
            int seed = 1;
            foreach ((long place, int length) in new[] { (0L, 5000), ((long)(8 * MiB) - 70_000, 140_000), ((20L * MiB) + 777, 33), (63L * MiB, 65_536) })
            {
                file.Position = place;
                file.Write(Files.Bytes(length, seed: seed++));
            }
        }

        Assert.SkipWhen(Allocated(source) > 16 * MiB, "this file system keeps no holes");

        TransferResource done = await _cluster.CopyAsync("src:scattered.img", "dst:sparse");

        string arrived = Path.Combine(_cluster.Target, "sparse", "scattered.img");
        Assert.Equal(TransferState.Completed, done.State);
        Files.AssertEqual(source, arrived);
        // Zeros within a chunk that holds data are left out in runs of 64 KiB.
        Assert.InRange(Allocated(arrived), 1, Allocated(source) + (4 * 2 * 65_536));
    }

    private static long Allocated(string path)
    {
        const int blocks = 48;
        Span<byte> buffer = stackalloc byte[256];
        Assert.Equal(0, StatX(-100, path, 0, 0x7ff, ref MemoryMarshal.GetReference(buffer)));
        return BitConverter.ToInt64(buffer[blocks..]) * 512;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, ref byte buffer);
}
