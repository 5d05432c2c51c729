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
        (ConnectionHandle[] connections, _, _) = await SendFourAsync(bench);

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
        (ConnectionHandle[] connections, FrameRecorder atSecond, FrameHeader[] overSecond) = await SendFourAsync(bench);
        bench.Leave(connections[0]);
        await bench.Kit.SettleAsync(waitForTasks: true);

        // Said before the first connection ended, perhaps: it gives room for one chunk, which asks whether the peer lives.
        Acknowledge(bench, connections[1], overSecond[0]);
        FrameHeader question = (await bench.NextAsync(FrameType.Chunk, atSecond)).Header;
        await bench.Kit.SettleAsync(waitForTasks: true);
        Assert.Equal(5 * Manifests.MiB, await SentAsync(bench));

        Acknowledge(bench, connections[1], question);
        await bench.Kit.SettleAsync(waitForTasks: true);

        Assert.True(await SentAsync(bench) > 6 * Manifests.MiB, "what was lost went on");
    }

    private static void Acknowledge(SessionBench bench, ConnectionHandle over, FrameHeader chunk) =>
        bench.Say(over, FrameType.Ack, new AckBody([chunk.Chunk.Value]).ToArray());

    private static async Task<long> SentAsync(SessionBench bench)
    {
        bench.Told();
        bench.Kit.Time.Advance(Options.ProgressInterval);
        await bench.Kit.SettleAsync(waitForTasks: true);
        return bench.Told().OfType<Model.Control.SessionProgressed>().Last().Progress.BytesSent;
    }

    private static async Task<(ConnectionHandle[] Connections, FrameRecorder AtSecond, FrameHeader[] OverSecond)> SendFourAsync(SessionBench bench)
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
        return ([first, second], atSecond, overSecond);
    }
}
