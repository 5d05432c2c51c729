using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Journal;

/// <summary>Where a page of transfers ended: the time it is sorted by and the id of its last one. Opaque to clients, so it may change.</summary>
/// <param name="Sort">The order of the list.</param>
/// <param name="Filters">Fingerprint of its filters, see <see cref="FiltersOf"/>.</param>
/// <param name="At">The last one's time, as stored.</param>
/// <param name="Id">The last one's id.</param>
internal readonly record struct ListCursor(TransferSort Sort, string Filters, string At, string Id)
{
    private const int MaxTextLength = 160;
    private const int FingerprintBytes = 6;

    public string Encode() => Base64Url.EncodeToString(Encoding.ASCII.GetBytes($"{Sort.ToText()} {Filters} {At} {Id}"));

    /// <summary>A short text that is the same for the same filters, whatever the order of the states.</summary>
    public static string FiltersOf(TransferListQuery query)
    {
        string states = string.Join(',', query.States.Distinct().Order());
        string text = FormattableString.Invariant($"{states}|{query.Location}|{query.Node}|{query.CreatedAfter?.UtcTicks}|{query.CreatedBefore?.UtcTicks}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, FingerprintBytes));
    }

    /// <summary>The cursor of a query; null when it asks for the first page.</summary>
    /// <exception cref="ClusterTransferException"><see cref="Reason.InvalidRequest"/>: not ours, or of a list with another order or other filters.</exception>
    public static ListCursor? Of(TransferListQuery query)
    {
        if (query.Cursor is not { } text)
        {
            return null;
        }

        // A page in the middle of another list would look right and miss transfers.
        ListCursor cursor = Parse(text);
        return cursor.Sort != query.Sort
            ? throw Refused($"it belongs to a list with sort={cursor.Sort.ToText()}, this one has sort={query.Sort.ToText()}")
            : cursor.Filters != FiltersOf(query)
                ? throw Refused("it belongs to a list with other filters")
                : cursor;
    }

    private static ListCursor Parse(string text)
    {
        byte[] bytes = new byte[MaxTextLength];
        if (text.Length <= MaxTextLength && Base64Url.IsValid(text)
            && Base64Url.TryDecodeFromChars(text, bytes, out int length)
            && Encoding.ASCII.GetString(bytes, 0, length).Split(' ') is [string sort, string filters, string at, string id]
            && TransferSorts.TryParse(sort, out TransferSort order) && StoredTime.TryParse(at, out _) && TransferId.TryParse(id, null, out _))
        {
            return new ListCursor(order, filters, at, id);
        }

        throw Refused("it is not one that this API gave");
    }

    private static ClusterTransferException Refused(string why) => new(
        Reason.InvalidRequest, $"cursor: {why}; give nextCursor of the page before with the same sort and filters, or leave it out for the first page.");
}

/// <summary>Times in rows: UTC text of fixed width, so that they sort and a person can read them.</summary>
internal static class StoredTime
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    /// <summary>Stands for a time that is not there yet: later than all others.</summary>
    public static readonly string Never = From(DateTime.MaxValue);

    public static string From(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    public static string From(DateTime utc) => utc.ToString(Format, CultureInfo.InvariantCulture);

    public static bool TryParse(string text, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        text, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    /// <summary>The time, or the minimum for text that is none: a display value must not stop a stream.</summary>
    public static DateTimeOffset Parse(string text) => TryParse(text, out DateTimeOffset time) ? time : DateTimeOffset.MinValue;
}
