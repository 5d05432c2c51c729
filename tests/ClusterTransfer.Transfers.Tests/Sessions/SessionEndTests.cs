using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Sessions;
using SessionRole = ClusterTransfer.Model.Control.SessionRole;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>How an end of a session ends when one of its steps fails, and whether the coordinator hears of it.</summary>
public sealed class SessionEndTests
{
    private static readonly SessionOptions Options = new();

    public static TheoryData<SessionRole> Roles => [SessionRole.Source, SessionRole.Destination];

    // A broken protocol is transient for a caller that may repeat its request; both ends keep what they disagree on, so for a session it is not.
    [Theory]
    [InlineData(Reason.SessionLost, SessionEnd.Suspended)]
    [InlineData(Reason.LimitReached, SessionEnd.Suspended)]
    [InlineData(Reason.NoSpace, SessionEnd.Failed)]
    [InlineData(Reason.ProtocolViolation, SessionEnd.Failed)]
    public async Task Step_Fails_EndsByWhatTheReasonSays(Reason reason, SessionEnd end)
    {
        foreach (SessionRole role in Enum.GetValues<SessionRole>())
        {
            await using SessionBench bench = await OpenAsync(role);

            bench.FailStep(new ClusterTransferException(reason, "no"));

            SessionEnded ended = Assert.Single(await EndsAsync(bench));
            Assert.Equal((role, end, reason), (ended.Role, ended.End, ended.Problem?.Reason));
        }
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Step_FailsInAWayNobodyForesaw_EndsFailedAndNamesTheStep(SessionRole role)
    {
        await using SessionBench bench = await OpenAsync(role);

        bench.FailStep(new InvalidOperationException("a bug"));

        SessionEnded ended = Assert.Single(await EndsAsync(bench));
        Assert.Equal((SessionEnd.Failed, Reason.Unclassified), (ended.End, ended.Problem?.Reason));
        Assert.Contains("a step failed on this node: a bug", ended.Problem!.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Journal_CannotBeFlushed_StopsTheNodeAndReportsNoEnd(SessionRole role)
    {
        await using SessionBench bench = await OpenAsync(role);

        bench.FailStep(new JournalFlushException("fsync: Input/output error"));

        Assert.Empty(await EndsAsync(bench));
        Assert.Equal(Reason.DiskError, (await bench.NodeFailed.WithinDeadline()).Reason);
    }

    // The step was under way when the end was asked for: what that end would say may not be on disk.
    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Journal_CannotBeFlushedWhileTheSessionEnds_ReportsNoEndEither(SessionRole role)
    {
        await using SessionBench bench = await OpenAsync(role);

        bench.Stop(StopIntent.Suspend);
        bench.FailStep(new JournalFlushException("fsync: Input/output error"));

        Assert.Empty(await EndsAsync(bench));
        Assert.Equal(Reason.DiskError, (await bench.NodeFailed.WithinDeadline()).Reason);
    }

    private static async Task<SessionBench> OpenAsync(SessionRole role)
    {
        SessionBench bench = SessionBench.Create(Options, role);
        await bench.OpenAsync();
        return bench;
    }

    // An end is repeated until it is recorded: what is not heard now would be heard then.
    private static async Task<IReadOnlyList<SessionEnded>> EndsAsync(SessionBench bench)
    {
        await bench.Kit.SettleAsync(waitForTasks: true);
        List<SessionEnded> first = [.. bench.Told().OfType<SessionEnded>()];
        bench.Kit.Time.Advance(Options.ReportInterval);
        Assert.Equal(first, bench.Told().OfType<SessionEnded>());
        return first;
    }
}
