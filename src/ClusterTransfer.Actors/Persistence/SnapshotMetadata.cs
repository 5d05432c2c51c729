namespace ClusterTransfer.Actors.Persistence;

/// <summary>What a snapshot is of. Names as in Akka.NET.</summary>
/// <param name="PersistenceId">The stream.</param>
/// <param name="SequenceNr">The last event it contains.</param>
/// <param name="Timestamp">When it was taken, UTC.</param>
public sealed record SnapshotMetadata(string PersistenceId, long SequenceNr, DateTime Timestamp);

/// <summary>A snapshot with what it is of.</summary>
public sealed record SelectedSnapshot(SnapshotMetadata Metadata, object Snapshot);

/// <summary>Which snapshots fit: both bounds inclusive.</summary>
public sealed record SnapshotSelectionCriteria(
    long MaxSequenceNr, DateTime MaxTimeStamp, long MinSequenceNr = 0, DateTime? MinTimestamp = null)
{
    /// <summary>Those up to a sequence number.</summary>
    public SnapshotSelectionCriteria(long maxSequenceNr)
        : this(maxSequenceNr, DateTime.MaxValue) { }

    /// <summary>The newest one.</summary>
    public static readonly SnapshotSelectionCriteria Latest = new(long.MaxValue, DateTime.MaxValue);

    /// <summary>None at all.</summary>
    public static readonly SnapshotSelectionCriteria None = new(0, DateTime.MinValue);
}
