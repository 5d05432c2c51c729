namespace ClusterTransfer.Actors.Persistence;

/// <summary>Given to the recovery handlers before the events that came after the snapshot.</summary>
/// <param name="Metadata">Which snapshot.</param>
/// <param name="Snapshot">The state.</param>
public sealed record SnapshotOffer(SnapshotMetadata Metadata, object Snapshot);

/// <summary>Given to the recovery handlers after the last event; from here on the actor may persist.</summary>
public sealed class RecoveryCompleted
{
    private RecoveryCompleted() { }

    /// <summary>The only instance.</summary>
    public static RecoveryCompleted Instance { get; } = new();
}

/// <summary>A snapshot was stored.</summary>
/// <param name="Metadata">Which.</param>
public sealed record SaveSnapshotSuccess(SnapshotMetadata Metadata);

/// <summary>A snapshot was not stored; no data is lost.</summary>
/// <param name="Metadata">Which.</param>
/// <param name="Cause">Why.</param>
public sealed record SaveSnapshotFailure(SnapshotMetadata Metadata, Exception Cause);

/// <summary>Events were deleted.</summary>
/// <param name="ToSequenceNr">Up to and including this one.</param>
public sealed record DeleteMessagesSuccess(long ToSequenceNr);

/// <summary>Events were not deleted.</summary>
/// <param name="Cause">Why.</param>
/// <param name="ToSequenceNr">Up to and including this one.</param>
public sealed record DeleteMessagesFailure(Exception Cause, long ToSequenceNr);

/// <summary>A snapshot was deleted.</summary>
/// <param name="Metadata">Which.</param>
public sealed record DeleteSnapshotSuccess(SnapshotMetadata Metadata);

/// <summary>A snapshot was not deleted.</summary>
/// <param name="Metadata">Which.</param>
/// <param name="Cause">Why.</param>
public sealed record DeleteSnapshotFailure(SnapshotMetadata Metadata, Exception Cause);

/// <summary>Snapshots were deleted.</summary>
/// <param name="Criteria">Which.</param>
public sealed record DeleteSnapshotsSuccess(SnapshotSelectionCriteria Criteria);

/// <summary>Snapshots were not deleted.</summary>
/// <param name="Criteria">Which.</param>
/// <param name="Cause">Why.</param>
public sealed record DeleteSnapshotsFailure(SnapshotSelectionCriteria Criteria, Exception Cause);

/// <summary>Where a recovery starts and ends.</summary>
/// <param name="FromSnapshot">Which snapshot to start from.</param>
/// <param name="ToSequenceNr">The last event to replay.</param>
/// <param name="ReplayMax">The most events to replay.</param>
public sealed record Recovery(SnapshotSelectionCriteria FromSnapshot, long ToSequenceNr = long.MaxValue, long ReplayMax = long.MaxValue)
{
    /// <summary>The newest snapshot and all events after it.</summary>
    public static readonly Recovery Default = new(SnapshotSelectionCriteria.Latest);

    /// <summary>Neither snapshot nor events; only the highest sequence number is learned.</summary>
    public static readonly Recovery None = new(SnapshotSelectionCriteria.None, 0);

    /// <summary>The newest snapshot and all events after it.</summary>
    public Recovery()
        : this(SnapshotSelectionCriteria.Latest) { }
}
