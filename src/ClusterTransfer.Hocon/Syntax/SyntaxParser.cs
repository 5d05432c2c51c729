namespace ClusterTransfer.Hocon.Syntax;

/// <summary>Turns tokens into raw values by recursive descent, never deeper than the depth bound.</summary>
internal sealed partial class SyntaxParser
{
    private readonly Tokenizer _tokens;
    private readonly IncludeSource _source;
    private readonly IReadOnlyList<string> _prefix;
    private readonly ParseContext _context;
    private Token _current;

    private SyntaxParser(string text, IncludeSource source, IReadOnlyList<string> prefix, ParseContext context)
    {
        _tokens = new Tokenizer(text, source.Name);
        _source = source;
        _prefix = prefix;
        _context = context;
        _current = _tokens.Next();
    }

    /// <summary>Parses one text. The prefix is the path of the object it is included into; empty for the outermost text.</summary>
    public static RawObject Parse(string text, IncludeSource source, IReadOnlyList<string> prefix, ParseContext context)
    {
        var start = new HoconOrigin(source.Name, 1, 1);
        if (text.Length > context.Options.MaxTextLength)
        {
            throw new HoconException($"The text is longer than {context.Options.MaxTextLength} characters.", start);
        }

        return new SyntaxParser(text, source, prefix, context).ParseRoot(start);
    }

    private RawObject ParseRoot(HoconOrigin start)
    {
        SkipBlank();
        var root = new RawObject(start);
        if (_current.Kind == TokenKind.OpenBracket)
        {
            throw new HoconException("The root must be an object, not an array.", _current.Origin);
        }

        bool braces = _current.Kind == TokenKind.OpenBrace;
        HoconOrigin open = _current.Origin;
        if (braces)
        {
            Advance();
        }

        ParseFields(root, _prefix, braces ? TokenKind.CloseBrace : TokenKind.End, open);
        if (braces)
        {
            SkipBlank();
        }

        if (_current.Kind != TokenKind.End)
        {
            throw Unexpected("the end of the text");
        }

        return root;
    }

    // Reads fields up to and including the closing token.
    private void ParseFields(RawObject target, IReadOnlyList<string> path, TokenKind closing, HoconOrigin open)
    {
        bool first = true;
        while (true)
        {
            bool separated = SkipSeparator(first, closing);
            if (_current.Kind == closing)
            {
                if (closing != TokenKind.End)
                {
                    Advance();
                }

                return;
            }

            if (_current.Kind == TokenKind.End)
            {
                throw new HoconException("This '{' is never closed.", open);
            }

            if (!separated)
            {
                throw Unexpected("a comma or a new line between two fields");
            }

            if (_current is { Kind: TokenKind.Unquoted, Text: "include" })
            {
                ParseInclude(target, path);
            }
            else
            {
                ParseField(target, path);
            }

            first = false;
        }
    }

    private void ParseField(RawObject target, IReadOnlyList<string> path)
    {
        HoconOrigin origin = _current.Origin;
        IReadOnlyList<string> key = ParseKey(origin);
        IReadOnlyList<string> full = [.. path, .. key];
        CheckDepth(full.Count, origin);
        SkipBlank();

        RawValue value;
        switch (_current.Kind)
        {
            case TokenKind.OpenBrace:
                value = ParseValue(full);
                break;
            case TokenKind.Colon or TokenKind.Equal:
                Advance();
                SkipBlank();
                value = ParseValue(full);
                break;
            case TokenKind.PlusEqual:
                Advance();
                SkipBlank();
                value = new RawAppend(origin, ParseValue(full));
                break;
            default:
                throw Unexpected($"'=', ':', '+=' or '{{' after the key '{PathExpression.Render(key)}'");
        }

        for (int i = key.Count - 1; i > 0; i--)
        {
            var wrapper = new RawObject(origin);
            wrapper.Assign(key[i], value);
            value = wrapper;
        }

        target.Assign(key[0], value);
    }

    private IReadOnlyList<string> ParseKey(HoconOrigin origin)
    {
        var tokens = new List<Token>();
        while (_current.IsSimple || _current.Kind == TokenKind.Space)
        {
            tokens.Add(_current);
            Advance();
        }

        return tokens.Count > 0 ? PathExpression.FromTokens(tokens, origin) : throw Unexpected("a key");
    }

    // Everything up to a comma, the end of the line or a closing bracket is one value.
    private RawValue ParseValue(IReadOnlyList<string> path)
    {
        HoconOrigin origin = _current.Origin;
        var parts = new List<RawValue>();
        while (true)
        {
            switch (_current.Kind)
            {
                case TokenKind.Space:
                    parts.Add(new RawSpace(_current.Origin, _current.Text));
                    Advance();
                    break;
                case TokenKind.Unquoted or TokenKind.Quoted:
                    parts.Add(new RawScalar(_current.Origin, _current.Text, _current.Kind == TokenKind.Quoted));
                    Advance();
                    break;
                case TokenKind.OpenSubstitution:
                    parts.Add(ParseSubstitution());
                    break;
                case TokenKind.OpenBrace:
                    parts.Add(ParseObject(path));
                    break;
                case TokenKind.OpenBracket:
                    parts.Add(ParseArray(path));
                    break;
                default:
                    return Combine(parts, origin);
            }
        }
    }

    private RawValue Combine(List<RawValue> parts, HoconOrigin origin)
    {
        while (parts.Count > 0 && parts[^1] is RawSpace)
        {
            parts.RemoveAt(parts.Count - 1);
        }

        return parts.Count switch
        {
            0 => throw Unexpected("a value"),
            1 => parts[0],
            _ => new RawConcatenation(origin, parts),
        };
    }

    private RawObject ParseObject(IReadOnlyList<string> path)
    {
        HoconOrigin open = _current.Origin;
        CheckDepth(path.Count + 1, open);
        Advance();
        var result = new RawObject(open);
        ParseFields(result, path, TokenKind.CloseBrace, open);
        return result;
    }

    private RawArray ParseArray(IReadOnlyList<string> path)
    {
        HoconOrigin open = _current.Origin;
        Advance();

        // An array counts as one level; its items have no path of their own, so only the depth is carried on.
        IReadOnlyList<string> inner = [.. path, string.Empty];
        CheckDepth(inner.Count, open);
        var items = new List<RawValue>();
        while (true)
        {
            bool separated = SkipSeparator(items.Count == 0, TokenKind.CloseBracket);
            if (_current.Kind == TokenKind.CloseBracket)
            {
                Advance();
                return new RawArray(open, items);
            }

            if (_current.Kind == TokenKind.End)
            {
                throw new HoconException("This '[' is never closed.", open);
            }

            if (!separated)
            {
                throw Unexpected("a comma or a new line between two items");
            }

            items.Add(ParseValue(inner));
        }
    }

    private RawSubstitution ParseSubstitution()
    {
        HoconOrigin origin = _current.Origin;
        bool optional = _current.Text.Length > 0;
        Advance();
        SkipSpace();
        var tokens = new List<Token>();
        while (_current.IsSimple || _current.Kind == TokenKind.Space)
        {
            tokens.Add(_current);
            Advance();
        }

        if (_current.Kind != TokenKind.CloseBrace)
        {
            throw Unexpected("'}' at the end of the substitution");
        }

        Advance();
        IReadOnlyList<string> name = PathExpression.FromTokens(tokens, origin);
        CheckDepth(name.Count, origin);
        return new RawSubstitution(origin, name, optional, _prefix);
    }

    // Skips blank lines and at most one comma; true when something separated the values, or nothing needs to.
    private bool SkipSeparator(bool first, TokenKind closing)
    {
        bool separated = SkipBlank() || first;
        if (_current.Kind != TokenKind.Comma)
        {
            return separated;
        }

        if (first)
        {
            throw Unexpected(closing == TokenKind.CloseBracket ? "an item" : "a field");
        }

        Advance();
        SkipBlank();
        return _current.Kind == TokenKind.Comma ? throw Unexpected("one comma, not two") : true;
    }

    // True when there was a new line.
    private bool SkipBlank()
    {
        bool newLine = false;
        while (_current.Kind is TokenKind.Space or TokenKind.NewLine)
        {
            newLine |= _current.Kind == TokenKind.NewLine;
            Advance();
        }

        return newLine;
    }

    private void SkipSpace()
    {
        while (_current.Kind == TokenKind.Space)
        {
            Advance();
        }
    }

    private void Advance() => _current = _tokens.Next();

    private void CheckDepth(int depth, HoconOrigin origin)
    {
        if (depth > _context.Options.MaxDepth)
        {
            throw new HoconException($"Objects, arrays and path keys are nested more than {_context.Options.MaxDepth} deep.", origin);
        }
    }

    private HoconException Unexpected(string wanted) => new($"Unexpected {_current.Describe()}; want {wanted}.", _current.Origin);
}
