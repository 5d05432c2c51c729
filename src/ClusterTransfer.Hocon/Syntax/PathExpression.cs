using System.Text;

namespace ClusterTransfer.Hocon.Syntax;

/// <summary>Paths such as <c>a.b."c.d"</c>: keys, substitutions and the accessors read them the same way.</summary>
internal static class PathExpression
{
    /// <summary>Splits the tokens of a key at its unquoted dots. White space inside is kept, at the ends it is dropped.</summary>
    public static IReadOnlyList<string> FromTokens(List<Token> tokens, HoconOrigin origin)
    {
        while (tokens.Count > 0 && tokens[^1].Kind == TokenKind.Space)
        {
            tokens.RemoveAt(tokens.Count - 1);
        }

        var elements = new List<string>();
        var element = new StringBuilder();
        bool quoted = false;
        foreach (Token token in tokens)
        {
            if (token.Kind == TokenKind.Quoted)
            {
                element.Append(token.Text);
                quoted = true;
                continue;
            }

            string[] parts = token.Text.Split('.');
            element.Append(parts[0]);
            foreach (string part in parts[1..])
            {
                Finish();
                element.Append(part);
            }
        }

        Finish();
        return elements;

        void Finish()
        {
            if (element.Length == 0 && !quoted)
            {
                throw new HoconException("The key is empty or has an empty element; write \"\" for an empty name.", origin);
            }

            elements.Add(element.ToString());
            element.Clear();
            quoted = false;
        }
    }

    /// <summary>Reads the path of an accessor.</summary>
    /// <exception cref="HoconException">It is not a path.</exception>
    public static IReadOnlyList<string> Parse(string path)
    {
        // Nearly every path an accessor is given is plain.
        if (path.Length > 0 && path.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && path[0] != '.' && path[^1] != '.' && !path.Contains("..", StringComparison.Ordinal))
        {
            return path.Split('.');
        }

        const string Name = "path";
        var tokenizer = new Tokenizer(path, Name, hasComments: false);
        var tokens = new List<Token>();
        for (Token token = tokenizer.Next(); token.Kind != TokenKind.End; token = tokenizer.Next())
        {
            if (!token.IsSimple && token.Kind != TokenKind.Space)
            {
                throw new HoconException($"{token.Describe()} cannot be part of a path.", token.Origin);
            }

            tokens.Add(token);
        }

        return FromTokens(tokens, new HoconOrigin(Name, 1, 1));
    }

    /// <summary>Writes elements as a path that reads back as the same elements.</summary>
    public static string Render(IEnumerable<string> elements)
    {
        var text = new StringBuilder();
        foreach (string element in elements)
        {
            text.Append(text.Length == 0 ? string.Empty : ".");
            QuotedText.AppendKey(text, element, always: false);
        }

        return text.ToString();
    }
}
