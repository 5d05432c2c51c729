namespace ClusterTransfer.Actors.Persistence;

/// <summary>Where persistent actors keep their events: one stream for each persistence id, sequence numbers from 1 without gaps.</summary>
public interface IEventJournal
{
    /// <summary>
    /// Calls <paramref name="onEvent"/> for each stored event of the range, in order. Events that were deleted are left out; an event
    /// that is missing and was not deleted is an error.
    /// </summary>
    /// <returns>The highest stored sequence number of the stream, 0 for none.</returns>
    Task<long> ReplayAsync(
        string persistenceId, long fromSequenceNr, long toSequenceNr, Action<PersistedEvent> onEvent, CancellationToken cancellationToken);

    /// <summary>Stores the events behind the stream's end, all or none; returns when they are durable.</summary>
    /// <exception cref="SequenceConflictException">The highest stored sequence number is not <paramref name="expectedSequenceNr"/>.</exception>
    Task AppendAsync(string persistenceId, long expectedSequenceNr, IReadOnlyList<object> events, CancellationToken cancellationToken);

    /// <summary>
    /// Removes the events up to and including that sequence number, as far as there are any. The end of the stream stays where it is:
    /// numbers are never used twice.
    /// </summary>
    Task DeleteAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken);
}
