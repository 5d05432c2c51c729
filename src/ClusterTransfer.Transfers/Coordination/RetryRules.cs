using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>How a transfer that has ended is taken up again.</summary>
internal static class RetryRules
{
    /// <summary>Whether its nodes keep what they have of it. What nothing came of leaves nothing worth keeping.</summary>
    public static bool Keeps(TransferEvents.Ended ended) => Keeps(ended.State, ended.Progress, ended.CountsUnknown == true);

    /// <summary>The same, from the row that is left of a transfer: of one that had begun the counts may be too low.</summary>
    public static bool Keeps(TransferResource row) => Keeps(row.State, row.Progress, row.StartedAt is not null);

    /// <summary>Whether the source has to be listed anew: its list is what was wrong, or nobody can say that it was not, or one node may have
    /// forgotten the list and the other not.</summary>
    /// <param name="ended">How it ended.</param>
    /// <param name="files">The only files it is taken up for; null for all. What is wrong with others does not matter then.</param>
    public static bool NeedsRescan(TransferEvents.Ended ended, IReadOnlyList<string>? files) =>
        !Keeps(ended)
        || (files is null && (IsOfTheSource(ended.Problem?.Reason) || !RetrySelection.ListsAll(ended)))
        || ended.Issues.Any(issue => IsOfTheSource(issue.Problem.Reason) && (files is null || RetrySelection.Covers(files, issue.Path)))
        || (ended.State == TransferState.Partial && !ended.Progress.ScanComplete);

    private static bool Keeps(TransferState state, TransferProgress progress, bool mayHoldMore) =>
        state is TransferState.Failed or TransferState.Partial && (mayHoldMore || progress.BytesDurable > 0 || progress.FilesPublished > 0);

    private static bool IsOfTheSource(Reason? reason) =>
        reason is Reason.SourceChanged or Reason.SourceUnreadable or Reason.PathNotFound or Reason.NotCopyable;
}
