using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ClusterTransfer.Cli.Tests;

/// <summary>Reads block style YAML with plain and double-quoted scalars, after the YAML 1.2.2 specification; strict: whatever is not sure to mean the same to every reader is an error.</summary>
internal sealed partial class YamlReader
{
    private readonly List<(int Indent, string Text)> _lines = [];
    private int _next;

    private YamlReader(string yaml)
    {
        Check(yaml.EndsWith('\n'), "The document does not end with a line's end.");
        foreach (string line in yaml[..^1].Split('\n'))
        {
            // Section 5.1: only printable characters; the others must be escaped.
            Check(line.EnumerateRunes().All(rune => rune.Value is (>= 0x20 and <= 0x7e) or (>= 0xa0 and <= 0xd7ff) or (>= 0xe000 and <= 0xfffd and not 0xfeff) or >= 0x10000), $"Not printable: {line}");
            string text = line.TrimStart(' ');
            Check(text.Length > 0, "An empty line.");
            _lines.Add((line.Length - text.Length, text));
        }
    }

    /// <summary>The document as dictionaries, lists, strings, numbers, truth values and null.</summary>
    public static object? Read(string yaml)
    {
        var reader = new YamlReader(yaml);
        object? value = reader.Node(0);
        Check(reader._next == reader._lines.Count, "There is more behind the document.");
        return value;
    }

    private object? Node(int indent)
    {
        (int at, string text) = _lines[_next];
        Check(at == indent, $"Line {_next + 1} is indented by {at}, not {indent}.");
        if (text == "-" || text.StartsWith("- ", StringComparison.Ordinal))
        {
            return Sequence(indent);
        }

        if (KeyLength(text) > 0)
        {
            return Mapping(indent);
        }

        _next++;
        return Scalar(text);
    }

    private List<object?> Sequence(int indent)
    {
        var items = new List<object?>();
        while (_next < _lines.Count && _lines[_next].Indent == indent && _lines[_next].Text.StartsWith("- ", StringComparison.Ordinal))
        {
            // What stands behind the dash is a node of its own, two columns further in.
            _lines[_next] = (indent + 2, _lines[_next].Text[2..]);
            items.Add(Node(indent + 2));
        }

        return items;
    }

    private Dictionary<string, object?> Mapping(int indent)
    {
        var members = new Dictionary<string, object?>(StringComparer.Ordinal);
        while (_next < _lines.Count && _lines[_next].Indent == indent && KeyLength(_lines[_next].Text) is > 0 and int length)
        {
            string text = _lines[_next].Text;
            var key = (string)(Scalar(text[..length]) ?? throw new FormatException("A key that is null."));
            string rest = text[(length + 1)..];
            Check(rest.Length == 0 || rest[0] == ' ', $"No space behind the colon: {text}");
            _next++;
            members.Add(key, rest.Length > 0 ? Scalar(rest[1..]) : Node(_lines[_next].Indent > indent ? _lines[_next].Indent : throw new FormatException("A value is missing.")));
        }

        return members;
    }

    // Length of the key at the start of the line, 0 when there is none.
    private static int KeyLength(string text)
    {
        if (text[0] != '"')
        {
            int colon = text.IndexOf(": ", StringComparison.Ordinal);
            return colon > 0 ? colon : text.EndsWith(':') ? text.Length - 1 : 0;
        }

        int end = 1;
        while (text[end] != '"')
        {
            end += text[end] == '\\' ? 2 : 1;
        }

        return end + 1 < text.Length && text[end + 1] == ':' ? end + 1 : 0;
    }

    private static object? Scalar(string text)
    {
        if (text[0] == '"')
        {
            return Quoted(text);
        }

        switch (text)
        {
            case "null": return null;
            case "true": return true;
            case "false": return false;
            case "[]": return new List<object?>();
            case "{}": return new Dictionary<string, object?>();
        }

        if (Integer().IsMatch(text))
        {
            return System.Numerics.BigInteger.Parse(text, CultureInfo.InvariantCulture) is var big && text != "-0" && big >= long.MinValue && big <= long.MaxValue ? (long)big : (object)new RawNumber(text).Value;
        }

        if (Float().IsMatch(text))
        {
            return new RawNumber(text).Value;
        }

        Check(Plain().IsMatch(text) && !Ambiguous().IsMatch(text), $"Not sure to be a text to every reader: {text}");
        return text;
    }

    private static string Quoted(string text)
    {
        var value = new StringBuilder();
        int at = 1;
        while (text[at] != '"')
        {
            char c = text[at++];
            if (c != '\\')
            {
                value.Append(c);
                continue;
            }

            char escape = text[at++];
            int digits = escape switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            value.Append(digits > 0 ? char.ConvertFromUtf32(int.Parse(text.AsSpan(at, digits), NumberStyles.HexNumber, CultureInfo.InvariantCulture)) : escape switch
            {
                'n' => "\n",
                'r' => "\r",
                't' => "\t",
                '"' => "\"",
                '\\' => "\\",
                _ => throw new FormatException($"Unknown escape \\{escape}."),
            });
            at += digits;
        }

        Check(at == text.Length - 1, $"More behind the quote: {text}");
        return value.ToString();
    }

    private static void Check(bool holds, string problem)
    {
        if (!holds)
        {
            throw new FormatException(problem);
        }
    }

    /// <summary>A number as JSON would say it, digit for digit.</summary>
    private sealed record RawNumber(string Text)
    {
        public System.Text.Json.JsonElement Value => System.Text.Json.JsonDocument.Parse(Text).RootElement;
    }

    [GeneratedRegex("^-?(0|[1-9][0-9]*)$")]
    private static partial Regex Integer();

    // What the core schema of YAML 1.2 and the float type of YAML 1.1 agree on.
    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)\.[0-9]+(e[+-][0-9]+)?$")]
    private static partial Regex Float();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_./-]*$")]
    private static partial Regex Plain();

    // The types of YAML 1.1: bool, null, float; and words that some readers add.
    [GeneratedRegex("^(y|n|yes|no|true|false|on|off|null|nan|inf|infinity|none|nil)$", RegexOptions.IgnoreCase)]
    private static partial Regex Ambiguous();
}
