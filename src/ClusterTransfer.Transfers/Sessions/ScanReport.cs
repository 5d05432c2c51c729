using ClusterTransfer.Model;
using ClusterTransfer.Storage.Outgoing;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>What a scan found, as the source reports it.</summary>
internal static class ScanReport
{
    /// <summary>The counts so far; what could not be listed counts as skipped or parked.</summary>
    public static TransferProgress Of(OutgoingTransfer outgoing)
    {
        ManifestTotals totals = outgoing.Totals;
        IReadOnlyList<FileIssue> issues = outgoing.ScanIssues;
        return new TransferProgress
        {
            EntriesFound = totals.Entries,
            FilesFound = totals.Files,
            BytesFound = totals.Bytes,
            ChunksFound = totals.Chunks,
            ScanComplete = outgoing.Seal is not null,
            FilesSkipped = issues.Count(issue => issue.State == FileState.Skipped),
            FilesParked = issues.Count(issue => issue.State == FileState.Parked),
        };
    }
}
