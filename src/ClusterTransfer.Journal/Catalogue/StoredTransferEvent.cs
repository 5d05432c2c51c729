namespace ClusterTransfer.Journal;

/// <summary>One stored line of a transfer's log.</summary>
/// <param name="Sequence">From 1, without gaps within the transfer.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Kind">Stable kebab-case name.</param>
/// <param name="Text">One sentence for people.</param>
/// <param name="DataJson">What a program may want to know about it, as JSON; null for nothing.</param>
public sealed record StoredTransferEvent(long Sequence, DateTimeOffset At, string Kind, string Text, string? DataJson);
