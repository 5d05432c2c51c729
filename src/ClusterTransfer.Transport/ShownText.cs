using System.Globalization;

namespace ClusterTransfer.Transport;

/// <summary>Makes text of a peer or file system fit for a message: nothing in it can steer a terminal or hide a line.</summary>
internal static class ShownText
{
    public static string Of(string text) => string.Concat(text.Select(c => IsHarmless(c) ? c : '?'));

    // Format characters turn the direction of writing, separators end a line.
    private static bool IsHarmless(char c) => char.GetUnicodeCategory(c) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
