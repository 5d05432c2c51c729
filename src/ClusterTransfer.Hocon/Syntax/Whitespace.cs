using System.Globalization;

namespace ClusterTransfer.Hocon.Syntax;

/// <summary>White space as the specification lists it; more than C# has (separators of ASCII, the byte order mark) and less (U+0085).</summary>
internal static class Whitespace
{
    public static bool Contains(char c) => c < '\u0080'
        ? c is ' ' or (>= '\t' and <= '\r') or (>= '\u001C' and <= '\u001F')
        : c == '\uFEFF' || char.GetUnicodeCategory(c) is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
