using ClusterTransfer.Model;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>How far a transfer is that was taken up again, until its destination has said the last word on the round.</summary>
/// <remarks>With a new list both ends count from nothing, and meet file by file what is in place already. What was delivered is delivered all the while, so no count is
/// shown below what stands; once the source has listed all, none above its list, from which files may be gone. A round that ends early ends with these counts.</remarks>
internal static class RoundProgress
{
    /// <param name="both">What the ends say now.</param>
    /// <param name="standing">What stands of the time before.</param>
    /// <param name="lists">Whether the source is listed anew.</param>
    /// <param name="bothHeard">Whether both ends have said something in this round.</param>
    public static TransferProgress Of(TransferProgress both, TransferProgress standing, bool lists, bool bothHeard)
    {
        // What has an outcome and keeps it is told by the end that knows it: until both have spoken, one of them would be missing.
        long skipped = bothHeard && !lists ? both.FilesSkipped : Math.Max(standing.FilesSkipped, bothHeard ? both.FilesSkipped : 0);
        long parked = bothHeard && !lists ? both.FilesParked : Math.Max(standing.FilesParked, bothHeard ? both.FilesParked : 0);
        TransferProgress shown = both with { FilesSkipped = skipped, FilesParked = parked };
        if (!lists)
        {
            return shown;
        }

        // Only what is published survives a new list; what was staged is fetched again.
        long bytesFound = Found(both.BytesFound, standing.BytesFound);
        long filesFound = Found(both.FilesFound, standing.FilesFound);
        long published = Within(both.BytesPublished, standing.BytesPublished, bytesFound);
        return shown with
        {
            EntriesFound = Found(both.EntriesFound, standing.EntriesFound),
            FilesFound = filesFound,
            BytesFound = bytesFound,
            BytesReceived = Math.Max(both.BytesReceived, published),
            BytesDurable = Math.Max(both.BytesDurable, published),
            BytesVerified = Math.Max(both.BytesVerified, Math.Min(standing.BytesVerified, published)),
            BytesPublished = published,
            FilesPublished = Within(both.FilesPublished, standing.FilesPublished, filesFound),
        };

        long Found(long now, long before) => both.ScanComplete ? now : Math.Max(now, before);

        long Within(long now, long before, long found) => Math.Max(now, Math.Min(before, found));
    }
}
