using ClusterTransfer.Model;

namespace ClusterTransfer.Journal;

/// <summary>Which transfers to list.</summary>
/// <param name="State">Only those in this state; null for all.</param>
/// <param name="Cursor">Where the page before ended; null for the newest.</param>
/// <param name="Limit">At most so many, 1 to <see cref="MaxLimit"/>.</param>
public sealed record TransferQuery(TransferState? State, string? Cursor, int Limit = 50)
{
    /// <summary>Largest page.</summary>
    public const int MaxLimit = 200;
}

/// <summary>One stored line of a transfer's log.</summary>
/// <param name="Sequence">From 1, without gaps within the transfer.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Kind">Stable kebab-case name.</param>
/// <param name="Text">One sentence for people.</param>
/// <param name="DataJson">What a program may want to know about it, as JSON; null for nothing.</param>
public sealed record StoredTransferEvent(long Sequence, DateTimeOffset At, string Kind, string Text, string? DataJson);
