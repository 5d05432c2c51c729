using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Transfers.Sessions;
using static ClusterTransfer.Transfers.Tests.Support.Samples;
using TransferEvents = ClusterTransfer.Transfers.Coordination.TransferEvents;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>Chunks that the source gave up are known with their evidence from when it says so, whoever dies after that.</summary>
public sealed class CoordinatorParkedTests
{
    private static readonly FileIssue Parked = Evidence("tree/big", 17);

    // What the destination says of the same file: it has no evidence.
    private static readonly FileIssue AtDestination = Parked with { Chunk = null };

    [Fact]
    public async Task Evidence_SaidWhileItRuns_IsShownAndJournaledOnce()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();

        for (int report = 0; report < 3; report++)
        {
            Say(bench, Parked);
        }

        // Two lists may show one file: what counts is said first.
        Say(bench, Parked with { Chunk = Parked.Chunk! with { Attempts = 1 } }, Evidence("tree/other", 3), Evidence("tree/other", 4));

        Assert.Equal([Parked, Evidence("tree/other", 3)], Shown(bench));
        Assert.Equal(2, bench.Events.OfType<TransferEvents.FilesParked>().Count());
    }

    [Fact]
    public async Task Evidence_FromWhomItIsNotExpectedOrOfAnotherKind_IsNotTaken()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();

        Say(bench, AtDestination, Parked with { State = FileState.Skipped });
        bench.FromNode(C, Progress(bench, Parked));
        bench.FromNode(B, Progress(bench, Parked) with { Role = SessionRole.Destination });

        Assert.Empty(Shown(bench));
        Assert.Empty(bench.Events.OfType<TransferEvents.FilesParked>());
    }

    [Fact]
    public async Task Evidence_OfMoreFilesThanAListHas_IsBoundedInNumberAndSize()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        for (uint i = 0; i < SessionEnded.MaxIssues + 50; i += 10)
        {
            Say(bench, [.. Enumerable.Range((int)i, 10).Select(j => Evidence($"tree/{j}", (uint)j))]);
        }

        Assert.InRange(Shown(bench).Count, 50, SessionEnded.MaxIssues);
        Assert.InRange(Shown(bench).Sum(ReportedIssues.SizeOf), 1, 64 * 1024);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Evidence_AfterTheHubRestarts_IsShownAndInTheOutcomeThoughTheSourceNeverReports(bool sessionIsLost)
    {
        // Arrange
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        Say(bench, Parked);
        if (sessionIsLost)
        {
            bench.End(SessionRole.Destination, SessionEnd.Suspended);
        }

        // Act
        await using var restarted = new CoordinatorBench(2, bench.Options, bench.Stored, bench.Catalogue);
        restarted.Members(Members());
        restarted.Time.Advance(restarted.Options.RetryMax);
        restarted.Opened(SessionRole.Destination);
        restarted.Opened(SessionRole.Source);

        // Assert: with what the destination says of the file, and with the source silent until the limit.
        Assert.Equal([Parked], Shown(restarted));
        restarted.FromNode(A, Progress(restarted) with { Progress = CoordinatorBench.SourceDone });
        restarted.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done with { FilesParked = 1 }, issues: AtDestination);
        Assert.Equal([Parked], Shown(restarted));
        restarted.Time.Advance(restarted.Options.SourceReportTimeout + (3 * restarted.Options.RepeatInterval));
        Assert.Equal((TransferState.Partial, 1), (restarted.Ended?.State, restarted.Ended?.Issues.Count));
        Assert.Equal([Parked], restarted.Ended!.Issues);
        Assert.IsType<CoordinationProtocol.Accepted>(restarted.Retry(new RetryTransfer { Chunks = [17] }));
        Assert.Equal(["tree/big"], restarted.NextSent<OpenSession>(open => open.Round == 1).Message.Files!);
    }

    [Fact]
    public async Task Evidence_SaidAtTheEndOfASessionThatIsSuspended_IsKept()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();

        bench.End(SessionRole.Source, SessionEnd.Suspended, issues: [Parked, Issue("tree/x", Reason.SourceChanged, FileState.Parked)]);

        Assert.Equal([Parked], Shown(bench));
        Assert.Equal([Parked], Assert.Single(bench.Events.OfType<TransferEvents.FilesParked>()).Issues);
    }

    [Fact]
    public async Task Evidence_WhenALaterSessionReportsItToo_IsOneLine()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        Say(bench, Parked);

        bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done with { FilesParked = 1 }, issues: AtDestination);
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone, issues: Parked);

        Assert.Equal([Parked], bench.Ended!.Issues);
    }

    // The source's node may have lost what it had kept; then the chunk was sent once more.
    [Fact]
    public async Task Evidence_OfAFileThatWasDeliveredAfterAll_IsNotInTheOutcome()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        Say(bench, Parked);

        bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done);
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);

        Assert.Equal((TransferState.Completed, 0), (bench.Ended!.State, bench.Ended.Issues.Count));
    }

    // Its acknowledgements were lost, not the chunk: the source that gave it up says so to its end, the destination has published its files.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Evidence_OfAFileThatIsInPlaceAtTheDestination_IsNotInTheOutcome(bool sourceEndsFirst)
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        FileIssue unanswered = Parked with { Problem = new Problem(Reason.ChunkUnanswered, "never acknowledged") };
        Say(bench, unanswered);

        if (sourceEndsFirst)
        {
            bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone, issues: unanswered);
            bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done);
        }
        else
        {
            bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done);
            Assert.Empty(Shown(bench));
            bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone, issues: unanswered);
        }

        Assert.Equal((TransferState.Completed, 0), (bench.Ended!.State, bench.Ended.Issues.Count));
    }

    // What has no evidence is the source's knowledge alone: the destination never had a file of what could not be listed.
    [Fact]
    public async Task Issue_WithoutEvidenceThatOnlyTheSourceKnows_IsInTheOutcome()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        FileIssue unlisted = Issue("tree/locked", Reason.SourceUnreadable, FileState.Parked);

        bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done);
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone, issues: [unlisted, Parked]);

        Assert.Equal(TransferState.Partial, bench.Ended!.State);
        Assert.Equal([unlisted], bench.Ended.Issues);
    }

    [Fact]
    public async Task Evidence_WhenTheTransferFails_IsInTheOutcome()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        Say(bench, Parked);

        bench.End(SessionRole.Destination, SessionEnd.Failed, reason: Reason.QuotaExceeded, issues: AtDestination);

        Assert.Equal(TransferState.Failed, bench.Ended!.State);
        Assert.Equal([Parked], bench.Ended.Issues);
    }

    [Fact]
    public async Task Evidence_OfTheRoundBefore_GoesWithTheRetryOfItsFileAndStaysForOthers()
    {
        // Arrange
        FileIssue other = Evidence("tree/other", 3);
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        Say(bench, Parked, other);
        bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done with { FilesParked = 2 }, issues: [AtDestination, other with { Chunk = null }]);
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone, issues: [Parked, other]);

        // Act
        bench.Retry(new RetryTransfer { Chunks = [17] });

        // Assert
        Assert.Equal([other], Shown(bench));
        bench.Opened(SessionRole.Destination);
        bench.Opened(SessionRole.Source);
        bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done with { FilesParked = 1 }, issues: other with { Chunk = null });
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);
        Assert.Equal([other], bench.Ended!.Issues);
    }

    private static FileIssue Evidence(string path, uint chunk) => Issue(path, Reason.ChunkCorrupt, FileState.Parked) with
    {
        Chunk = new ParkedChunk(chunk, 4096, 8, new string('a', 64), new string('b', 64), 2, "b", Noon, Noon),
    };

    private static void Say(CoordinatorBench bench, params FileIssue[] parked) => bench.FromNode(A, Progress(bench, parked));

    private static SessionProgressed Progress(CoordinatorBench bench, params FileIssue[] parked) =>
        new(Id, bench.Session.Epoch, SessionRole.Source, new TransferProgress()) { Parked = parked };

    private static IReadOnlyList<FileIssue> Shown(CoordinatorBench bench) => Assert.IsType<TransferResource>(bench.Live.Find(Id)).Issues;
}
