using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Client;

/// <summary>Lists of transfers.</summary>
public sealed partial class ClusterTransferClient
{
    /// <summary>All transfers, newest first, fetched page by page as they are consumed.</summary>
    public IAsyncEnumerable<TransferResource> ListAsync(TransferState? state = null, CancellationToken cancellationToken = default) =>
        ListAsync(new TransferListQuery { States = state is { } only ? [only] : [], Limit = PageSize }, cancellationToken);

    /// <summary>All transfers that a query means, fetched page by page as they are consumed.</summary>
    /// <param name="query">Filters and order; <see cref="TransferListQuery.Limit"/> is the size of the pages.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async IAsyncEnumerable<TransferResource> ListAsync(TransferListQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? cursor = query.Cursor;
        do
        {
            TransferPage page = await ListPageAsync(query with { Cursor = cursor }, cancellationToken).ConfigureAwait(false);
            foreach (TransferResource transfer in page.Items)
            {
                yield return transfer;
            }

            // A cursor that does not move would make this loop endless. A page may be empty and still lead on.
            cursor = page.NextCursor != cursor ? page.NextCursor : null;
        }
        while (cursor is not null);
    }

    /// <summary>One page of transfers, newest first.</summary>
    /// <param name="state">Only those in this state; null for all.</param>
    /// <param name="cursor"><see cref="TransferPage.NextCursor"/> of the page before; null for the first.</param>
    /// <param name="limit">1 to 200.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<TransferPage> ListPageAsync(TransferState? state, string? cursor, int limit, CancellationToken cancellationToken = default) =>
        ListPageAsync(new TransferListQuery { States = state is { } only ? [only] : [], Cursor = cursor, Limit = limit }, cancellationToken);

    /// <summary>One page of the transfers that a query means.</summary>
    public Task<TransferPage> ListPageAsync(TransferListQuery query, CancellationToken cancellationToken = default)
    {
        var text = new StringBuilder(Transfers).Append(CultureInfo.InvariantCulture, $"?limit={query.Limit}");
        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                text.Append(CultureInfo.InvariantCulture, $"&{name}={Uri.EscapeDataString(value)}");
            }
        }

        // What is the default is left out: a node that does not know it yet need not be asked for it.
        Add("state", string.Join(',', query.States));
        Add("location", query.Location?.Value);
        Add("node", query.Node?.Value);
        Add("createdAfter", Time(query.CreatedAfter));
        Add("createdBefore", Time(query.CreatedBefore));
        Add("sort", query.Sort == default ? null : query.Sort.ToText());
        Add("cursor", query.Cursor);
        return GetAsync(text.ToString(), ApiJson.Default.TransferPage, cancellationToken);
    }

    private static string? Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
