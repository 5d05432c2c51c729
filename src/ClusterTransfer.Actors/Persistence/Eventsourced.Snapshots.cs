namespace ClusterTransfer.Actors.Persistence;

/// <content>Snapshots, and deletion of what they make superfluous.</content>
public abstract partial class Eventsourced
{
    /// <summary>Stores the state; <see cref="SaveSnapshotSuccess"/> or <see cref="SaveSnapshotFailure"/> arrives as a command. The object must not change any more.</summary>
    public void SaveSnapshot(object snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var metadata = new SnapshotMetadata(PersistenceId, SnapshotSequenceNr, Cell.System.TimeProvider.GetUtcNow().UtcDateTime);
        CallJournal(() => SnapshotStore.SaveAsync(metadata, snapshot, CancellationToken.None))
            .PipeTo(Self, Self, () => new SaveSnapshotSuccess(metadata), error => new SaveSnapshotFailure(metadata, error));
    }

    /// <summary>Deletes snapshots; <see cref="DeleteSnapshotsSuccess"/> or <see cref="DeleteSnapshotsFailure"/> arrives as a command.</summary>
    public void DeleteSnapshots(SnapshotSelectionCriteria criteria)
    {
        ArgumentNullException.ThrowIfNull(criteria);
        CallJournal(() => SnapshotStore.DeleteAsync(PersistenceId, criteria, CancellationToken.None))
            .PipeTo(Self, Self, () => new DeleteSnapshotsSuccess(criteria), error => new DeleteSnapshotsFailure(criteria, error));
    }

    /// <summary>Deletes the snapshot of that sequence number; <see cref="DeleteSnapshotSuccess"/> or <see cref="DeleteSnapshotFailure"/> arrives as a command.</summary>
    public void DeleteSnapshot(long sequenceNr)
    {
        var metadata = new SnapshotMetadata(PersistenceId, sequenceNr, DateTime.MinValue);
        var criteria = new SnapshotSelectionCriteria(sequenceNr, DateTime.MaxValue, sequenceNr);
        CallJournal(() => SnapshotStore.DeleteAsync(PersistenceId, criteria, CancellationToken.None))
            .PipeTo(Self, Self, () => new DeleteSnapshotSuccess(metadata), error => new DeleteSnapshotFailure(metadata, error));
    }

    /// <summary>
    /// Deletes the events up to and including a sequence number; <see cref="DeleteMessagesSuccess"/> or <see cref="DeleteMessagesFailure"/>
    /// arrives as a command. Later events keep their numbers. Delete only what a snapshot covers.
    /// </summary>
    public void DeleteMessages(long toSequenceNr)
    {
        // Never beyond what this actor has seen: events still on their way are not meant.
        long to = Math.Min(toSequenceNr, LastSequenceNr);
        CallJournal(() => Journal.DeleteAsync(PersistenceId, to, CancellationToken.None))
            .PipeTo(Self, Self, () => new DeleteMessagesSuccess(toSequenceNr), error => new DeleteMessagesFailure(error, toSequenceNr));
    }

    private ISnapshotStore SnapshotStore => Cell.System.SnapshotStore
        ?? throw new InvalidOperationException($"The actor system {Cell.System.Name} has no snapshot store.");
}
