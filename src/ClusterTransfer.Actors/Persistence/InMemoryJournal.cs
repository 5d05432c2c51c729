namespace ClusterTransfer.Actors.Persistence;

/// <summary>Journal and snapshot store in memory, for tests and simulation. Calls complete at once; any thread may call.</summary>
public sealed class InMemoryJournal : IEventJournal, ISnapshotStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, EventList> _streams = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<SelectedSnapshot>> _snapshots = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task<long> ReplayAsync(string persistenceId, long fromSequenceNr, long toSequenceNr, Action<PersistedEvent> onEvent, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(onEvent);
        if (cancellationToken.IsCancellationRequested) { return Task.FromCanceled<long>(cancellationToken); }
        var events = new List<PersistedEvent>();
        long highest;
        lock (_lock)
        {
            if (!_streams.TryGetValue(persistenceId, out EventList? stream)) { return Task.FromResult(0L); }
            highest = stream.Highest;
            for (long number = Math.Max(stream.Deleted + 1, fromSequenceNr); number <= Math.Min(toSequenceNr, highest); number++)
            {
                events.Add(new PersistedEvent(number, stream.Events[(int)(number - stream.Deleted - 1)]));
            }
        }
        // Outside of the lock: this is the caller's code.
        events.ForEach(onEvent);
        return Task.FromResult(highest);
    }

    /// <inheritdoc/>
    public Task AppendAsync(string persistenceId, long expectedSequenceNr, IReadOnlyList<object> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (cancellationToken.IsCancellationRequested) { return Task.FromCanceled(cancellationToken); }
        lock (_lock)
        {
            if (!_streams.TryGetValue(persistenceId, out EventList? stream)) { _streams.Add(persistenceId, stream = new EventList()); }
            if (stream.Highest != expectedSequenceNr)
            {
                return Task.FromException(new SequenceConflictException(persistenceId, expectedSequenceNr, stream.Highest));
            }
            stream.Events.AddRange(events);
            return Task.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) { return Task.FromCanceled(cancellationToken); }
        lock (_lock)
        {
            if (_streams.TryGetValue(persistenceId, out EventList? stream))
            {
                long to = Math.Min(toSequenceNr, stream.Highest);
                if (to > stream.Deleted)
                {
                    stream.Events.RemoveRange(0, (int)(to - stream.Deleted));
                    stream.Deleted = to;
                }
            }
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

    /// <summary>A copy of the events of one stream that are not deleted, oldest first.</summary>
    public IReadOnlyList<object> EventsOf(string persistenceId)
    {
        lock (_lock)
        {
            return _streams.TryGetValue(persistenceId, out EventList? stream) ? [.. stream.Events] : [];
        }
    }

    private static bool Fits(SnapshotMetadata metadata, SnapshotSelectionCriteria criteria) =>
        metadata.SequenceNr >= criteria.MinSequenceNr && metadata.SequenceNr <= criteria.MaxSequenceNr
        && metadata.Timestamp <= criteria.MaxTimeStamp && (criteria.MinTimestamp is null || metadata.Timestamp >= criteria.MinTimestamp);

    private sealed class EventList
    {
        public List<object> Events { get; } = [];

        /// <summary>The highest number deleted; 0 for none.</summary>
        public long Deleted { get; set; }

        public long Highest => Deleted + Events.Count;
    }
}
