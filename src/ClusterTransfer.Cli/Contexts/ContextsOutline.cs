namespace ClusterTransfer.Cli.Contexts;

/// <summary>Where in a text of HOCON its entries are. It only guesses, so that a change of the text can leave all else as a person wrote it: whoever uses it checks the outcome with the parser.</summary>
internal sealed class ContextsOutline
{
    private const int MaxDepth = 16;
    private static readonly char[] KeyEnds = ['{', '=', ':', '+', '\n', ',', '}', '#'];

    private readonly string _text;
    private readonly List<Entry> _entries = [];
    private int _at;

    private ContextsOutline(string text) => _text = text;

    /// <summary>A key with its value.</summary>
    /// <param name="Path">From the root.</param>
    /// <param name="Start">Offset of the key.</param>
    /// <param name="ValueStart">Offset of the value.</param>
    /// <param name="End">Offset behind the value.</param>
    internal readonly record struct Entry(string Path, int Start, int ValueStart, int End);

    /// <summary>The entries, outer ones behind those in them.</summary>
    public static IReadOnlyList<Entry> Of(string text)
    {
        var outline = new ContextsOutline(text);
        outline.ReadEntries(string.Empty, 0);
        return outline._entries;
    }

    private void ReadEntries(string lead, int depth)
    {
        while (SkipBlanks())
        {
            if (_text[_at] is '}' or '{')
            {
                // A brace at the root may stand around all of it.
                if (depth > 0)
                {
                    return;
                }

                _at++;
                continue;
            }

            ReadEntry(lead, depth);
        }
    }

    private void ReadEntry(string lead, int depth)
    {
        int start = _at;
        SkipPast(KeyEnds);
        string key = _text[start.._at].Trim().Replace("\"", string.Empty, StringComparison.Ordinal);
        while (_at < _text.Length && _text[_at] is '=' or ':' or '+' or ' ' or '\t')
        {
            _at++;
        }

        int value = _at;
        if (_at < _text.Length && _text[_at] == '{' && depth < MaxDepth)
        {
            _at++;
            ReadEntries($"{lead}{key}.", depth + 1);
            _at = Math.Min(_text.Length, _at + 1);
        }
        else
        {
            SkipPast(['\n', ',', '}', '#']);
        }

        int end = _at;
        while (end > value && char.IsWhiteSpace(_text[end - 1]))
        {
            end--;
        }

        _entries.Add(new Entry(lead + key, start, value, end));
        if (_at == start)
        {
            _at++;   // never stand still, whatever the text is
        }
    }

    // To the next thing that is no blank, comma or comment. False at the end.
    private bool SkipBlanks()
    {
        while (_at < _text.Length)
        {
            if (IsComment(_at))
            {
                int line = _text.IndexOf('\n', _at);
                _at = line < 0 ? _text.Length : line;
            }
            else if (char.IsWhiteSpace(_text[_at]) || _text[_at] == ',')
            {
                _at++;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    // To one of the ends, outside of quotes, brackets and substitutions.
    private void SkipPast(char[] ends)
    {
        int brackets = 0;
        while (_at < _text.Length)
        {
            char c = _text[_at];
            if (c == '"')
            {
                SkipQuoted();
                continue;
            }

            bool opens = c == '[' || (c == '$' && _at + 1 < _text.Length && _text[_at + 1] == '{');
            if (opens)
            {
                brackets++;
                _at += c == '$' ? 2 : 1;
                continue;
            }

            if (brackets > 0 && c is ']' or '}')
            {
                brackets--;
            }
            else if (brackets == 0 && (ends.Contains(c) || IsComment(_at)))
            {
                return;
            }

            _at++;
        }
    }

    private void SkipQuoted()
    {
        bool isTriple = string.CompareOrdinal(_text, _at, "\"\"\"", 0, 3) == 0;
        int end = isTriple ? _text.IndexOf("\"\"\"", _at + 3, StringComparison.Ordinal) : _at + 1;
        while (!isTriple && end < _text.Length && _text[end] is not ('"' or '\n'))
        {
            end += _text[end] == '\\' ? 2 : 1;
        }

        _at = end < 0 ? _text.Length : Math.Min(_text.Length, end + (isTriple ? 3 : 1));
    }

    private bool IsComment(int at) => _text[at] == '#' || string.CompareOrdinal(_text, at, "//", 0, 2) == 0;
}
