using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Coordination;
using static ClusterTransfer.Transfers.Tests.Support.Samples;
using TransferEvents = ClusterTransfer.Transfers.Coordination.TransferEvents;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>Row RS-3 by hand: only some of what was not delivered is taken up again; the rest keeps its outcome and its evidence.</summary>
public sealed class CoordinatorSomeFilesTests
{
    private static readonly FileIssue Corrupt = Issue("tree/d/corrupt", Reason.ChunkCorrupt, FileState.Parked) with { Chunk = new ParkedChunk(17, 4096, 8, "aa", "bb", 2, "a", Noon) };
    private static readonly FileIssue Changed = Issue("tree/d/changed", Reason.SourceChanged, FileState.Parked);
    private static readonly FileIssue Taken = Issue("tree/taken", Reason.DestinationExists);

    public static TheoryData<int> Seeds => [1, 2, 3];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Retry_OfOneFile_TellsBothEndsWhichAndKeepsTheOthers(int seed)
    {
        await using CoordinatorBench bench = Partial(seed);

        Assert.IsType<CoordinationProtocol.Accepted>(bench.Retry(Files("tree/d/corrupt")));

        OpenSession open = bench.NextSent<OpenSession>().Message;
        Assert.Equal((1, false), (open.Round, open.Rescan));   // that another one's source changed does not matter now
        Assert.Equal(["tree/d/corrupt"], open.Files!);
        Finish(bench, skipped: 1, parked: 1, Taken, Changed);
        Assert.Equal(TransferState.Partial, bench.Ended?.State);
        Assert.Equal(["tree/d/changed", "tree/taken"], bench.Ended!.Issues.Select(issue => issue.Path).Order());
    }

    [Fact]
    public async Task Retry_OfAChunk_MeansItsFile_AndTheEvidenceOfOthersStays()
    {
        await using CoordinatorBench bench = Partial(1);

        bench.Retry(new RetryTransfer { Files = ["tree/taken"] });
        Finish(bench, skipped: 0, parked: 2, Issue("tree/d/corrupt", Reason.ChunkCorrupt, FileState.Parked), Changed);
        Assert.Equal(17u, bench.Ended!.Issues.Single(issue => issue.Path == Corrupt.Path).Chunk?.Index);
        bench.Sent();
        bench.Retry(new RetryTransfer { Chunks = [17] });

        Assert.Equal(["tree/d/corrupt"], bench.NextSent<OpenSession>().Message.Files!);
    }

    [Fact]
    public async Task Retry_OfAllThatIsMissing_EndsCompleted()
    {
        await using CoordinatorBench bench = Partial(1);

        bench.Retry(Files("tree/d", "tree/taken"));
        Assert.True(bench.NextSent<OpenSession>().Message.Rescan);
        Finish(bench, skipped: 0, parked: 0);

        Assert.Equal(TransferState.Completed, bench.Ended?.State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Retry_OfAnEmptyList_MeansAllOfTheKind(bool files)
    {
        await using CoordinatorBench bench = Partial(1);

        bench.Retry(files ? new RetryTransfer { Files = [] } : new RetryTransfer { Chunks = [] });

        Assert.Equal(files ? null : ["tree/d/corrupt"], bench.NextSent<OpenSession>().Message.Files);
    }

    [Theory]
    [InlineData("tree/nobody", Reason.PathNotFound, "'tree/nobody' is none of the 3 files")]
    [InlineData("tree/d/corr", Reason.PathNotFound, "'tree/d/corr' is none")]
    [InlineData("/", Reason.PathNotFound, "'/' is none")]
    public async Task Retry_OfAFileThatIsNotMissing_IsRefusedAndChangesNothing(string path, Reason reason, string told)
    {
        await using CoordinatorBench bench = Partial(1);
        int before = bench.Events.Count;

        Problem refused = Assert.IsType<CoordinationProtocol.Refused>(bench.Retry(Files("tree/taken", path))).Problem;

        Assert.Equal(reason, refused.Reason);
        Assert.Contains(told, refused.Detail, StringComparison.Ordinal);
        Assert.Contains($"'ct get {Id}'", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(before, bench.Events.Count);
        Assert.NotNull(bench.Catalogue.Row(Id)!.ExitCode);
        bench.AssertNothingSent();
    }

    [Theory]
    [InlineData(18, Reason.WrongState, "Chunk 18")]
    [InlineData(100, Reason.PathNotFound, "it has 100")]
    public async Task Retry_OfAChunkThatWasNotGivenUp_IsRefused(long index, Reason reason, string told)
    {
        await using CoordinatorBench bench = Partial(1);

        Problem refused = Assert.IsType<CoordinationProtocol.Refused>(bench.Retry(new RetryTransfer { Chunks = [17, index] })).Problem;

        Assert.Equal(reason, refused.Reason);
        Assert.Contains(told, refused.Detail, StringComparison.Ordinal);
        Assert.Empty(bench.Events.OfType<TransferEvents.RetryRequested>());
    }

    [Fact]
    public async Task Retry_OfAllChunks_WhenNoneWasGivenUp_IsRefused()
    {
        await using CoordinatorBench bench = Partial(1, Taken);

        Assert.Equal(Reason.WrongState, Assert.IsType<CoordinationProtocol.Refused>(bench.Retry(new RetryTransfer { Chunks = [] })).Problem.Reason);
    }

    [Fact]
    public async Task Retry_OfSomeFiles_WhenOthersNeverHadAnOutcome_IsRefused()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.End(SessionRole.Destination, SessionEnd.Failed, reason: Reason.DestinationNotWritable, issues: Corrupt);

        Problem refused = Assert.IsType<CoordinationProtocol.Refused>(bench.Retry(Files("tree/d/corrupt"))).Problem;

        Assert.Equal(Reason.WrongState, refused.Reason);
        Assert.Contains("as a whole", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retry_OfMoreNamesThanAMessageCarries_IsRefused()
    {
        FileIssue[] many = [.. Enumerable.Range(0, 100).Select(i => Issue($"tree/{new string('x', 400)}{i}", Reason.ChunkCorrupt, FileState.Parked))];
        await using CoordinatorBench bench = Partial(1, many);

        Assert.Equal(Reason.LimitReached, Assert.IsType<CoordinationProtocol.Refused>(bench.Retry(Files([.. many.Select(issue => issue.Path)]))).Problem.Reason);
        Assert.IsType<CoordinationProtocol.Accepted>(bench.Retry(Files("tree")));
    }

    [Fact]
    public async Task Retry_OfOneFile_ThatFailsOnTheWay_DoesNotForgetTheOthers()
    {
        await using CoordinatorBench bench = Partial(1);
        bench.Retry(Files("tree/d/corrupt"));

        bench.Refused(SessionRole.Destination, Reason.DestinationNotWritable);

        Assert.Equal(TransferState.Failed, bench.Ended?.State);
        Assert.Equal(["tree/d/changed", "tree/taken"], bench.Ended!.Issues.Select(issue => issue.Path).Order());
    }

    [Fact]
    public async Task Retry_OfOneFile_HubRestartedInThatRound_GoesOnWithIt()
    {
        await using CoordinatorBench before = Partial(1);
        before.Retry(Files("tree/d/corrupt"));
        await before.Kit.DisposeAsync();

        await using var after = new CoordinatorBench(2, stored: before.Stored, catalogue: before.Catalogue);
        after.Members(Members());

        Assert.Equal(["tree/d/corrupt"], after.NextSent<OpenSession>().Message.Files!);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Retry_BeforeTheFirstReport_ShowsHowFarItWas(bool restart)
    {
        await using CoordinatorBench bench = Partial(1);
        bench.Time.Advance(2 * bench.Options.RepeatInterval);
        bench.Retry();
        await using CoordinatorBench? after = restart ? new CoordinatorBench(2, stored: bench.Stored, catalogue: bench.Catalogue) : null;

        TransferProgress shown = (after ?? bench).Live.Find(Id)!.Progress;

        Assert.Equal((1000, 1000, 2, 1000), (shown.BytesFound, shown.BytesDurable, shown.FilesPublished, shown.BytesSent));
        Assert.Equal((0, 0, false), (shown.FilesSkipped, shown.FilesParked, shown.ScanComplete));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Cancel_OfARoundThatNoNodeHasOpened_AsksForThatRound(int seed)
    {
        await using CoordinatorBench bench = Partial(seed);
        bench.Retry();
        bench.Sent();

        bench.Cancel();

        Assert.Equal((1, bench.Session.Epoch), bench.Sent().OfType<StopSession>().Where(stop => stop.Intent == StopIntent.Cancel).Select(stop => (stop.Round, stop.Epoch)).Distinct().Single());
        bench.End(SessionRole.Destination, SessionEnd.Cancelled, CoordinatorBench.Done);
        Assert.Equal(TransferState.Cancelled, bench.Ended?.State);
    }

    private static RetryTransfer Files(params string[] files) => new() { Files = files };

    private static CoordinatorBench Partial(int seed, params FileIssue[] issues)
    {
        FileIssue[] all = issues.Length == 0 ? [Corrupt, Changed, Taken] : issues;
        CoordinatorBench bench = new CoordinatorBench(seed).Active();
        Finish(bench, all.Count(issue => issue.State == FileState.Skipped), all.Count(issue => issue.State == FileState.Parked), all);
        Assert.Equal(TransferState.Partial, bench.Ended?.State);
        bench.Sent();
        return bench;
    }

    private static void Finish(CoordinatorBench bench, int skipped, int parked, params FileIssue[] issues)
    {
        bench.Opened(SessionRole.Destination);
        bench.Opened(SessionRole.Source);
        bench.End(
            SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done with { FilesSkipped = skipped, FilesParked = parked }, issues: issues);
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone with { ChunksFound = 100 });
    }
}
