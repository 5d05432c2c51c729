using System.Buffers;
using System.Globalization;
using System.Text;

namespace ClusterTransfer.Hocon.Syntax;

/// <summary>Writes keys and strings so that they read back as they are, with quotes only where needed.</summary>
internal static class QuotedText
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789eE-");

    public static void AppendKey(StringBuilder text, string key, bool always)
    {
        // An unquoted "include" at the start of a line is a command.
        if (!always && key != "include" && key.Length > 0 && IsPlain(key))
        {
            text.Append(key);
        }
        else
        {
            AppendQuoted(text, key);
        }
    }

    public static void AppendValue(StringBuilder text, string value, bool always)
    {
        // What could be taken for a number, also by a reader that is less strict about them, is quoted; 8MiB cannot.
        if (!always && value.Length > 0 && char.IsAsciiLetterOrDigit(value[0]) && IsPlain(value) && value is not ("true" or "false" or "null")
            && value.AsSpan().ContainsAnyExcept(NumberCharacters))
        {
            text.Append(value);
        }
        else
        {
            AppendQuoted(text, value);
        }
    }

    public static void AppendQuoted(StringBuilder text, string value)
    {
        text.Append('"');
        AppendEscaped(text, value);
        text.Append('"');
    }

    /// <summary>As it stands between quotes. What a terminal, an encoding or an editor could change is written as an escape.</summary>
    public static void AppendEscaped(StringBuilder text, string value)
    {
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            if (char.IsHighSurrogate(c) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]))
            {
                text.Append(c).Append(value[++i]);
                continue;
            }

            _ = c switch
            {
                '"' or '\\' => text.Append('\\').Append(c),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                _ when char.IsControl(c) || char.IsSurrogate(c) || (c > '\u007F' && Whitespace.Contains(c)) || char.GetUnicodeCategory(c) == UnicodeCategory.Format =>
                    text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }
    }

    private static bool IsPlain(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
