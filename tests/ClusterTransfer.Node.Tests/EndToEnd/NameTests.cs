using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>Names are bytes.</summary>
public sealed class NameTests
{
    [Fact]
    [Trait("row", "D17")]
    public async Task Name_NotUtf8_ArrivesByteForByte()
    {
        // Arrange: a byte that is no UTF-8, a newline and an escape, for a small and for a large file.
        await using Cluster cluster = await Cluster.StartAsync();
        byte[] name = [.. "caf"u8, 0xe9, .. "\n\x1b[31m"u8];
        byte[] large = Files.Bytes(Cluster.ChunkSize + 5);
        string folder = Directory.CreateDirectory(Path.Combine(cluster.Source, "latin1")).FullName;
        RawFiles.Write(folder, name, Files.Bytes(100));
        RawFiles.Write(Directory.CreateDirectory(Path.Combine(folder, "more")).FullName, name, large);
        try
        {
            // Act
            TransferResource done = await cluster.CopyAsync("src:latin1", "dst:");

            // Assert
            Assert.Equal((TransferState.Completed, 2L), (done.State, done.Progress.FilesPublished));
            Assert.Equal(Files.Bytes(100), RawFiles.Read(Path.Combine(cluster.Target, "latin1"), name));
            Assert.Equal(large, RawFiles.Read(Path.Combine(cluster.Target, "latin1", "more"), name));
        }
        finally
        {
            await RawFiles.RemoveAsync(folder);
            await RawFiles.RemoveAsync(Path.Combine(cluster.Target, "latin1"));
        }
    }
}
