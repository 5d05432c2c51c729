using ClusterTransfer.Model;
using Microsoft.Data.Sqlite;

namespace ClusterTransfer.Journal.Sqlite;

/// <summary>Idempotency keys: which transfer the first request with a key became.</summary>
internal static class KeyTable
{
    public static TransferId? Claim(SqliteConnection connection, string key, string bodyHash, TransferId id, string at)
    {
        int inserted = connection.Execute(
            "INSERT INTO idempotency_keys (key, body_hash, id, at) VALUES ($key, $hash, $id, $at) ON CONFLICT (key) DO NOTHING",
            ("$key", key),
            ("$hash", bodyHash),
            ("$id", id.Value),
            ("$at", at));
        if (inserted == 1)
        {
            return null;
        }

        (string storedHash, string storedId) = connection.Query(
            "SELECT body_hash, id FROM idempotency_keys WHERE key = $key", row => (row.GetString(0), row.GetString(1)), ("$key", key))[0];
        return storedHash == bodyHash
            ? new TransferId(storedId)
            : throw new ClusterTransferException(
                Reason.WrongState, $"This idempotency key was used for another request, which became transfer {storedId}: use a new key.");
    }
}
