namespace ClusterTransfer.Hocon.Syntax;

/// <summary>Turns tokens into raw values by recursive descent, never deeper than the depth bound.</summary>
internal sealed partial class SyntaxParser
{
    private readonly Tokenizer _tokens;
    private readonly IncludeSource _source;
    private readonly ParsePlace _place;
    private readonly ParseContext _context;
    private Token _current;

    private SyntaxParser(string text, IncludeSource source, ParsePlace place, ParseContext context)
    {
        _tokens = new Tokenizer(text, source.Name);
        _source = source;
        _place = place;
        _context = context;
        _current = _tokens.Next();
    }

    /// <summary>Parses one text of HOCON into an object or an array. The place is where it is included; the root for the outermost text.</summary>
    public static RawValue Parse(string text, IncludeSource source, ParsePlace place, ParseContext context) =>
        new SyntaxParser(text, source, place, context).ParseRoot(new HoconOrigin(source.Name, 1, 1));

    private RawValue ParseRoot(HoconOrigin start)
    {
        SkipBlank();
        RawValue root = _current.Kind switch
        {
            TokenKind.OpenBracket => ParseArray(_place),
            TokenKind.OpenBrace => ParseRootObject(start, TokenKind.CloseBrace),
            _ => ParseRootObject(start, TokenKind.End),
        };
        SkipBlank();
        return _current.Kind == TokenKind.End ? root : throw Unexpected("the end of the text");
    }

    private RawObject ParseRootObject(HoconOrigin start, TokenKind closing)
    {
        var root = new RawObject(start);
        HoconOrigin open = _current.Origin;
        if (closing == TokenKind.CloseBrace)
        {
            Advance();
        }

        ParseFields(root, _place, closing, open);
        return root;
    }

    // Reads fields up to and including the closing token.
    private void ParseFields(RawObject target, ParsePlace place, TokenKind closing, HoconOrigin open)
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
                ParseInclude(target, place);
            }
            else
            {
                ParseField(target, place);
            }

            first = false;
        }
    }

    private void ParseField(RawObject target, ParsePlace place)
    {
        HoconOrigin origin = _current.Origin;
        IReadOnlyList<string> key = ParseKey(origin);
        ParsePlace full = place.At(key);
        CheckDepth(full.Depth, origin);
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
                value = new RawAppend(origin, ParseValue(full), full);
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
    private RawValue ParseValue(ParsePlace place)
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
                    parts.Add(ParseObject(place));
                    break;
                case TokenKind.OpenBracket:
                    parts.Add(ParseArray(place));
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

    private RawObject ParseObject(ParsePlace place)
    {
        HoconOrigin open = _current.Origin;
        CheckDepth(place.Depth + 1, open);
        Advance();
        var result = new RawObject(open);
        ParseFields(result, place.Within(result), TokenKind.CloseBrace, open);
        return result;
    }

    private RawArray ParseArray(ParsePlace place)
    {
        HoconOrigin open = _current.Origin;
        Advance();
        ParsePlace inner = place.Item();
        CheckDepth(inner.Depth, open);
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
        return new RawSubstitution(origin, name, optional, _place.Scope, _place.Path);
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
