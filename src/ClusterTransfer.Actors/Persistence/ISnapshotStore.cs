namespace ClusterTransfer.Actors.Persistence;

/// <summary>Where persistent actors keep snapshots, which shorten replay and are never needed.</summary>
public interface ISnapshotStore
{
    /// <summary>The newest snapshot that fits, or null.</summary>
    Task<SelectedSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken);

    /// <summary>Stores a snapshot; one of the same sequence number is replaced.</summary>
    Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken);

    /// <summary>Removes all snapshots that fit.</summary>
    Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken);
}
