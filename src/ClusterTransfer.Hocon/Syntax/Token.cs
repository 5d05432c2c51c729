namespace ClusterTransfer.Hocon.Syntax;

internal enum TokenKind
{
    End,
    NewLine,
    Space,
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    Comma,
    Colon,
    Equal,
    PlusEqual,
    Unquoted,
    Quoted,
    OpenSubstitution,
}

/// <summary>A piece of a text. Comments are never tokens. Its text is the content of a string, escapes undone, or "?" for the start of an optional substitution.</summary>
internal readonly record struct Token(TokenKind Kind, HoconOrigin Origin, string Text)
{
    public bool IsSimple => Kind is TokenKind.Unquoted or TokenKind.Quoted;

    /// <summary>How an error message calls it.</summary>
    public string Describe() => Kind switch
    {
        TokenKind.End => "the end of the text",
        TokenKind.NewLine => "the end of the line",
        TokenKind.Space => "white space",
        TokenKind.OpenBrace => "'{'",
        TokenKind.CloseBrace => "'}'",
        TokenKind.OpenBracket => "'['",
        TokenKind.CloseBracket => "']'",
        TokenKind.Comma => "','",
        TokenKind.Colon => "':'",
        TokenKind.Equal => "'='",
        TokenKind.PlusEqual => "'+='",
        TokenKind.OpenSubstitution => "'${'",
        _ => Text.Length > 40 ? $"'{Text[..40]}...'" : $"'{Text}'",
    };
}
