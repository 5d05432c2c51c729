using ClusterTransfer.Model;
using Microsoft.Data.Sqlite;

namespace ClusterTransfer.Journal.Sqlite;

/// <summary>Idempotency keys: which transfer the first request with a key became.</summary>
internal static class KeyTable
{
    /// <exception cref="JournalFormatException">The row cannot be read.</exception>
    public static ClaimedKey? Find(SqliteConnection connection, string key)
    {
        try
        {
            return connection.Query(
                "SELECT body_hash, id FROM idempotency_keys WHERE key = $key",
                row => new ClaimedKey(key, row.GetString(0), new TransferId(row.GetString(1))),
                ("$key", key)).SingleOrDefault();
        }
        catch (Exception error) when (DamagedRow.IsCause(error))
        {
            throw DamagedRow.Of($"key {PathText.Escape(key)}", 0, error);
        }
    }

    public static TransferId? Claim(SqliteConnection connection, string key, string bodyHash, TransferId id, string at)
    {
        int inserted = connection.Execute(
            "INSERT INTO idempotency_keys (key, body_hash, id, at) VALUES ($key, $hash, $id, $at) ON CONFLICT (key) DO NOTHING",
            ("$key", key),
            ("$hash", bodyHash),
            ("$id", id.Value),
            ("$at", at));
        return inserted == 1 ? null : Find(connection, key)!.For(bodyHash);   // what is in the way of the insert is there
    }
}
