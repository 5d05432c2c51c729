using System.Buffers.Text;
using System.Globalization;
using System.Text;
using ClusterTransfer.Model;

namespace ClusterTransfer.Journal;

/// <summary>Where a page of transfers ended: creation time and id of its last one. Opaque to clients, so it may change.</summary>
internal readonly record struct ListCursor(string CreatedAt, string Id)
{
    private const int MaxTextLength = 128;

    public string Encode() => Base64Url.EncodeToString(Encoding.ASCII.GetBytes($"{CreatedAt} {Id}"));

    /// <exception cref="ClusterTransferException"><see cref="Reason.InvalidRequest"/>.</exception>
    public static ListCursor Parse(string text)
    {
        byte[] bytes = new byte[MaxTextLength];
        if (text.Length <= MaxTextLength && Base64Url.IsValid(text)
            && Base64Url.TryDecodeFromChars(text, bytes, out int length))
        {
            string[] parts = Encoding.ASCII.GetString(bytes, 0, length).Split(' ');
            if (parts.Length == 2 && TransferId.TryParse(parts[1], null, out _)
                && StoredTime.TryParse(parts[0], out _))
            {
                return new ListCursor(parts[0], parts[1]);
            }
        }

        throw new ClusterTransferException(Reason.InvalidRequest, "cursor: not one that this API gave; leave it out for the first page.");
    }
}

/// <summary>Times in rows: UTC text of fixed width, so that they sort and a person can read them.</summary>
internal static class StoredTime
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    public static string From(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    public static string From(DateTime utc) => utc.ToString(Format, CultureInfo.InvariantCulture);

    public static bool TryParse(string text, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        text, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    /// <summary>The time, or the minimum for text that is none: a display value must not stop a stream.</summary>
    public static DateTimeOffset Parse(string text) => TryParse(text, out DateTimeOffset time) ? time : DateTimeOffset.MinValue;
}
