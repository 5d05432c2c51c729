using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>What a source says of its connections, and of chunks that it sent more than once. The window has room for three chunks of 1 MiB.</summary>
public sealed class ConnectionReportTests
{
    private const long Window = 3 * Manifests.MiB;
    private static readonly SessionOptions Options = new() { ChunkSize = Manifests.MiB };

    [Fact]
    public async Task Progress_WithAConnection_TellsWhatWentOverIt()
    {
        await using SessionBench bench = await OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        await TakePageAsync(bench, connection);
        ChunkIndex first = (await bench.NextAsync(FrameType.Chunk)).Header.Chunk;
        ChunkIndex second = (await bench.NextAsync(FrameType.Chunk)).Header.Chunk;
        await bench.NextAsync(FrameType.Chunk);

        // One arrives damaged and waits, one arrives: there is room for the next two.
        bench.Say(connection, FrameType.Nack, new NackBody(NackReason.Corrupt, "bits flipped", default, default).ToArray(), first.Value);
        bench.Say(connection, FrameType.Ack, new AckBody([second.Value]).ToArray());
        SessionProgressed progress = await ReportAsync(bench);

        ConnectionReport report = Assert.Single(progress.Connections);
        Assert.Equal(
            new ConnectionReport(
                connection.Number, Samples.B, connection.Connection.Remote, connection.Connection.OpenedAt, 5 * Manifests.MiB, ChunksInFlight: 3, ChunksRefused: 1),
            report with { RoundTripMs = null, DeliveryRate = null, SentAgain = null });   // those are of the loopback
        Assert.Equal((5 * Manifests.MiB, 0L), (progress.Progress.BytesSent, progress.Progress.ChunksRetried));
    }

    [Fact]
    public async Task Progress_AfterALoss_TellsOfTheConnectionsThatStand()
    {
        await using SessionBench bench = await OpenAsync();
        ConnectionHandle lost = await bench.JoinAsync();
        await TakePageAsync(bench, lost);
        for (int i = 0; i < 3; i++)
        {
            await bench.NextAsync(FrameType.Chunk);
        }

        bench.Leave(lost);
        Assert.Empty((await ReportAsync(bench)).Connections);
        ConnectionHandle next = await bench.JoinAsync();
        SessionProgressed progress = await ReportAsync(bench);

        ConnectionReport report = Assert.Single(progress.Connections);
        Assert.Equal((next.Number, Window, 3, 0L), (report.Number, report.BytesSent, report.ChunksInFlight, report.ChunksRefused));
        Assert.Equal((2 * Window, 3L), (progress.Progress.BytesSent, progress.Progress.ChunksRetried));
    }

    [Fact]
    public async Task ChunksRetried_OfOneThatIsDamagedTwice_CountsItOnce()
    {
        await using SessionBench bench = await OpenAsync(chunks: 1);
        ConnectionHandle connection = await bench.JoinAsync();
        await TakePageAsync(bench, connection);
        ChunkIndex first = (await bench.NextAsync(FrameType.Chunk)).Header.Chunk;

        for (int i = 0; i < 2; i++)
        {
            bench.Say(connection, FrameType.Nack, new NackBody(NackReason.Corrupt, "bits flipped", default, default).ToArray(), first.Value);
            await bench.Kit.SettleAsync(waitForTasks: true);
            bench.Kit.Time.Advance(TransferPolicies.Default.ChunkRetry.PauseMax);
            await bench.Kit.SettleAsync(waitForTasks: true);
        }

        SessionProgressed progress = await ReportAsync(bench);
        Assert.Equal((1L, 2L), (progress.Progress.ChunksRetried, Assert.Single(progress.Connections).ChunksRefused));
    }

    [Fact]
    public async Task ChunksRetried_OfOneWhoseConnectionEndedBeforeItWasSent_CountsNothing()
    {
        // Arrange: the connection is ending when there is room for chunks, so that it takes none.
        await using SessionBench bench = await OpenAsync();
        ConnectionHandle ending = await bench.JoinAsync();
        await TakePageAsync(bench, ending, window: 0);
        await ending.Connection.DisposeAsync();

        // Act
        bench.Say(ending, FrameType.Credit, new CreditBody(Window).ToArray());
        bench.Leave(ending);
        await bench.JoinAsync();

        // Assert
        SessionProgressed progress = await ReportAsync(bench);
        Assert.Equal((Window, 0L), (progress.Progress.BytesSent, progress.Progress.ChunksRetried));
    }

    private static async Task<SessionBench> OpenAsync(int chunks = 8)
    {
        SessionBench bench = SessionBench.Create(Options);
        using (FileStream file = File.Create(Path.Combine(bench.SourceFolder, "big")))
        {
            file.Write(new byte[chunks * Manifests.MiB]); // bytes that are stored: holes would not be sent
        }

        await bench.OpenAsync();
        return bench;
    }

    private static async Task TakePageAsync(SessionBench bench, ConnectionHandle connection, long window = Window)
    {
        bench.Say(connection, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());
        bench.Say(connection, FrameType.Credit, new CreditBody(window).ToArray());
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(connection, page, plan, chunk => chunk.IsPacked);
        await bench.Kit.SettleAsync(waitForTasks: true);
    }

    private static async Task<SessionProgressed> ReportAsync(SessionBench bench)
    {
        await bench.Kit.SettleAsync(waitForTasks: true);
        bench.Told();
        bench.Kit.Time.Advance(Options.ProgressInterval);
        return Assert.Single(bench.Told().OfType<SessionProgressed>());
    }
}
