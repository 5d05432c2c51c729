using System.Globalization;
using System.Text;

namespace ClusterTransfer.Hocon.Syntax;

/// <summary>Reads Java properties. Keys are split at every dot, empty elements kept; every value is a string; where a key is both, the object wins.</summary>
internal sealed class PropertiesParser(string text, string name, ParsePlace place, HoconParserOptions options)
{
    private int _position;
    private int _line = 1;
    private int _lineStart;

    private char Current => _position < text.Length ? text[_position] : '\0';

    private bool AtEnd => _position >= text.Length;

    private HoconOrigin Here => new(name, _line, _position - _lineStart + 1);

    public RawObject Parse()
    {
        var root = new RawObject(new HoconOrigin(name, 1, 1));
        while (true)
        {
            SkipBlankAndComments();
            if (AtEnd)
            {
                return root;
            }

            HoconOrigin keyOrigin = Here;
            string key = ReadPart(isKey: true);
            SkipSeparator();
            HoconOrigin valueOrigin = Here;
            Put(root, key.Split('.'), new RawScalar(valueOrigin, ReadPart(isKey: false), IsQuoted: true), keyOrigin);
        }
    }

    private void Put(RawObject target, string[] path, RawScalar value, HoconOrigin origin)
    {
        if (place.Depth + path.Length > options.MaxDepth)
        {
            throw new HoconException($"The key has more than {options.MaxDepth} levels.", origin);
        }

        foreach (string element in path[..^1])
        {
            if (!target.Fields.TryGetValue(element, out RawField? field) || field.Values[0] is not RawObject next)
            {
                next = new RawObject(origin);
                target.Fields[element] = new RawField(element) { Values = { next } };
            }

            target = next;
        }

        if (!target.Fields.TryGetValue(path[^1], out RawField? existing) || existing.Values[0] is not RawObject)
        {
            target.Fields[path[^1]] = new RawField(path[^1]) { Values = { value } };
        }
    }

    private void SkipBlankAndComments()
    {
        while (!AtEnd)
        {
            if (IsBlank(Current) || Current is '\n' or '\r')
            {
                SkipOne();
            }
            else if (Current is '#' or '!')
            {
                while (!AtEnd && Current is not ('\n' or '\r'))
                {
                    _position++;
                }
            }
            else
            {
                return;
            }
        }
    }

    // White space with at most one '=' or ':' in it.
    private void SkipSeparator()
    {
        SkipBlank();
        if (Current is '=' or ':')
        {
            _position++;
            SkipBlank();
        }
    }

    private void SkipBlank()
    {
        while (!AtEnd && (IsBlank(Current) || SkipContinuation()))
        {
            _position += IsBlank(Current) ? 1 : 0;
        }
    }

    private string ReadPart(bool isKey)
    {
        var part = new StringBuilder();
        while (!AtEnd && Current is not ('\n' or '\r') && !(isKey && (IsBlank(Current) || Current is '=' or ':')))
        {
            if (Current != '\\')
            {
                part.Append(text[_position++]);
            }
            else if (!SkipContinuation())
            {
                ReadEscape(part);
            }
        }

        return part.ToString();
    }

    // A backslash at the end of a line joins the next one, without the white space it starts with.
    private bool SkipContinuation()
    {
        if (Current != '\\' || _position + 1 >= text.Length || text[_position + 1] is not ('\n' or '\r'))
        {
            return false;
        }

        _position++;
        SkipOne();
        while (!AtEnd && IsBlank(Current))
        {
            _position++;
        }

        return true;
    }

    private void ReadEscape(StringBuilder part)
    {
        HoconOrigin origin = Here;
        _position++;
        if (AtEnd)
        {
            return;
        }

        char kind = text[_position++];
        if (kind != 'u')
        {
            part.Append(kind switch { 't' => '\t', 'n' => '\n', 'r' => '\r', 'f' => '\f', _ => kind });
        }
        else if (_position + 4 <= text.Length && ushort.TryParse(text.AsSpan(_position, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort unit))
        {
            part.Append((char)unit);
            _position += 4;
        }
        else
        {
            throw new HoconException("Want four hexadecimal digits after \\u.", origin);
        }
    }

    // One character, or the two that end a line.
    private void SkipOne()
    {
        bool isLineEnd = Current is '\n' or '\r';
        _position += Current == '\r' && _position + 1 < text.Length && text[_position + 1] == '\n' ? 2 : 1;
        if (isLineEnd)
        {
            _line++;
            _lineStart = _position;
        }
    }

    private static bool IsBlank(char c) => c is ' ' or '\t' or '\f';
}
