using System.Globalization;
using System.Text;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Client;

/// <summary>A query of transfers as an address has it.</summary>
internal static class ListAddress
{
    /// <summary>From the question mark on; what has its default is left out, so that an older node is not asked for what it does not know.</summary>
    public static string Of(TransferListQuery query)
    {
        var text = new StringBuilder("?limit=").Append(query.Limit.ToString(CultureInfo.InvariantCulture));
        Add("state", query.States.Count > 0 ? string.Join(',', query.States) : null);
        Add("location", query.Location?.Value);
        Add("node", query.Node?.Value);
        Add("createdAfter", query.CreatedAfter?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        Add("createdBefore", query.CreatedBefore?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        Add("sort", query.Sort == default ? null : query.Sort.ToText());
        Add("cursor", query.Cursor);
        return text.ToString();

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                text.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }
    }
}
