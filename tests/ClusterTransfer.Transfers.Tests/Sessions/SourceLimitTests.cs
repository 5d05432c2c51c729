using System.Diagnostics;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;
using SessionRole = ClusterTransfer.Model.Control.SessionRole;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>Row NW-11 at the source: what it sends is paced, it says so, and a change takes effect at once.</summary>
public sealed class SourceLimitTests
{
    private const int Size = Manifests.MiB;
    private static readonly SessionOptions Options = new() { ChunkSize = Size, ProgressInterval = TimeSpan.FromMilliseconds(1) };

    [Fact]
    public async Task Chunk_UnderALimit_IsHeldBackUntilTheLimitIsTakenAway()
    {
        await using SessionBench bench = await SendingAsync(RateLimit.Min);

        SessionProgressed report = await HeldBackAsync(bench);
        Assert.Equal(RateLimit.Min, report.Limit);
        Assert.Equal(new HeldBack(LimitScope.Transfer, RateLimit.Min), report.HeldBackBy);
        Assert.True(report.Busy, "Time under a limit is no standstill.");

        bench.Kit.TestProbe.Send(bench.SessionsActor, new LimitSession(Samples.Id, new Epoch(1, 1)));

        await bench.NextAsync(FrameType.Chunk);
        bench.Told();
        bench.Kit.Time.Advance(Options.ProgressInterval);
        SessionProgressed after = bench.Told().OfType<SessionProgressed>().Last();
        Assert.Null(after.Limit);
        bench.Kit.Time.Advance(Options.ProgressInterval);
        after = bench.Told().OfType<SessionProgressed>().Last();
        Assert.Null(after.HeldBackBy);
    }

    [Fact]
    public async Task Limit_OfAnotherEpoch_IsNotForThisSession()
    {
        await using SessionBench bench = await SendingAsync(RateLimit.Min);

        bench.Kit.TestProbe.Send(bench.SessionsActor, new LimitSession(Samples.Id, new Epoch(1, 2)));
        bench.Kit.Settle();
        bench.Kit.Time.Advance(Options.ProgressInterval);

        Assert.Equal(RateLimit.Min, bench.Told().OfType<SessionProgressed>().Last().Limit);
    }

    [Fact]
    public async Task Limit_GivenWhileItSends_IsReported()
    {
        await using SessionBench bench = await SendingAsync(null);

        bench.Kit.TestProbe.Send(bench.SessionsActor, new LimitSession(Samples.Id, new Epoch(1, 1)) { Limit = 1_000_000 });
        bench.Kit.Settle();
        bench.Kit.Time.Advance(Options.ProgressInterval);

        Assert.Equal(1_000_000, bench.Told().OfType<SessionProgressed>().Last().Limit);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-5L)]
    [InlineData(RateLimit.Min - 1)]
    public async Task Limit_ThatIsNone_OpensNothing(long limit)
    {
        await using var sessions = new SessionsBench();

        await sessions.SendAsync(SessionsBench.Open(SessionRole.Source, 1) with { Limit = limit });

        Assert.Equal(Reason.ProtocolViolation, Assert.Single(sessions.Told().OfType<SessionRefused>()).Problem.Reason);
    }

    private static async Task<SessionBench> SendingAsync(long? limit)
    {
        SessionBench bench = SessionBench.Create(Options);
        using (FileStream file = File.Create(Path.Combine(bench.SourceFolder, "big")))
        {
            file.Write(new byte[Size]);
        }

        await bench.OpenAsync(limit: limit);
        ConnectionHandle connection = await bench.JoinAsync();
        bench.Say(connection, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());
        bench.Say(connection, FrameType.Credit, new CreditBody(64 * Manifests.MiB).ToArray());
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(connection, page, plan, chunk => chunk.IsPacked);
        bench.Kit.Settle();
        return bench;
    }

    // The pump runs in its own time: until it has asked, the clock goes on so slowly that it cannot have sent all.
    private static async Task<SessionProgressed> HeldBackAsync(SessionBench bench)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < Deadline.Default)
        {
            bench.Kit.Time.Advance(Options.ProgressInterval);
            if (bench.Told().OfType<SessionProgressed>().FirstOrDefault(report => report.HeldBackBy is not null) is { } report)
            {
                return report;
            }

            await Task.Yield();
        }

        throw new InvalidOperationException($"Nothing held it back; {string.Join(", ", bench.Noted("chunk-retried"))}; {bench.ChunksInFlight()} chunks are in flight.");
    }
}
