using System.Text.Json;
using ClusterTransfer.Model;
using Microsoft.Data.Sqlite;

namespace ClusterTransfer.Journal.Sqlite;

/// <summary>Removes all that is kept of transfers that ended long ago: row, log, stream, and the keys that led to them.</summary>
internal static class PruneWork
{
    /// <returns>How many transfers and orphaned keys went.</returns>
    public static int Run(SqliteConnection connection, string before, IEnumerable<TransferId> except, int max)
    {
        string kept = ToJson(except.Select(id => id.Value));
        List<string> ids = connection.Query(
            "SELECT id FROM transfers INDEXED BY transfers_by_end "
            + $"WHERE ended_at < $before AND state IN ({TransferTable.TerminalList}) AND id NOT IN (SELECT value FROM json_each($kept)) ORDER BY ended_at, id LIMIT $max",
            row => row.GetString(0),
            ("$before", before),
            ("$kept", kept),
            ("$max", max));
        if (ids.Count > 0)
        {
            string gone = ToJson(ids);
            const string those = "(SELECT value FROM json_each($ids))";
            const string streams = "(SELECT 'transfer-' || value FROM json_each($ids))";
            connection.Execute($"DELETE FROM transfer_events WHERE id IN {those}", ("$ids", gone));
            connection.Execute($"DELETE FROM snapshots WHERE stream IN {streams}", ("$ids", gone));
            connection.Execute($"DELETE FROM events WHERE stream IN {streams}", ("$ids", gone));
            connection.Execute($"DELETE FROM streams WHERE name IN {streams}", ("$ids", gone));
            connection.Execute($"DELETE FROM idempotency_keys WHERE id IN {those}", ("$ids", gone));
            connection.Execute($"DELETE FROM transfers WHERE id IN {those}", ("$ids", gone));
            return ids.Count;
        }

        // A submit that got no further than its key has neither row nor stream.
        return connection.Execute(
            "DELETE FROM idempotency_keys WHERE key IN (SELECT key FROM idempotency_keys k WHERE k.at < $before "
            + "AND NOT EXISTS (SELECT 1 FROM transfers WHERE id = k.id) AND NOT EXISTS (SELECT 1 FROM streams WHERE name = 'transfer-' || k.id) LIMIT $max)",
            ("$before", before),
            ("$max", max));
    }

    private static string ToJson(IEnumerable<string> texts) => JsonSerializer.Serialize([.. texts], ListedJson.Default.StringArray);
}
