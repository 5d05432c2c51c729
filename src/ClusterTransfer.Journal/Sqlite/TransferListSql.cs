using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Journal.Sqlite;

/// <summary>The statement that reads one page of transfers: fixed pieces put together, values only as parameters.</summary>
/// <remarks>The index of the order has all that filters look at. SQLite walks it from the cursor on and stops when the page is full; it never sorts,
/// and it opens the wide rows of this page only (the inner SELECT).</remarks>
internal sealed class TransferListSql
{
    private readonly List<(string Name, object? Value)> _parameters = [];

    /// <param name="list">What to list.</param>
    /// <param name="leftOut">Ids of transfers that are listed from elsewhere.</param>
    public TransferListSql(TransferList list, IEnumerable<TransferId> leftOut)
    {
        TransferListQuery query = list.Query;
        (string key, string index) = list.ByCreation ? ("created_at", "transfers_by_creation") : ("ended_at", "transfers_by_end");
        string direction = list.Descending ? "DESC" : "ASC";

        var text = new StringBuilder(
            $"SELECT id, {key}, (SELECT json FROM transfers whole WHERE whole.id = listed.id) FROM transfers listed INDEXED BY {index} "
            + $"WHERE id NOT IN (SELECT value FROM json_each({Add("leftOut", JsonSerializer.Serialize(leftOut.Select(id => id.Value).ToArray(), ListedJson.Default.StringArray))}))");
        if (query.States.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" AND state IN ({string.Join(", ", query.States.Distinct().Select(state => Add("state", state.ToString())))})");
        }

        if (query.Location is { } location)
        {
            text.Append(CultureInfo.InvariantCulture, $" AND {Add("location", location.Value)} IN (source_location, destination_location)");
        }

        if (query.Node is { } node)
        {
            text.Append(CultureInfo.InvariantCulture, $" AND {Add("node", node.Value)} IN (source_node, destination_node)");
        }

        if (query.CreatedAfter is { } after)
        {
            text.Append(CultureInfo.InvariantCulture, $" AND created_at >= {Add("after", StoredTime.From(after))}");
        }

        if (query.CreatedBefore is { } before)
        {
            text.Append(CultureInfo.InvariantCulture, $" AND created_at < {Add("before", StoredTime.From(before))}");
        }

        if (list.Cursor is { } from)
        {
            text.Append(CultureInfo.InvariantCulture, $" AND ({key}, id) {(list.Descending ? '<' : '>')} ({Add("at", from.At)}, {Add("id", from.Id)})");
        }

        // One more than asked for tells whether there is another page.
        text.Append(CultureInfo.InvariantCulture, $" ORDER BY {key} {direction}, id {direction} LIMIT {Add("limit", list.Limit + 1)}");
        Text = text.ToString();
    }

    public string Text { get; }

    public IReadOnlyList<(string Name, object? Value)> Parameters => _parameters;

    private string Add(string name, object value)
    {
        string unique = $"${name}{_parameters.Count.ToString(CultureInfo.InvariantCulture)}";
        _parameters.Add((unique, value));
        return unique;
    }
}

/// <summary>JSON of the ids that a list leaves out.</summary>
[JsonSerializable(typeof(string[]))]
internal sealed partial class ListedJson : JsonSerializerContext;
