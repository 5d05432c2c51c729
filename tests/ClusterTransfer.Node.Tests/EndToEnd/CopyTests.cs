using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>What arrives when nothing goes wrong.</summary>
public sealed class CopyTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Cluster.ChunkSize - 1)]
    [InlineData(Cluster.ChunkSize)]
    [InlineData(Cluster.ChunkSize + 1)]
    [InlineData((3 * Cluster.ChunkSize) + 7)]
    public async Task File_OfThatSize_ArrivesEqual(int size)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        string source = Files.Write(Path.Combine(cluster.Source, "file"), size);

        TransferResource done = await cluster.CopyAsync("src:file", "dst:in/deep");

        Assert.Equal((TransferState.Completed, 0), (done.State, done.ExitCode));
        Files.AssertEqual(source, Path.Combine(cluster.Target, "in", "deep", "file"));
        Assert.Equal((1L, (long)size, 1), (done.Progress.FilesPublished, done.Progress.BytesPublished, done.Sessions));
    }
}
