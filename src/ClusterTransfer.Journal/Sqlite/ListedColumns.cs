using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace ClusterTransfer.Journal.Sqlite;

/// <summary>Fills the columns that schema 3 added to the table of transfers from what the rows have as JSON.</summary>
internal static class ListedColumns
{
    private const int RowsAtOnce = 1000;

    public static void Fill(SqliteConnection connection)
    {
        string last = string.Empty;
        while (true)
        {
            List<(string Id, string Json)> rows = connection.Query(
                "SELECT id, json FROM transfers WHERE id > $last ORDER BY id LIMIT $most",
                row => (row.GetString(0), row.GetString(1)),
                ("$last", last),
                ("$most", RowsAtOnce));
            foreach ((string id, string json) in rows)
            {
                FillRow(connection, id, json);
                last = id;
            }

            if (rows.Count < RowsAtOnce)
            {
                return;
            }
        }
    }

    // Reads the text, not the resource: this step must do the same for ever, whatever becomes of that class.
    private static void FillRow(SqliteConnection connection, string id, string json)
    {
        try
        {
            using JsonDocument row = JsonDocument.Parse(json);
            connection.Execute(
                "UPDATE transfers SET ended_at = $ended, source_location = $from, destination_location = $into, source_node = $reader, destination_node = $writer WHERE id = $id",
                ("$ended", row.RootElement.TryGetProperty("endedAt", out JsonElement ended) && ended.TryGetDateTimeOffset(out DateTimeOffset at) ? StoredTime.From(at) : StoredTime.Never),
                ("$from", TransferTable.LocationOf(Text(row, "source"))),
                ("$into", TransferTable.LocationOf(Text(row, "destination"))),
                ("$reader", Text(row, "sourceNode")),
                ("$writer", Text(row, "destinationNode")),
                ("$id", id));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // A row that cannot be read is left out of lists anyway; its coordinator writes it anew from the stream.
        }
    }

    private static string Text(JsonDocument row, string name) =>
        row.RootElement.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : string.Empty;
}
