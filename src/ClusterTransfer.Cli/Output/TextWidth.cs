using System.Globalization;
using System.Text;

namespace ClusterTransfer.Cli.Output;

/// <summary>How many columns a text takes in a terminal, and how to make it fit.</summary>
internal static class TextWidth
{
    private const string Ellipsis = "...";

    public static int Of(string text)
    {
        int width = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            width += Of(rune);
        }

        return width;
    }

    public static string PadRight(string text, int width) => text + new string(' ', Math.Max(0, width - Of(text)));

    public static string PadLeft(string text, int width) => new string(' ', Math.Max(0, width - Of(text))) + text;

    /// <summary>The beginning of the text, at most that wide.</summary>
    public static string Cut(string text, int width)
    {
        int taken = 0;
        var kept = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            taken += Of(rune);
            if (taken > width)
            {
                break;
            }

            kept.Append(rune.ToString());
        }

        return kept.ToString();
    }

    /// <summary>The text, or its end behind an ellipsis: of a path the end tells most.</summary>
    public static string KeepEnd(string text, int width)
    {
        int excess = Of(text) - width;
        if (excess <= 0)
        {
            return text;
        }

        if (width <= Ellipsis.Length)
        {
            return Cut(text, Math.Max(0, width));
        }

        int dropped = 0;
        int index = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (dropped >= excess + Ellipsis.Length)
            {
                break;
            }

            dropped += Of(rune);
            index += rune.Utf16SequenceLength;
        }

        return Ellipsis + text[index..];
    }

    private static int Of(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark => 0,
        _ => IsWide(rune.Value) ? 2 : 1,
    };

    // The blocks that Unicode's EastAsianWidth.txt gives as wide, in broad strokes; where it errs it errs on the wide side.
    private static bool IsWide(int value) => value
        is (>= 0x1100 and <= 0x115f) or (>= 0x2e80 and <= 0x303e) or (>= 0x3041 and <= 0xa4cf) or (>= 0xa960 and <= 0xa97c)
        or (>= 0xac00 and <= 0xd7a3) or (>= 0xf900 and <= 0xfaff) or (>= 0xfe30 and <= 0xfe6f) or (>= 0xff00 and <= 0xff60)
        or (>= 0xffe0 and <= 0xffe6) or (>= 0x1f300 and <= 0x1faff) or (>= 0x20000 and <= 0x3fffd);
}
