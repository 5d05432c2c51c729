namespace ClusterTransfer.Transfers.Links;

/// <summary>What a source session sees of its connections at one look.</summary>
/// <param name="Delivered">Bytes that have arrived over those in use, since they stand.</param>
/// <param name="Standing">Connections that could carry chunks.</param>
/// <param name="IsFull">Whether all in use had something to send since the last look: more would have gone had the path taken it.</param>
/// <param name="RoundTrip">The longest of those in use; null when the system does not say.</param>
/// <param name="SentAgain">Share of the bytes on the wire that were sent again, 0 to 1; null when the system does not say.</param>
/// <param name="Remaining">Bytes that are still to be sent; null while the source is being listed.</param>
internal readonly record struct LinkSample(long Delivered, int Standing, bool IsFull, TimeSpan? RoundTrip, double? SentAgain, long? Remaining)
{
    // A connection has a chunk to write and gets the next behind it: with less on average, something else than the links held the chunks up.
    private const double FullShare = 0.9;

    /// <summary>Whether it was the links that held the chunks up.</summary>
    /// <param name="waiting">Frames that waited to be written, on average.</param>
    /// <param name="inUse">Connections in use.</param>
    /// <param name="isHeldBack">Whether a limit held something back.</param>
    public static bool AreFull(double waiting, int inUse, bool isHeldBack) => !isHeldBack && inUse > 0 && waiting >= FullShare * inUse;
}
