using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>Row NW-11: a limit that is lowered gives back the buffers of chunks that were read for the one before, and nothing is lost by it.</summary>
public sealed class SourceRecallTests
{
    private const int Read = 6;
    private static readonly SessionOptions Options = new() { ChunkSize = Manifests.MiB, Connections = 2, ProgressInterval = TimeSpan.FromMilliseconds(1) };

    private readonly ManualConnection[] _connections = [new(101), new(102)];

    [Fact]
    public async Task Limit_LoweredWhileChunksWaitToBeWritten_GivesTheirBuffersBackAndSendsThemLater()
    {
        await using SessionBench bench = await ReadAsync();
        long each = bench.SendBytesHeld / Read;
        Assert.True(each >= Manifests.MiB, $"A chunk holds {each} bytes.");

        bench.Kit.TestProbe.Send(bench.SessionsActor, new LimitSession(Samples.Id, new Epoch(1, 1)) { Limit = 2 * Manifests.MiB });
        await UntilAsync(bench, () => bench.ChunksInFlight() == Read && InMemory == 2);

        Assert.Equal(2 * each, bench.SendBytesHeld);
        SessionProgressed limited = Report(bench);
        Assert.Equal((2 * Manifests.MiB, 2 * Manifests.MiB), (limited.Limit, limited.Progress.BytesSent));

        bench.Kit.TestProbe.Send(bench.SessionsActor, new LimitSession(Samples.Id, new Epoch(1, 1)));
        await UntilAsync(bench, () => InMemory == Read);

        SessionProgressed free = Report(bench);
        Assert.Equal((Read * Manifests.MiB, 0), (free.Progress.BytesSent, free.Progress.ChunksRetried));
        ChunkIndex[] given = [.. _connections.SelectMany(connection => connection.WriteAll())];
        Assert.Equal(Read, given.Distinct().Count());
        Assert.Empty(bench.Noted("chunk-retried"));
    }

    private int InMemory => _connections.Sum(connection => connection.ChunksInMemory);

    private async Task<SessionBench> ReadAsync()
    {
        SessionBench bench = SessionBench.Create(Options);
        using (FileStream file = File.Create(Path.Combine(bench.SourceFolder, "big")))
        {
            byte[] content = new byte[16 * Manifests.MiB];
            new Random(1).NextBytes(content);   // none of it becomes less by a codec
            file.Write(content);
        }

        // The page goes over a real connection. It is seen to go before there is a window for chunks.
        await bench.OpenAsync();
        ConnectionHandle real = await bench.JoinAsync();
        bench.Say(real, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(real, page, plan, chunk => chunk.IsPacked);
        bench.Leave(real);
        ConnectionHandle[] handles = [.. _connections.Select(bench.Join)];
        bench.Say(handles[1], FrameType.Credit, new CreditBody(Read * Manifests.MiB).ToArray());
        await UntilAsync(bench, () => InMemory == Read);
        return bench;
    }

    private static async Task UntilAsync(SessionBench bench, Func<bool> holds)
    {
        while (true)
        {
            Task next = bench.Kit.Dispatcher.NextEventAsync();
            bench.Kit.Settle();
            if (holds())
            {
                return;
            }

            await next.WithinDeadline();
        }
    }

    private static SessionProgressed Report(SessionBench bench)
    {
        bench.Told();
        bench.Kit.Time.Advance(Options.ProgressInterval);
        return bench.Told().OfType<SessionProgressed>().Last();
    }
}
