namespace ClusterTransfer.Actors.Persistence;

/// <content>Snapshots.</content>
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

    private ISnapshotStore SnapshotStore => Cell.System.SnapshotStore
        ?? throw new InvalidOperationException($"The actor system {Cell.System.Name} has no snapshot store.");
}
