using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using Microsoft.Data.Sqlite;

namespace ClusterTransfer.Journal.Sqlite;

/// <summary>One row for each transfer, a cache of its stream that can be listed and filtered.</summary>
internal static class TransferTable
{
    private static readonly TransferState[] TerminalStates =
        [TransferState.Completed, TransferState.Partial, TransferState.Failed, TransferState.Cancelled];

    /// <summary>The states of transfers that have ended, as a list in SQL.</summary>
    public static readonly string TerminalList = string.Join(", ", TerminalStates.Select(state => $"'{state}'"));

    public static bool Upsert(SqliteConnection connection, TransferResource transfer, string json)
    {
        connection.Execute(
            "INSERT INTO transfers (id, state, created_at, ended_at, source_location, destination_location, source_node, destination_node, json) "
            + "VALUES ($id, $state, $created, $ended, $from, $into, $reader, $writer, $json) "
            + "ON CONFLICT (id) DO UPDATE SET state = excluded.state, created_at = excluded.created_at, ended_at = excluded.ended_at, "
            + "source_location = excluded.source_location, destination_location = excluded.destination_location, "
            // Between two sessions a transfer has no nodes; whoever asks for those of a node means the last ones then.
            + "source_node = CASE excluded.source_node WHEN '' THEN source_node ELSE excluded.source_node END, "
            + "destination_node = CASE excluded.destination_node WHEN '' THEN destination_node ELSE excluded.destination_node END, json = excluded.json",
            ("$id", transfer.Id.Value),
            ("$state", transfer.State.ToString()),
            ("$created", StoredTime.From(transfer.CreatedAt)),
            ("$ended", transfer.EndedAt is { } ended ? StoredTime.From(ended) : StoredTime.Never),
            ("$from", LocationOf(transfer.Source)),
            ("$into", LocationOf(transfer.Destination)),
            ("$reader", transfer.SourceNode?.Value ?? string.Empty),
            ("$writer", transfer.DestinationNode?.Value ?? string.Empty),
            ("$json", json));
        return true;
    }

    /// <summary>The location in an address; the whole text where there is none.</summary>
    public static string LocationOf(string address) => address.Split(':', 2)[0];

    /// <exception cref="JournalFormatException">The row cannot be read.</exception>
    public static TransferResource? Get(SqliteConnection connection, TransferId id)
    {
        object? stored = connection.Scalar("SELECT json FROM transfers WHERE id = $id", ("$id", id.Value));
        return stored is null
            ? null
            : (stored is string json ? Read(json) : null) ?? throw new JournalFormatException(
                ITransferCatalogue.StreamPrefix + id.Value, 0, Reason.DiskError, "in the table of transfers, does not read as a transfer");
    }

    public static IReadOnlyList<TransferId> FindByPrefix(SqliteConnection connection, string prefix, int limit) =>
        Ids(connection.Query(
            // '{' is the character behind 'z', the last one an id may have.
            "SELECT id FROM transfers WHERE id >= $prefix AND id < $end ORDER BY id LIMIT $limit",
            row => row.GetString(0),
            ("$prefix", prefix),
            ("$end", prefix + "{"),
            ("$limit", limit)));

    /// <summary>The rows of a list, in its order.</summary>
    public static List<ListedRow> List(SqliteConnection connection, TransferListSql list) => connection.Query(
        list.Text, row => new ListedRow(row.GetString(0), row.GetString(1), Read(row.GetString(2))), [.. list.Parameters]);

    public static IReadOnlyList<TransferId> ListOpen(SqliteConnection connection) =>
        Ids(connection.Query(
            // '.' is the character behind '-', so the range is every name that starts with the prefix.
            "SELECT substr(s.name, 10) FROM streams s LEFT JOIN transfers t ON t.id = substr(s.name, 10) "
            + $"WHERE s.name >= 'transfer-' AND s.name < 'transfer.' AND (t.id IS NULL OR t.state NOT IN ({TerminalList})) ORDER BY s.name",
            row => row.GetString(0)));

    private static TransferResource? Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ApiJson.Default.TransferResource);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or FormatException or TimeoutException)
        {
            return null;
        }
    }

    private static List<TransferId> Ids(List<string> texts)
    {
        List<TransferId> ids = new(texts.Count);
        foreach (string text in texts)
        {
            if (TransferId.TryParse(text, null, out TransferId id))
            {
                ids.Add(id);
            }
        }

        return ids;
    }
}
