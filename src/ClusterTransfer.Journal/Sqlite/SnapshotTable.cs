using ClusterTransfer.Actors.Persistence;
using Microsoft.Data.Sqlite;

namespace ClusterTransfer.Journal.Sqlite;

/// <summary>Snapshots of streams.</summary>
internal static class SnapshotTable
{
    private const string Fits =
        "stream = $stream AND sequence BETWEEN $minSequence AND $maxSequence AND at BETWEEN $minAt AND $maxAt";

    public static bool Save(SqliteConnection connection, SnapshotMetadata metadata, StoredPayload payload)
    {
        connection.Execute(
            "INSERT OR REPLACE INTO snapshots (stream, sequence, at, type, version, payload) VALUES ($stream, $sequence, $at, $type, $version, $payload)",
            ("$stream", metadata.PersistenceId),
            ("$sequence", metadata.SequenceNr),
            ("$at", StoredTime.From(metadata.Timestamp)),
            ("$type", payload.Name),
            ("$version", payload.Version),
            ("$payload", payload.Json));
        return true;
    }

    /// <exception cref="JournalFormatException">The newest that fits cannot be read.</exception>
    public static SelectedSnapshot? Load(SqliteConnection connection, JournalTypes types, string stream, SnapshotSelectionCriteria criteria)
    {
        try
        {
            return connection.Query(
                $"SELECT sequence, at, type, version, payload FROM snapshots WHERE {Fits} ORDER BY sequence DESC LIMIT 1",
                row => Read(row, types, stream),
                Parameters(stream, criteria)).FirstOrDefault();
        }
        catch (Exception error) when (DamagedRow.IsCause(error))
        {
            throw DamagedRow.Of(stream, 0, error);
        }
    }

    public static bool Delete(SqliteConnection connection, string stream, SnapshotSelectionCriteria criteria)
    {
        connection.Execute($"DELETE FROM snapshots WHERE {Fits}", Parameters(stream, criteria));
        return true;
    }

    private static SelectedSnapshot Read(SqliteDataReader row, JournalTypes types, string stream)
    {
        long sequence = row.GetInt64(0);
        SnapshotMetadata metadata = new(stream, sequence, StoredTime.Parse(row.GetString(1)).UtcDateTime);
        StoredPayload payload = new(row.GetString(2), row.GetInt32(3), row.GetString(4));
        return new SelectedSnapshot(metadata, types.Decode(stream, sequence, payload));
    }

    private static (string Name, object? Value)[] Parameters(string stream, SnapshotSelectionCriteria criteria) =>
    [
        ("$stream", stream),
        ("$minSequence", criteria.MinSequenceNr),
        ("$maxSequence", criteria.MaxSequenceNr),
        ("$minAt", StoredTime.From(criteria.MinTimestamp ?? DateTime.MinValue)),
        ("$maxAt", StoredTime.From(criteria.MaxTimeStamp)),
    ];
}
