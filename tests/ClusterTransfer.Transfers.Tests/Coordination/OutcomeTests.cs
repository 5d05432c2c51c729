using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Transfers.Tests.Support;

namespace ClusterTransfer.Transfers.Tests.Coordination;

public sealed class OutcomeTests
{
    private const Reason Taken = Reason.DestinationExists;
    private const Reason Changed = Reason.SourceChanged;
    private const Reason Special = Reason.NotCopyable;

    /// <summary>Policy; what the destination published, skipped, parked and lists; what the source found, skipped, parked and lists; state and reason.</summary>
    public static TheoryData<ConflictPolicy, Counts, Counts, TransferState, Reason> Cases => new()
    {
        // All is there.
        { ConflictPolicy.Fail, new(Published: 2), new(Found: 2), TransferState.Completed, Reason.None },
        { ConflictPolicy.Overwrite, new(Published: 2), new(Found: 2), TransferState.Completed, Reason.None },
        { ConflictPolicy.Fail, new(), new(), TransferState.Completed, Reason.None },

        // Names that are taken.
        { ConflictPolicy.Skip, new(Skipped: 1), new(Found: 1), TransferState.Completed, Reason.None },
        { ConflictPolicy.Skip, new(Published: 1, Skipped: 1), new(Found: 2), TransferState.Completed, Reason.None },

        // With skip only what stands in the way of something else is listed.
        { ConflictPolicy.Skip, new(Published: 1, Skipped: 1, Lists: [Taken]), new(Found: 2), TransferState.Partial, Reason.PartlyDelivered },
        { ConflictPolicy.Skip, new(Published: 1, Skipped: 2, Lists: [Taken, Changed]), new(Found: 3), TransferState.Partial, Reason.PartlyDelivered },
        { ConflictPolicy.Fail, new(Skipped: 1, Lists: [Taken]), new(Found: 1), TransferState.Failed, Taken },
        { ConflictPolicy.Fail, new(Published: 1, Skipped: 1, Lists: [Taken]), new(Found: 2), TransferState.Partial, Reason.PartlyDelivered },
        { ConflictPolicy.Overwrite, new(Published: 1, Skipped: 1, Lists: [Taken]), new(Found: 2), TransferState.Partial, Reason.PartlyDelivered },

        // Files that were given up, at either end.
        { ConflictPolicy.Fail, new(Parked: 1, Lists: [Reason.ChunkCorrupt]), new(Found: 1), TransferState.Failed, Reason.ChunkCorrupt },
        { ConflictPolicy.Fail, new(Published: 1, Parked: 1, Lists: [Reason.ChunkCorrupt]), new(Found: 2), TransferState.Partial, Reason.PartlyDelivered },
        { ConflictPolicy.Skip, new(Published: 1, Parked: 1, Lists: [Changed]), new(Found: 2, Lists: [Changed]), TransferState.Partial, Reason.PartlyDelivered },
        { ConflictPolicy.Fail, new(Published: 1), new(Found: 1, Parked: 1, Lists: [Reason.SourceUnreadable]), TransferState.Partial, Reason.PartlyDelivered },

        // What the scan could not copy counts as not delivered.
        { ConflictPolicy.Fail, new(Published: 2), new(Found: 2, Skipped: 1, Lists: [Special]), TransferState.Partial, Reason.PartlyDelivered },
        { ConflictPolicy.Skip, new(Published: 2), new(Found: 2, Skipped: 1, Lists: [Special]), TransferState.Partial, Reason.PartlyDelivered },
        { ConflictPolicy.Fail, new(), new(Found: 0, Skipped: 1, Lists: [Special]), TransferState.Failed, Special },

        // Counts that say more than the lists: the lists are bounded.
        { ConflictPolicy.Fail, new(Published: 1, Skipped: 1), new(Found: 2), TransferState.Partial, Reason.PartlyDelivered },
        { ConflictPolicy.Fail, new(Published: 1), new(Found: 2, Parked: 1), TransferState.Partial, Reason.PartlyDelivered },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void OfCompleted_Case_HasItsStateAndReason(ConflictPolicy policy, Counts destination, Counts source, TransferState state, Reason reason)
    {
        (TransferState actual, Problem? problem, _) = Outcome.OfCompleted(
            Samples.Request with { Conflict = policy }, destination.Progress, destination.Issues, source.Progress, source.Issues, []);

        Assert.Equal((state, reason), (actual, problem?.Reason ?? Reason.None));
    }

    [Fact]
    public void OfCompleted_TreeOfOneFileThatIsNotDelivered_IsPartial()
    {
        (TransferState state, _, _) = Outcome.OfCompleted(
            Samples.Request, new TransferProgress { FilesSkipped = 1 }, [Samples.Issue("tree/a", Taken)], new TransferProgress { EntriesFound = 2, FilesFound = 1 }, [], []);

        Assert.Equal(TransferState.Partial, state);
    }

    [Fact]
    public void OfCompleted_SameFileAtBothEnds_IsListedOnceWithTheSourcesEvidence()
    {
        var source = Samples.Issue("tree/a", Reason.ChunkCorrupt, FileState.Parked);
        var destination = Samples.Issue("tree/a", Reason.SourceUnreadable, FileState.Parked);
        var other = Samples.Issue("tree/b", Taken);

        (_, Problem? problem, IReadOnlyList<FileIssue> issues) = Outcome.OfCompleted(
            Samples.Request, new TransferProgress { FilesPublished = 3, FilesParked = 1, FilesSkipped = 1 }, [destination, other], new TransferProgress { FilesFound = 5 }, [source], []);

        Assert.Equal([source, other], issues);
        Assert.Contains("3 files were delivered, 2 were not", problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void OfCompleted_FilesThatTheRoundWasNotFor_AreStillMissingWithTheirEvidence()
    {
        FileIssue kept = Samples.Issue("tree/b", Reason.ChunkCorrupt, FileState.Parked) with { Chunk = new ParkedChunk(7, 0, 8, "a", "b", 1, "a", Samples.Noon) };

        (TransferState state, _, IReadOnlyList<FileIssue> issues) = Outcome.OfCompleted(
            Samples.Request, new TransferProgress { FilesPublished = 2, FilesParked = 1 }, [Samples.Issue("tree/b", Reason.ChunkCorrupt, FileState.Parked)], new TransferProgress { EntriesFound = 4, FilesFound = 3 }, [], [kept]);

        Assert.Equal(TransferState.Partial, state);
        Assert.Equal([kept], issues);
    }

    [Fact]
    public void OfCompleted_VeryManyIssues_AreCutAtTheLimit()
    {
        FileIssue[] many = [.. Enumerable.Range(0, 500).Select(i => Samples.Issue($"tree/{i}", Taken))];

        IReadOnlyList<FileIssue> issues = Outcome.OfCompleted(
            Samples.Request, new TransferProgress { FilesPublished = 1, FilesSkipped = 500 }, many, new TransferProgress { FilesFound = 501 }, [], []).Issues;

        Assert.Equal(SessionEnded.MaxIssues, issues.Count);
    }

    /// <summary>The final counts of one end, with one listed file for each reason.</summary>
    public sealed record Counts(int Published = 0, int Skipped = 0, int Parked = 0, int Found = 0, Reason[]? Lists = null)
    {
        internal TransferProgress Progress => new() { FilesPublished = Published, FilesSkipped = Skipped, FilesParked = Parked, FilesFound = Found, EntriesFound = Found };

        internal IReadOnlyList<FileIssue> Issues => [.. (Lists ?? []).Select((reason, i) => Samples.Issue($"tree/{i}", reason))];

        public override string ToString() => $"published {Published} skipped {Skipped} parked {Parked} found {Found} [{string.Join(' ', Lists ?? [])}]";
    }
}
