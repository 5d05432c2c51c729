using Microsoft.Data.Sqlite;

namespace ClusterTransfer.Journal.Sqlite;

/// <summary>Each transfer's log for people.</summary>
internal static class TransferEventTable
{
    public static long Append(SqliteConnection connection, string id, string at, string kind, string text, string? data)
    {
        long sequence = 1 + ((long?)connection.Scalar("SELECT max(sequence) FROM transfer_events WHERE id = $id", ("$id", id)) ?? 0);
        connection.Execute(
            "INSERT INTO transfer_events (id, sequence, at, kind, text, data) VALUES ($id, $sequence, $at, $kind, $text, $data)",
            ("$id", id),
            ("$sequence", sequence),
            ("$at", at),
            ("$kind", kind),
            ("$text", text),
            ("$data", data));
        // One comes, one goes.
        connection.Execute(
            "DELETE FROM transfer_events WHERE id = $id AND sequence <= $last", ("$id", id), ("$last", sequence - ITransferCatalogue.MaxEvents));
        return sequence;
    }

    /// <exception cref="JournalFormatException">A row cannot be read.</exception>
    public static List<StoredTransferEvent> Read(SqliteConnection connection, string id, long after, int max)
    {
        try
        {
            return connection.Query(
                "SELECT sequence, at, kind, text, data FROM transfer_events WHERE id = $id AND sequence > $after ORDER BY sequence LIMIT $max",
                row => new StoredTransferEvent(
                    row.GetInt64(0), StoredTime.Parse(row.GetString(1)), row.GetString(2), row.GetString(3), row.IsDBNull(4) ? null : row.GetString(4)),
                ("$id", id),
                ("$after", after),
                ("$max", max));
        }
        catch (Exception error) when (DamagedRow.IsCause(error))
        {
            throw DamagedRow.Of(ITransferCatalogue.StreamPrefix + id, after + 1, error);
        }
    }
}
