using System.Text.Json.Serialization;

namespace ClusterTransfer.Model.Api;

/// <summary>Which transfers to list, and in which order.</summary>
public sealed record TransferListQuery
{
    /// <summary>Largest page.</summary>
    public const int MaxLimit = 200;

    /// <summary>Page size when none is asked for.</summary>
    public const int DefaultLimit = 50;

    /// <summary>Only those in one of these states; empty for all.</summary>
    public IReadOnlyList<TransferState> States { get; init => field = value ?? []; } = [];

    /// <summary>Only those that read from or write to this location; null for all.</summary>
    public LocationName? Location { get; init; }

    /// <summary>Only those that this node reads or writes, or did in their last session; null for all.</summary>
    public NodeId? Node { get; init; }

    /// <summary>Only those created at this time or later; null for no bound.</summary>
    public DateTimeOffset? CreatedAfter { get; init; }

    /// <summary>Only those created before this time; null for no bound.</summary>
    public DateTimeOffset? CreatedBefore { get; init; }

    /// <summary>The order.</summary>
    public TransferSort Sort { get; init; }

    /// <summary><see cref="TransferPage.NextCursor"/> of the page before, which must have been asked with the same order and filters; null for the first page.</summary>
    public string? Cursor { get; init; }

    /// <summary>At most so many, 1 to <see cref="MaxLimit"/>.</summary>
    public int Limit { get; init; } = DefaultLimit;
}

/// <summary>The order of a list of transfers; where times are equal, the id decides.</summary>
[JsonConverter(typeof(EnumNameConverter<TransferSort>))]
public enum TransferSort
{
    /// <summary>By creation, the newest first.</summary>
    NewestFirst,

    /// <summary>By creation, the oldest first.</summary>
    OldestFirst,

    /// <summary>By end, the latest first; those that have not ended come before all others.</summary>
    LatestEndFirst,

    /// <summary>By end, the earliest first; those that have not ended come after all others.</summary>
    EarliestEndFirst,
}

/// <summary>The names of orders in the API: the field, with a minus for descending.</summary>
public static class TransferSorts
{
    private static readonly (TransferSort Sort, string Text)[] Names =
    [
        (TransferSort.NewestFirst, "-created"),
        (TransferSort.OldestFirst, "created"),
        (TransferSort.LatestEndFirst, "-ended"),
        (TransferSort.EarliestEndFirst, "ended"),
    ];

    /// <summary>All names, the default first.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Names.Select(name => name.Text)];

    /// <summary>The name of an order.</summary>
    public static string ToText(this TransferSort sort) => Names[(int)sort].Text;

    /// <summary>The order of that name.</summary>
    public static bool TryParse(string? text, out TransferSort sort)
    {
        int found = Array.FindIndex(Names, name => name.Text == text);
        sort = found < 0 ? default : Names[found].Sort;
        return found >= 0;
    }
}
