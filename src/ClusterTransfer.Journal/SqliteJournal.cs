using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.Journal.Sqlite;
using ClusterTransfer.Model;
using Microsoft.Data.Sqlite;

namespace ClusterTransfer.Journal;

/// <summary>The transfer journal in one SQLite file: streams, snapshots and catalogue. A write is durable when its task completes.</summary>
/// <remarks>One writer thread groups what waits into one transaction and one flush; reads run beside it on their own threads.
/// Never on a network file system. When <see cref="Failed"/> completes the process has to stop: restart is the recovery.
/// Cancelling a write works until the writer takes it up; a cancelled write was not stored.</remarks>
public sealed partial class SqliteJournal : IEventJournal, ISnapshotStore, ITransferCatalogue, IAsyncDisposable
{
    private const int MaxNameLength = 255;

    // Callers that wait for room beside those whose work is queued: a bound against a runaway producer, far above what actors need.
    private const int MaxWaiters = 16_384;

    private readonly JournalFile _file;
    private readonly JournalTypes _types;
    private readonly TimeProvider _time;
    private readonly SqlQueue _writes;
    private readonly SqlQueue _reads;
    private readonly WriterThread _writer;
    private readonly ReaderThread[] _readers;
    private int _disposed;

    private SqliteJournal(
        JournalFile file, JournalTypes types, TimeProvider time, SqliteJournalOptions options, SqliteConnection writer, IReadOnlyList<SqliteConnection> readers)
    {
        _file = file;
        _types = types;
        _time = time;
        _writes = new SqlQueue(options.WriteQueueLength, MaxWaiters);
        _reads = new SqlQueue(options.ReadQueueLength, MaxWaiters);
        _writer = new WriterThread(_writes, writer, file.Path, options.MaxBatch);
        _readers = [.. readers.Select(connection => new ReaderThread(_reads, connection, file.Path))];
    }

    /// <summary>Completes, with the reason, when the disk has failed a write or is found damaged while writing. Every later write fails too.</summary>
    public Task<Problem> Failed => _writer.Failed;

    /// <summary>Whether the process before ended without closing the journal.</summary>
    public bool RecoveredFromUncleanStop => _file.UncleanStop;

    /// <summary>Transactions, and so flushes, so far; fewer than writes when they were grouped.</summary>
    public long Commits => _writer.Commits;

    /// <summary>How often a caller had to wait for room in a queue.</summary>
    public long QueueWaits => _writes.Waits + _reads.Waits;

    /// <summary>Opens the journal, creating file and tables if missing; the folder must exist.</summary>
    /// <exception cref="ClusterTransferException">It is damaged, in use, of a newer version, or SQLite is not installed; says which, with file and remedy.</exception>
    public static Task<SqliteJournal> OpenAsync(string file, JournalTypes types, TimeProvider timeProvider, CancellationToken cancellationToken) =>
        OpenAsync(file, types, timeProvider, new SqliteJournalOptions(), cancellationToken);

    /// <inheritdoc cref="OpenAsync(string, JournalTypes, TimeProvider, CancellationToken)"/>
    public static async Task<SqliteJournal> OpenAsync(
        string file, JournalTypes types, TimeProvider timeProvider, SqliteJournalOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(types);
        types.Freeze();

        // Recovery and the check may read the whole file: not on a pool thread.
        return await Task.Factory.StartNew(
            () => Open(file, types, timeProvider, options),
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<long> ReplayAsync(
        string persistenceId, long fromSequenceNr, long toSequenceNr, Action<PersistedEvent> onEvent, CancellationToken cancellationToken)
    {
        CheckName(persistenceId);
        (long highest, List<PersistedEvent> events) = await _reads.RunAsync(
            connection => EventTable.Read(connection, _types, persistenceId, fromSequenceNr, toSequenceNr), cancellationToken).ConfigureAwait(false);
        foreach (PersistedEvent stored in events)
        {
            cancellationToken.ThrowIfCancellationRequested();
            onEvent(stored);
        }

        return highest;
    }

    /// <inheritdoc/>
    public Task AppendAsync(string persistenceId, long expectedSequenceNr, IReadOnlyList<object> events, CancellationToken cancellationToken)
    {
        CheckName(persistenceId);
        ArgumentOutOfRangeException.ThrowIfNegative(expectedSequenceNr);
        StoredPayload[] payloads = [.. events.Select(_types.Encode)];
        string at = StoredTime.From(_time.GetUtcNow());
        return _writes.RunAsync(connection => EventTable.Append(connection, persistenceId, expectedSequenceNr, payloads, at), cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken)
    {
        CheckName(persistenceId);
        return _writes.RunAsync(connection => EventTable.Delete(connection, persistenceId, toSequenceNr), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<SelectedSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken)
    {
        CheckName(persistenceId);
        return _reads.RunAsync(connection => SnapshotTable.Load(connection, _types, persistenceId, criteria), cancellationToken);
    }

    /// <inheritdoc/>
    public Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken)
    {
        CheckName(metadata.PersistenceId);
        StoredPayload payload = _types.Encode(snapshot);
        return _writes.RunAsync(connection => SnapshotTable.Save(connection, metadata, payload), cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken)
    {
        CheckName(persistenceId);
        return _writes.RunAsync(connection => SnapshotTable.Delete(connection, persistenceId, criteria), cancellationToken);
    }

    /// <summary>Finishes what was accepted, then closes the file cleanly.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        // Readers first: the last connection to close, the writer's, then folds the log into the database.
        _reads.Close();
        await Task.WhenAll(_readers.Select(reader => reader.Ended)).ConfigureAwait(false);
        _writes.Close();
        await _writer.Ended.ConfigureAwait(false);
        _reads.Dispose();
        _writes.Dispose();
        _file.Dispose();
    }

    private static void CheckName(string persistenceId)
    {
        ArgumentException.ThrowIfNullOrEmpty(persistenceId);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(persistenceId.Length, MaxNameLength, nameof(persistenceId));
    }

    private static SqliteJournal Open(string file, JournalTypes types, TimeProvider time, SqliteJournalOptions options)
    {
        SystemSqlite.EnsureLoaded();
        JournalFile held = JournalFile.Open(file);
        List<SqliteConnection> connections = [];
        try
        {
            SqliteConnection writer = SqliteConnections.OpenWriter(held.Path, options);
            connections.Add(writer);
            held.CheckAfterUncleanStop(writer, options.MaxCheckedSize);
            Schema.Migrate(writer, held.Path);
            for (int i = 0; i < options.Readers; i++)
            {
                connections.Add(SqliteConnections.OpenReader(held.Path, options));
            }

            SqliteJournal journal = new(held, types, time, options, writer, connections[1..]);
            journal._writer.Start();
            for (int i = 0; i < journal._readers.Length; i++)
            {
                journal._readers[i].Start(i);
            }

            return journal;
        }
        catch (Exception error)
        {
            connections.ForEach(connection => connection.Dispose());
            held.Dispose();
            if (error is SqliteException sqlite)
            {
                throw SqliteFailure.Translate(sqlite, held.Path);
            }

            throw;
        }
    }
}
