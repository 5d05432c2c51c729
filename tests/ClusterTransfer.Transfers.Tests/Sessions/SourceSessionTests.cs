using ClusterTransfer.Model;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>Ways in which a source could come to stand still.</summary>
public sealed class SourceSessionTests
{
    private static readonly SessionOptions OnePage = new() { ActivePages = 1, ChunkSize = Manifests.MiB };

    [Fact]
    public async Task Chunk_Acknowledged_TheFilesDigestFollows()
    {
        await using SourceSessionBench bench = SourceSessionBench.Create(OnePage);
        Grow(bench, "big", Manifests.MiB);
        await bench.OpenAsync();
        ConnectionHandle connection = await GreetAsync(bench);
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(connection, page, plan, chunk => chunk.IsPacked);

        (FrameHeader chunk, _) = await bench.NextAsync(FrameType.Chunk);
        bench.Say(connection, FrameType.Ack, new AckBody([chunk.Chunk.Value]).ToArray());

        (_, byte[] body) = await bench.NextAsync(FrameType.FileDone);
        Assert.True(FileDoneBody.TryRead(body, out FileDoneBody? done));
        Assert.Equal(chunk.Entry, Assert.Single(done.Files).Entry);
    }

    [Fact]
    public async Task Chunk_UnreadableAsTheLastOfItsPage_TheNextPageFollows()
    {
        await using SourceSessionBench bench = SourceSessionBench.Create(OnePage);
        Grow(bench, "big", Manifests.MiB);
        Fill(bench, pages: 2);
        await bench.OpenAsync();
        ConnectionHandle connection = await GreetAsync(bench);
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();

        File.Delete(Path.Combine(bench.SourceFolder, "big"));
        bench.Answer(connection, page, plan, chunk => chunk.IsPacked);

        (_, byte[] changed) = await bench.NextAsync(FrameType.SourceChanged);
        Assert.True(SourceChangedBody.TryRead(changed, out SourceChangedBody? body));
        Assert.Single(body.Entries);
        Assert.Equal(1, (await bench.NextPageAsync()).Page.Number);
    }

    [Fact]
    public async Task Chunk_LostOfAFileThatFailed_DoesNotKeepItsPageOpen()
    {
        await using SourceSessionBench bench = SourceSessionBench.Create(OnePage);
        Grow(bench, "big", Manifests.MiB);
        Fill(bench, pages: 3);
        await bench.OpenAsync();
        ConnectionHandle connection = await GreetAsync(bench);
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        File.Delete(Path.Combine(bench.SourceFolder, "big"));
        ChunkIndex big = Enumerable.Range(0, plan.ChunkCount).Select(i => plan.At(new ChunkIndex((uint)i))).Single(chunk => !chunk.IsPacked).Index;
        bench.Answer(connection, page, plan, chunk => chunk.IsPacked);
        (ManifestPage second, PagePlan secondPlan) = await bench.NextPageAsync();

        // The destination's re-hash was under way while the file failed here.
        bench.Say(connection, FrameType.Nack, new NackBody(NackReason.Lost, "found damaged on disk", default, default).ToArray(), big.Value);
        await bench.Kit.SettleAsync(waitForTasks: true);
        bench.Answer(connection, second, secondPlan, _ => true);

        Assert.Equal(2, (await bench.NextPageAsync()).Page.Number);
    }

    private static async Task<ConnectionHandle> GreetAsync(SourceSessionBench bench)
    {
        ConnectionHandle connection = await bench.JoinAsync();
        bench.Say(connection, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());
        bench.Say(connection, FrameType.Credit, new CreditBody(64 * Manifests.MiB).ToArray());
        return connection;
    }

    private static void Grow(SourceSessionBench bench, string name, long size)
    {
        using FileStream file = File.Create(Path.Combine(bench.SourceFolder, name));
        file.SetLength(size);
    }

    // A page holds 1 MiB or 4,096 entries; links with long targets fill one with few.
    private static void Fill(SourceSessionBench bench, int pages)
    {
        string target = new('x', 4_000);
        for (int i = 0; i < ((pages - 1) * 270) + 10; i++)
        {
            File.CreateSymbolicLink(Path.Combine(bench.SourceFolder, $"link-{i:d5}"), target);
        }
    }
}
