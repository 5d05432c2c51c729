using ClusterTransfer.Model;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>A process that dies takes its connections with it one by one: what was on them is not pushed from each into the next.</summary>
public sealed class DyingPeerTests
{
    private static readonly SessionOptions Options = new() { ChunkSize = Manifests.MiB, WindowBytes = 4 * Manifests.MiB };

    [Fact]
    [Trait("row", "N1")]
    public async Task Connections_EndOneByOne_NothingIsSentAgainBeforeThePeerIsHeard()
    {
        await using SessionBench bench = SessionBench.Create(Options);
        (ConnectionHandle[] connections, _) = await SendFourAsync(bench);

        bench.Leave(connections[0]);
        await bench.Kit.SettleAsync(waitForTasks: true);
        Assert.Equal(2, bench.ChunksInFlight());
        bench.Leave(connections[1]);
        await bench.Kit.SettleAsync(waitForTasks: true);

        Assert.Equal(4 * Manifests.MiB, await SentAsync(bench));
    }

    [Fact]
    [Trait("row", "N1")]
    public async Task Connection_EndsAlone_ItsChunksGoAsSoonAsThePeerIsHeardOverTheOther()
    {
        await using SessionBench bench = SessionBench.Create(Options);
        (ConnectionHandle[] connections, FrameHeader[] overSecond) = await SendFourAsync(bench);
        bench.Leave(connections[0]);
        await bench.Kit.SettleAsync(waitForTasks: true);

        bench.Say(connections[1], FrameType.Ack, new AckBody([overSecond[0].Chunk.Value]).ToArray());
        await bench.Kit.SettleAsync(waitForTasks: true);

        Assert.True(await SentAsync(bench) > 4 * Manifests.MiB);
    }

    private static async Task<long> SentAsync(SessionBench bench)
    {
        bench.Told();
        bench.Kit.Time.Advance(Options.ProgressInterval);
        await bench.Kit.SettleAsync(waitForTasks: true);
        return bench.Told().OfType<Model.Control.SessionProgressed>().Last().Progress.BytesSent;
    }

    private static async Task<(ConnectionHandle[] Connections, FrameHeader[] OverSecond)> SendFourAsync(SessionBench bench)
    {
        using (FileStream file = File.Create(Path.Combine(bench.SourceFolder, "big")))
        {
            file.Write(new byte[8 * Manifests.MiB]); // bytes that are stored: holes would not be sent
        }

        await bench.OpenAsync();
        ConnectionHandle first = await bench.JoinAsync();
        var atSecond = new FrameRecorder();
        ConnectionHandle second = await bench.JoinAsync(atSecond);
        bench.Say(first, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());
        bench.Say(first, FrameType.Credit, new CreditBody(Options.WindowBytes).ToArray());
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(first, page, plan, chunk => chunk.IsPacked);
        await bench.NextAsync(FrameType.Chunk);
        await bench.NextAsync(FrameType.Chunk);
        FrameHeader[] overSecond = [(await bench.NextAsync(FrameType.Chunk, atSecond)).Header, (await bench.NextAsync(FrameType.Chunk, atSecond)).Header];
        await bench.Kit.SettleAsync(waitForTasks: true);
        Assert.Equal(4, bench.ChunksInFlight());
        return ([first, second], overSecond);
    }
}
