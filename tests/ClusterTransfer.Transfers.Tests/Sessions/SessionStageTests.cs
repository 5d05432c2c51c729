using System.Diagnostics;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Model.Stages;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Compression;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;
using SessionRole = ClusterTransfer.Model.Control.SessionRole;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>What the two ends of a session report while one thing in them is held: the chunks that wait for it, and nothing else.</summary>
public sealed class SessionStageTests
{
    private static readonly SessionOptions Options = new() { ChunkSize = Manifests.MiB };

    [Fact]
    public async Task Source_WithAFullWindow_ReportsEmptyPlacesAndWhatIsOut()
    {
        await using SessionBench bench = await SourceAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        await TakePageAsync(bench, connection, window: Manifests.MiB);
        await bench.NextAsync(FrameType.Chunk);
        await bench.RestAsync();

        Assert.Equal(new StageReport { Window = 2, Away = 1 }, Report(bench));
    }

    [Fact]
    public async Task Source_WhosePageIsNotAnswered_ReportsPlacesThatWaitForTheList()
    {
        await using SessionBench bench = await SourceAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        bench.Say(connection, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());
        bench.Say(connection, FrameType.Credit, new CreditBody(8 * Manifests.MiB).ToArray());
        await bench.NextPageAsync();
        await bench.RestAsync();

        Assert.Equal(new StageReport { List = 2 }, Report(bench));
    }

    [Fact]
    public async Task Source_ThatHasSentAll_ReportsWhatIsOut()
    {
        await using SessionBench bench = await SourceAsync(chunks: 1);
        ConnectionHandle connection = await bench.JoinAsync();
        await TakePageAsync(bench, connection, window: 8 * Manifests.MiB);
        await bench.NextAsync(FrameType.Chunk);
        await bench.RestAsync();

        Assert.Equal(new StageReport { Away = 1 }, Report(bench));
    }

    [Fact]
    public async Task Source_UnderALimit_ReportsThat()
    {
        await using SessionBench bench = SessionBench.Create(Options with { ProgressInterval = TimeSpan.FromMilliseconds(1) });
        FillSource(bench, 1);
        await bench.OpenAsync(limit: RateLimit.Min);
        ConnectionHandle connection = await bench.JoinAsync();
        bench.Say(connection, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());
        bench.Say(connection, FrameType.Credit, new CreditBody(8 * Manifests.MiB).ToArray());
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(connection, page, plan, chunk => chunk.IsPacked);
        bench.Kit.Settle();

        // The pump runs in its own time: until it has asked for its part the clock goes on slowly.
        long start = Stopwatch.GetTimestamp();
        StageReport? report = null;
        while (report is not { Throttle: 1 } && Stopwatch.GetElapsedTime(start) < Deadline.Default)
        {
            bench.Kit.Time.Advance(TimeSpan.FromMilliseconds(1));
            report = bench.Told().OfType<SessionProgressed>().LastOrDefault()?.Stages ?? report;
            await Task.Yield();
        }

        Assert.Equal(1, report!.Throttle);
        await bench.CommandAsync(new LimitSession(Samples.Id, new Epoch(1, 1)));
    }

    [Fact]
    public async Task Source_WhoseWorkersAreHeld_ReportsChunksAtTheDisk()
    {
        await using SessionBench bench = await SourceAsync();
        using var released = new ManualResetEventSlim();
        ConnectionHandle connection = await bench.JoinAsync();
        bench.Say(connection, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.HoldChunks(released);
        bench.Answer(connection, page, plan, chunk => chunk.IsPacked);
        bench.Say(connection, FrameType.Credit, new CreditBody(8 * Manifests.MiB).ToArray());
        bench.Kit.Settle();

        Assert.Equal(new StageReport { Read = 2 }, Report(bench));
        released.Set();
        await bench.NextAsync(FrameType.Chunk);
    }

    [Fact]
    public async Task Source_WhoseConnectionTakesNothing_ReportsChunksAtTheNetwork()
    {
        await using SessionBench bench = await SourceAsync();
        ConnectionHandle real = await bench.JoinAsync();
        bench.Say(real, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(real, page, plan, chunk => chunk.IsPacked);
        bench.Leave(real);
        await using var stuck = new ManualConnection(101);
        ConnectionHandle connection = bench.Join(stuck);
        bench.Say(connection, FrameType.Credit, new CreditBody(3 * Manifests.MiB).ToArray());
        while (stuck.Chunks < 3)
        {
            Task next = bench.Kit.Dispatcher.NextEventAsync();
            bench.Kit.Settle();
            if (stuck.Chunks < 3)
            {
                await next.WithinDeadline();
            }
        }

        // All three of the window are there; the two places for the next are empty because of them.
        StageReport report = Report(bench)!;
        Assert.Equal(new StageReport { Network = 3, Window = 2 }, report);
    }

    [Fact]
    public async Task Source_WhoseCompressionIsHeld_ReportsThat()
    {
        using var released = new ManualResetEventSlim();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var compression = new CompressionServices
        {
            IdleProcessors = () =>
            {
                entered.TrySetResult();
                released.Wait();
                return 0;
            },
        };
        Assert.SkipUnless(compression.Codecs.Count > 0, "This system has no library of a codec.");
        await using SessionBench bench = await SourceAsync(chunks: 1, compression);
        bench.PeerFeatures = HelloFeatures.All | HelloFeatures.Lz4 | HelloFeatures.Zstandard;
        ConnectionHandle connection = await bench.JoinAsync();
        bench.Say(connection, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());
        bench.Say(connection, FrameType.Credit, new CreditBody(8 * Manifests.MiB).ToArray());
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(connection, page, plan, chunk => chunk.IsPacked);
        bench.Kit.Settle();
        await bench.Kit.RunAsync(entered.Task).WithinDeadline();

        Assert.Equal(new StageReport { Compress = 1 }, Report(bench));
        released.Set();
        await bench.NextAsync(FrameType.Chunk);
    }

    [Fact]
    public async Task Destination_WhoseDiskFlushes_ReportsWhatItHoldsBack()
    {
        await using SessionBench bench = SessionBench.Create(new SessionOptions { CheckpointBytes = 4 * Manifests.MiB }, SessionRole.Destination);
        await bench.OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        using var flushed = new ManualResetEventSlim();
        bench.HoldSteps(flushed);

        // With the fourth as much is open as may be: the other three wait.
        for (uint chunk = 0; chunk < 6; chunk++)
        {
            bench.Tell(
                new DestinationProtocol.ChunkHandled(connection, new ChunkIndex(chunk), (int)Manifests.MiB, Samples.SomeDigest, new ChunkWrite(ChunkWriteOutcome.Stored)),
                bench.ConnectionActor.Ref);
        }

        Assert.Equal(new StageReport { Flush = 3 }, Report(bench));
        bench.Leave(connection);
        Assert.Equal(new StageReport(), Report(bench));
        flushed.Set();
    }

    [Fact]
    public async Task Destination_WhoseWorkersAreHeld_ReportsChunksAtTheDisk()
    {
        await using SessionBench bench = SessionBench.Create(Options, SessionRole.Destination);
        await bench.OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        using var released = new ManualResetEventSlim();
        bench.HoldChunks(released);
        await bench.SendChunkAsync(connection, 0, Samples.SomeDigest, new byte[10]);
        await bench.SendChunkAsync(connection, 1, Samples.SomeDigest, new byte[10]);

        Assert.Equal(new StageReport { Write = 2 }, Report(bench));
        released.Set();
        await bench.NextAsync(FrameType.Nack);
        await bench.NextAsync(FrameType.Nack);
        Assert.Equal(new StageReport(), Report(bench));
    }

    // Of a whole interval in which nothing changed.
    private static StageReport? Report(SessionBench bench)
    {
        bench.Kit.Time.Advance(Options.ProgressInterval);
        bench.Told();
        bench.Kit.Time.Advance(Options.ProgressInterval);
        return bench.Told().OfType<SessionProgressed>().Last().Stages;
    }

    private static async Task<SessionBench> SourceAsync(int chunks = 8, CompressionServices? compression = null)
    {
        SessionBench bench = SessionBench.Create(
            Options, request: Samples.Request with { Policies = new() { Compression = compression is null ? CompressionMode.None : CompressionMode.Auto } }, compression: compression);
        FillSource(bench, chunks);
        await bench.OpenAsync();
        return bench;
    }

    private static void FillSource(SessionBench bench, int chunks)
    {
        using FileStream file = File.Create(Path.Combine(bench.SourceFolder, "big"));
        file.Write(new byte[chunks * Manifests.MiB]); // bytes that are stored: holes would not be sent
    }

    private static async Task TakePageAsync(SessionBench bench, ConnectionHandle connection, long window)
    {
        bench.Say(connection, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());
        bench.Say(connection, FrameType.Credit, new CreditBody(window).ToArray());
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(connection, page, plan, chunk => chunk.IsPacked);
    }
}
