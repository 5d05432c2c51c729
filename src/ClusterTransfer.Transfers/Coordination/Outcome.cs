using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>How a transfer ended, decided from what both ends reported.</summary>
internal static class Outcome
{
    /// <summary>The destination gave every entry an outcome: which state is that?</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="destination">The destination's final counts.</param>
    /// <param name="destinationIssues">Its files that were not delivered.</param>
    /// <param name="source">The source's final counts: what its scan could not list, what it parked.</param>
    /// <param name="sourceIssues">Its files that were not delivered, with evidence.</param>
    /// <param name="kept">Files that were not delivered before, and that this round was not for.</param>
    public static (TransferState State, Problem? Problem, IReadOnlyList<FileIssue> Issues) OfCompleted(
        TransferRequest request,
        TransferProgress destination,
        IReadOnlyList<FileIssue> destinationIssues,
        TransferProgress source,
        IReadOnlyList<FileIssue> sourceIssues,
        IReadOnlyList<FileIssue> kept)
    {
        FileIssue[] issues = Merge(destinationIssues, sourceIssues, kept);

        // A file whose name is taken is no failure when the user said to skip it, and then it is no issue either. Anything that is listed is one:
        // a whole folder may be missing because a file stands where it should go.
        bool skipIsFine = request.Conflict == ConflictPolicy.Skip;
        bool allFine = issues.Length == 0 && destination.FilesParked == 0 && source.FilesParked == 0 && source.FilesSkipped == 0;
        if (allFine && (skipIsFine || destination.FilesSkipped == 0))
        {
            return (TransferState.Completed, null, issues);
        }

        if (destination.FilesPublished == 0 && source.EntriesFound <= 1 && issues.Length > 0)
        {
            // A transfer of one file fails with that file's reason; a tree is partial, also one of which nothing arrived but folders.
            return (TransferState.Failed, issues[0].Problem, issues);
        }

        long missing = issues.Length;
        return (
            TransferState.Partial,
            new Problem(Reason.PartlyDelivered, $"{destination.FilesPublished} files were delivered, {Math.Max(missing, destination.FilesSkipped + destination.FilesParked)} were not."),
            issues);
    }

    /// <summary>What the source said, without the files that were given up because of a chunk and are in place: only the acknowledgements of the chunk were lost, or a
    /// later session delivered it after all. The destination knows, as far as its list is whole.</summary>
    /// <param name="destination">The destination's final counts.</param>
    /// <param name="destinationIssues">Its files that were not delivered.</param>
    /// <param name="said">The source's.</param>
    public static IReadOnlyList<FileIssue> NotDelivered(TransferProgress destination, IReadOnlyList<FileIssue> destinationIssues, IReadOnlyList<FileIssue> said)
    {
        HashSet<string> named = [.. destinationIssues.Where(issue => issue.State == FileState.Parked).Select(issue => issue.Path)];
        return named.Count < destination.FilesParked ? said : [.. said.Where(issue => issue is not { State: FileState.Parked, Chunk: not null } || named.Contains(issue.Path))];
    }

    /// <summary>One line a file: the source's word comes first, it has the evidence; then that of an earlier round, which may have some as well.</summary>
    public static FileIssue[] Merge(IReadOnlyList<FileIssue> destination, IReadOnlyList<FileIssue> source, IReadOnlyList<FileIssue> kept)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        return [.. source.Concat(kept).Concat(destination).Where(issue => known.Add(issue.Path)).Take(SessionEnded.MaxIssues)];
    }
}
