using System.Buffers;
using System.Globalization;
using System.Text;

namespace ClusterTransfer.Hocon.Syntax;

/// <summary>Cuts a text into tokens, one at a time, with their places. Linear in the text's length.</summary>
internal sealed class Tokenizer(string text, string file, bool hasComments = true)
{
    private const string Reserved = "$\"{}[]:=,+#`^?!@*&\\";

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("+-.0123456789eE");

    private int _position;
    private int _line = 1;
    private int _lineStart;

    private HoconOrigin Here => new(file, _line, _position - _lineStart + 1);

    private char Current => Peek(0);

    public Token Next()
    {
        SkipComment();
        HoconOrigin origin = Here;
        if (_position >= text.Length)
        {
            return new Token(TokenKind.End, origin, string.Empty);
        }

        char c = Current;
        switch (c)
        {
            case '\n':
                AdvanceLine();
                return new Token(TokenKind.NewLine, origin, "\n");
            case '{':
                return Single(TokenKind.OpenBrace, origin);
            case '}':
                return Single(TokenKind.CloseBrace, origin);
            case '[':
                return Single(TokenKind.OpenBracket, origin);
            case ']':
                return Single(TokenKind.CloseBracket, origin);
            case ',':
                return Single(TokenKind.Comma, origin);
            case ':':
                return Single(TokenKind.Colon, origin);
            case '=':
                return Single(TokenKind.Equal, origin);
            case '+' when Peek(1) == '=':
                _position += 2;
                return new Token(TokenKind.PlusEqual, origin, "+=");
            case '$' when Peek(1) == '{':
                bool optional = Peek(2) == '?';
                _position += optional ? 3 : 2;
                return new Token(TokenKind.OpenSubstitution, origin, optional ? "?" : string.Empty);
            case '"':
                return new Token(TokenKind.Quoted, origin, StartsWith("\"\"\"") ? MultiLine(origin) : QuotedString(origin));
            default:
                return Whitespace.Contains(c) ? Space(origin) : Unquoted(origin);
        }
    }

    private Token Single(TokenKind kind, HoconOrigin origin) => new(kind, origin, text[_position++].ToString());

    private Token Space(HoconOrigin origin)
    {
        int start = _position;
        while (_position < text.Length && Current != '\n' && Whitespace.Contains(Current))
        {
            _position++;
        }

        return new Token(TokenKind.Space, origin, text[start.._position]);
    }

    private Token Unquoted(HoconOrigin origin)
    {
        int start = _position;
        while (_position < text.Length && !Whitespace.Contains(Current) && !StartsWith("//") && (!Reserved.Contains(Current, StringComparison.Ordinal) || IsExponentSign(start)))
        {
            _position++;
        }

        return _position > start
            ? new Token(TokenKind.Unquoted, origin, text[start.._position])
            : throw new HoconException($"The character {Show(Current)} must stand in a quoted string.", origin);
    }

    // '+' is reserved except in a number such as 1e+6. What starts as a number must be one up to the first character that no number has.
    private bool IsExponentSign(int start)
    {
        if (Current != '+' || _position == start || text[_position - 1] is not ('e' or 'E') || text[start] is not ('-' or (>= '0' and <= '9')))
        {
            return false;
        }

        int length = text.AsSpan(start).IndexOfAnyExcept(NumberCharacters);
        ReadOnlySpan<char> number = length < 0 ? text.AsSpan(start) : text.AsSpan(start, length);
        return JsonNumber.IsNumber(number);
    }

    private string QuotedString(HoconOrigin origin)
    {
        var content = new StringBuilder();
        for (_position++; ; _position++)
        {
            if (_position >= text.Length || Current == '\n')
            {
                throw new HoconException("The quoted string has no closing '\"' on its line; use \"\"\" for several lines.", origin);
            }

            char c = Current;
            if (c == '"')
            {
                _position++;
                return content.ToString();
            }

            if (c == '\\')
            {
                Escape(content);
            }
            else if (c < ' ' && c != '\t')
            {
                throw new HoconException($"The control character {Show(c)} must be written as an escape.", Here);
            }
            else
            {
                content.Append(c);
            }
        }
    }

    // Leaves the position on the last character of the escape.
    private void Escape(StringBuilder content)
    {
        HoconOrigin origin = Here;
        _position++;
        char kind = Current;
        const string Kinds = "\"\\/bfnrt";
        int index = _position < text.Length ? Kinds.IndexOf(kind, StringComparison.Ordinal) : -1;
        if (index >= 0)
        {
            content.Append("\"\\/\b\f\n\r\t"[index]);
        }
        else if (kind == 'u' && _position + 4 < text.Length
            && ushort.TryParse(text.AsSpan(_position + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort unit))
        {
            content.Append((char)unit);
            _position += 4;
        }
        else
        {
            throw new HoconException("Unknown escape: want one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u with four hexadecimal digits.", origin);
        }
    }

    private string MultiLine(HoconOrigin origin)
    {
        _position += 3;
        int start = _position;
        int end = text.IndexOf("\"\"\"", start, StringComparison.Ordinal);
        if (end < 0)
        {
            throw new HoconException("The multi-line string has no closing \"\"\".", origin);
        }

        // Quotes before the last three belong to the string.
        while (end + 3 < text.Length && text[end + 3] == '"')
        {
            end++;
        }

        for (; _position < end; _position++)
        {
            if (Current == '\n')
            {
                _line++;
                _lineStart = _position + 1;
            }
        }

        _position = end + 3;
        return text[start..end];
    }

    private void SkipComment()
    {
        if (hasComments && (Current == '#' || StartsWith("//")))
        {
            int end = text.IndexOf('\n', _position);
            _position = end < 0 ? text.Length : end;
        }
    }

    private void AdvanceLine()
    {
        _position++;
        _line++;
        _lineStart = _position;
    }

    private char Peek(int ahead) => _position + ahead < text.Length ? text[_position + ahead] : '\0';

    private bool StartsWith(string expected) => string.CompareOrdinal(text, _position, expected, 0, expected.Length) == 0;

    private static string Show(char c) => char.IsControl(c) ? $"U+{(int)c:X4}" : $"'{c}'";
}
