using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Transfers.Tests.Support;
using static ClusterTransfer.Transfers.Tests.Support.Samples;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>Row R1: the time of day jumps while a transfer runs. Nothing expires early, and no order is taken from it.</summary>
public sealed class WallClockTests
{
    /// <summary>Hours that the clock jumps.</summary>
    public static TheoryData<int> Jumps => [-24, -1, 1, 24];

    [Theory]
    [MemberData(nameof(Jumps))]
    public async Task Active_ClockJumps_NobodyIsTakenForSilent(int hours)
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Progressed(SessionRole.Source);
        bench.Progressed(SessionRole.Destination, durable: 1);
        bench.Sent();

        bench.Time.WallClockOffset = TimeSpan.FromHours(hours);
        bench.Time.Advance(bench.Options.SilenceLimit - bench.Options.RepeatInterval);

        Assert.Empty(bench.Sent());
        Assert.Equal("Active", bench.State);
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public async Task SessionLost_ClockJumps_TheNextComesAfterItsPauseAndNotBefore(int hours)
    {
        await using CoordinatorBench bench = new CoordinatorBench(1, new CoordinationOptions { RetryMin = TimeSpan.FromSeconds(20), RetryMax = TimeSpan.FromSeconds(20) }).Negotiating();
        bench.Refused(SessionRole.Destination, Reason.LimitReached);
        bench.Sent();

        bench.Time.WallClockOffset = TimeSpan.FromHours(hours);
        bench.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(bench.Sent().OfType<OpenSession>());
        bench.Time.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(2u, bench.Sent().OfType<OpenSession>().First().Epoch.Session);
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public async Task Finishing_ClockJumps_TheSourcesReportIsStillWaitedFor(int hours)
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Finishing();

        bench.Time.WallClockOffset = TimeSpan.FromHours(hours);
        bench.Time.Advance(bench.Options.SourceReportTimeout / 2);
        Assert.Null(bench.Ended);
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);

        Assert.Equal(TransferState.Completed, bench.Ended?.State);
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public async Task Partial_ClockJumpsJustBeforeItsTimeIsOver_CanStillBeRetried(int hours)
    {
        await using CoordinatorBench bench = Partial();
        bench.Time.Advance(bench.Options.KeepFailed - TimeSpan.FromMinutes(1));

        bench.Time.WallClockOffset = TimeSpan.FromHours(hours);
        bench.FromNode(B, new SessionEnded(Id, Epoch.None, SessionRole.Destination, SessionEnd.Suspended) { Progress = new TransferProgress() });

        Assert.True(bench.NextSent<OutcomeRecorded>(word => word.TransferEnded).Message.Keep);
        Assert.IsType<CoordinationProtocol.Accepted>(bench.Retry());
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public async Task Ended_ClockJumpsJustBeforeItsTimeIsOver_StaysListed(int hours)
    {
        await using CoordinatorBench bench = Partial();
        bench.Time.Advance(bench.Options.KeepEnded - (2 * EndedSweep.Interval));

        bench.Time.WallClockOffset = TimeSpan.FromHours(hours);
        bench.Time.Advance(EndedSweep.Interval);

        Assert.NotNull(bench.Catalogue.Row(Id));
    }

    [Fact]
    public async Task Ended_LongAgo_IsRemovedWithinTheHour()
    {
        await using CoordinatorBench bench = Partial();

        bench.Time.Advance(bench.Options.KeepEnded + EndedSweep.Interval);

        Assert.Null(bench.Catalogue.Row(Id));
    }

    [Fact]
    public async Task Sweep_LeavesAloneWhoeverHasACoordinator()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();

        bench.Time.Advance(EndedSweep.Interval);

        Assert.Contains(Id, Assert.Single(bench.Catalogue.Prunings).Except);
    }

    [Fact]
    public async Task Sweep_ThatFails_IsTriedAgainInAnHour_AndAMultitudeGoesInParts()
    {
        await using CoordinatorBench bench = new(1);
        for (int i = 0; i < 40; i++)
        {
            await bench.Catalogue.UpsertAsync(
                new TransferResource
                {
                    Id = TransferId.New(), Source = "a:x", Destination = "b:y", ResultName = "x", State = TransferState.Completed, Desired = DesiredState.Run, CreatedAt = default, EndedAt = default(DateTimeOffset), ExitCode = 0,
                },
                TestContext.Current.CancellationToken);
        }

        bench.Catalogue.FailuresLeft = 1;
        bench.Time.Advance(EndedSweep.Interval);
        Assert.Empty(bench.Catalogue.Prunings);
        bench.Time.Advance(EndedSweep.Interval);

        Assert.Equal(4, bench.Catalogue.Prunings.Count);   // 16, 16, 8 and none
    }

    [Theory]
    [InlineData(24, 1, 1)]
    [InlineData(-24, 1, -23)]
    [InlineData(0, 5, 5)]
    public void SteadyClock_NeverRunsAhead(int jump, int passed, int shown)
    {
        var time = new TestKit.VirtualTime();
        DateTimeOffset start = time.GetUtcNow();
        var clock = new SteadyClock(time);
        time.WallClockOffset = TimeSpan.FromHours(jump);
        time.Advance(TimeSpan.FromHours(passed));

        Assert.Equal(start + TimeSpan.FromHours(shown), clock.Now);
    }

    private static CoordinatorBench Partial()
    {
        CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done with { FilesPublished = 1, FilesParked = 1 }, issues: Issue("tree/a", Reason.ChunkCorrupt, FileState.Parked));
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);
        bench.Time.Advance(2 * bench.Options.RepeatInterval);
        Assert.Null(bench.State);
        bench.Sent();
        return bench;
    }
}
