namespace ClusterTransfer.Actors.Persistence;

/// <summary>Journal and snapshot store in memory, for tests and simulation. Calls complete at once; any thread may call.</summary>
public sealed class InMemoryJournal : IEventJournal, ISnapshotStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<object>> _streams = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<SelectedSnapshot>> _snapshots = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task<long> ReplayAsync(string persistenceId, long fromSequenceNr, long toSequenceNr, Action<PersistedEvent> onEvent, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(onEvent);
        if (cancellationToken.IsCancellationRequested) { return Task.FromCanceled<long>(cancellationToken); }
        object[] events = [.. EventsOf(persistenceId)];
        for (long number = Math.Max(1, fromSequenceNr); number <= Math.Min(toSequenceNr, events.Length); number++)
        {
            onEvent(new PersistedEvent(number, events[number - 1]));
        }
        return Task.FromResult((long)events.Length);
    }

    /// <inheritdoc/>
    public Task AppendAsync(string persistenceId, long expectedSequenceNr, IReadOnlyList<object> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (cancellationToken.IsCancellationRequested) { return Task.FromCanceled(cancellationToken); }
        lock (_lock)
        {
            if (!_streams.TryGetValue(persistenceId, out List<object>? stream)) { _streams.Add(persistenceId, stream = []); }
            if (stream.Count != expectedSequenceNr)
            {
                return Task.FromException(new SequenceConflictException(persistenceId, expectedSequenceNr, stream.Count));
            }
            stream.AddRange(events);
            return Task.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public Task<SelectedSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            SelectedSnapshot? newest = _snapshots.GetValueOrDefault(persistenceId)?
                .Where(snapshot => Fits(snapshot.Metadata, criteria))
                .MaxBy(snapshot => snapshot.Metadata.SequenceNr);
            return Task.FromResult(newest);
        }
    }

    /// <inheritdoc/>
    public Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        lock (_lock)
        {
            if (!_snapshots.TryGetValue(metadata.PersistenceId, out List<SelectedSnapshot>? stored)) { _snapshots.Add(metadata.PersistenceId, stored = []); }
            stored.RemoveAll(other => other.Metadata.SequenceNr == metadata.SequenceNr);
            stored.Add(new SelectedSnapshot(metadata, snapshot));
            return Task.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _snapshots.GetValueOrDefault(persistenceId)?.RemoveAll(snapshot => Fits(snapshot.Metadata, criteria));
            return Task.CompletedTask;
        }
    }

    /// <summary>A copy of the events of one stream, oldest first.</summary>
    public IReadOnlyList<object> EventsOf(string persistenceId)
    {
        lock (_lock)
        {
            return _streams.TryGetValue(persistenceId, out List<object>? stream) ? [.. stream] : [];
        }
    }

    private static bool Fits(SnapshotMetadata metadata, SnapshotSelectionCriteria criteria) =>
        metadata.SequenceNr >= criteria.MinSequenceNr && metadata.SequenceNr <= criteria.MaxSequenceNr
        && metadata.Timestamp <= criteria.MaxTimeStamp && (criteria.MinTimestamp is null || metadata.Timestamp >= criteria.MinTimestamp);
}
