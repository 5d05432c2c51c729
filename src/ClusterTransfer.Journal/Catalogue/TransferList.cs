using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Journal;

/// <summary>One list of transfers: its order, what belongs to it, and where its page begins.</summary>
/// <exception cref="ClusterTransfer.Model.ClusterTransferException">The cursor is not one of this list.</exception>
internal sealed class TransferList(TransferListQuery query)
{
    public TransferListQuery Query { get; } = query;

    /// <summary>Where the page begins; null for the beginning.</summary>
    public ListCursor? Cursor { get; } = ListCursor.Of(query);

    /// <summary>Transfers of a page, at most.</summary>
    public int Limit { get; } = Math.Clamp(query.Limit, 1, TransferListQuery.MaxLimit);

    /// <summary>Whether the time is that of the creation, and not of the end.</summary>
    public bool ByCreation { get; } = query.Sort is TransferSort.NewestFirst or TransferSort.OldestFirst;

    /// <summary>Whether the latest time comes first.</summary>
    public bool Descending { get; } = query.Sort is TransferSort.NewestFirst or TransferSort.LatestEndFirst;

    /// <summary>The page, from the stored rows behind the cursor (no more are needed than fill it and one) and all live transfers; no id is in both.</summary>
    /// <returns>The page, and how many of its rows could not be read; those are left out, so that one bad row does not hide the others.</returns>
    public (TransferPage Page, int Damaged) Join(IReadOnlyList<ListedRow> stored, IReadOnlyList<LiveTransfer> live)
    {
        IEnumerable<ListedRow> rows = stored.Concat(live.Where(Matches).Select(one => new ListedRow(one.Transfer.Id.Value, KeyOf(one.Transfer), one.Transfer)).Where(IsBehindCursor));
        ListedRow[] page = [.. rows.Order(Comparer<ListedRow>.Create(Compare)).Take(Limit + 1)];
        bool more = page.Length > Limit;
        if (more)
        {
            page = page[..^1];
        }

        TransferResource[] items = [.. page.Where(row => row.Transfer is not null).Select(row => row.Transfer!)];
        string? next = more ? new ListCursor(Query.Sort, ListCursor.FiltersOf(Query), page[^1].At, page[^1].Id).Encode() : null;
        return (new TransferPage { Items = items, NextCursor = next }, page.Length - items.Length);
    }

    private string KeyOf(TransferResource transfer) =>
        ByCreation ? StoredTime.From(transfer.CreatedAt) : transfer.EndedAt is { } ended ? StoredTime.From(ended) : StoredTime.Never;

    // The same as the statement says for rows.
    private bool Matches(LiveTransfer live)
    {
        TransferResource transfer = live.Transfer;
        return (Query.States.Count == 0 || Query.States.Contains(transfer.State))
            && (Query.Location is not { } location || transfer.Source.Split(':', 2)[0] == location.Value || transfer.Destination.Split(':', 2)[0] == location.Value)
            && (Query.Node is not { } node || live.Reader == node || live.Writer == node)
            && (Query.CreatedAfter is not { } after || transfer.CreatedAt >= after)
            && (Query.CreatedBefore is not { } before || transfer.CreatedAt < before);
    }

    private bool IsBehindCursor(ListedRow row) => Cursor is not { } cursor || Compare(row, new ListedRow(cursor.Id, cursor.At, null)) > 0;

    private int Compare(ListedRow one, ListedRow other)
    {
        int order = string.CompareOrdinal(one.At, other.At);
        order = order != 0 ? order : string.CompareOrdinal(one.Id, other.Id);
        return Descending ? -order : order;
    }
}

/// <summary>A transfer in a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="At">The time it is sorted by, as stored.</param>
/// <param name="Transfer">The transfer; null where its row cannot be read.</param>
internal sealed record ListedRow(string Id, string At, TransferResource? Transfer);
