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
