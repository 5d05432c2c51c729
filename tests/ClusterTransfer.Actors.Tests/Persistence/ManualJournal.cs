using ClusterTransfer.Actors.Persistence;

namespace ClusterTransfer.Actors.Tests.Persistence;

/// <summary>A journal in memory that holds back or fails calls when the test says so.</summary>
internal sealed class ManualJournal : IEventJournal, ISnapshotStore
{
    private readonly InMemoryJournal _inner = new();

    public InMemoryJournal Inner => _inner;

    /// <summary>Appends wait for this.</summary>
    public Task Appends { get; set; } = Task.CompletedTask;

    /// <summary>Replays wait for this.</summary>
    public Task Replays { get; set; } = Task.CompletedTask;

    /// <summary>Largest range asked for in one replay.</summary>
    public long LargestReplay { get; private set; }

    public bool ThrowOnSnapshot { get; set; }

    /// <summary>Batches with this event are refused.</summary>
    public object? Reject { get; set; }

    public bool ThrowOnDelete { get; set; }

    public int AppendCalls { get; private set; }

    public async Task<long> ReplayAsync(string persistenceId, long fromSequenceNr, long toSequenceNr, Action<PersistedEvent> onEvent, CancellationToken cancellationToken)
    {
        LargestReplay = Math.Max(LargestReplay, toSequenceNr - fromSequenceNr + 1);
        await Replays.ConfigureAwait(false);
        return await _inner.ReplayAsync(persistenceId, fromSequenceNr, toSequenceNr, onEvent, cancellationToken).ConfigureAwait(false);
    }

    public async Task AppendAsync(string persistenceId, long expectedSequenceNr, IReadOnlyList<object> events, CancellationToken cancellationToken)
    {
        AppendCalls++;
        await Appends.ConfigureAwait(false);
        if (Reject is not null && events.Contains(Reject)) { throw new EventRejectedException("unlucky"); }
        await _inner.AppendAsync(persistenceId, expectedSequenceNr, events, cancellationToken).ConfigureAwait(false);
    }

    public Task DeleteAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken) =>
        ThrowOnDelete ? throw new IOException("disk") : _inner.DeleteAsync(persistenceId, toSequenceNr, cancellationToken);

    public Task<SelectedSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken) =>
        _inner.LoadAsync(persistenceId, criteria, cancellationToken);

    public Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken) =>
        ThrowOnSnapshot ? throw new IOException("disk") : _inner.SaveAsync(metadata, snapshot, cancellationToken);

    public Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken) =>
        _inner.DeleteAsync(persistenceId, criteria, cancellationToken);
}
