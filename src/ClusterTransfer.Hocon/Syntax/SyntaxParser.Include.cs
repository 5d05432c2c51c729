namespace ClusterTransfer.Hocon.Syntax;

/// <content><c>include "x"</c>, <c>include file("x")</c>, <c>include required(file("x"))</c>.</content>
internal sealed partial class SyntaxParser
{
    private const int MaxOpening = 32;

    private static readonly string[] UrlProtocols = ["http:", "https:", "ftp:", "file:", "jar:", "classpath:"];

    private void ParseInclude(RawObject target, ParsePlace place)
    {
        HoconOrigin origin = _current.Origin;
        Advance();

        // The longest form has two words; a line of more is an error, not a reason to go on gathering.
        string opening = string.Empty;
        while (_current.Kind is TokenKind.Unquoted or TokenKind.Space or TokenKind.NewLine && opening.Length < MaxOpening)
        {
            opening += _current.Text.Trim();
            Advance();
        }

        bool required = opening.StartsWith("required(", StringComparison.Ordinal);
        string kind = required ? opening["required(".Length..] : opening;
        if (kind is "url(" or "classpath(" or "package(")
        {
            throw new HoconException($"include {kind}...) is not supported; use include file(\"...\").", origin);
        }

        if (_current.Kind != TokenKind.Quoted || kind is not ("" or "file("))
        {
            throw new HoconException("Want include \"FILE\", include file(\"FILE\") or include required(file(\"FILE\")); a key of that name must be quoted.", origin);
        }

        string file = _current.Text;
        HoconOrigin fileOrigin = _current.Origin;
        Advance();
        CloseParentheses(opening.Count(c => c == '('));
        if (kind.Length == 0 && UrlProtocols.Any(protocol => file.StartsWith(protocol, StringComparison.OrdinalIgnoreCase)))
        {
            // The specification takes such a name for a URL, so as a file it would be silently absent.
            throw new HoconException("Including from a URL is not supported; name a file.", fileOrigin);
        }

        Include(target, place, file, required, fileOrigin);
    }

    private void CloseParentheses(int open)
    {
        for (int closed = 0; closed < open; Advance())
        {
            SkipBlank();
            if (_current.Kind != TokenKind.Unquoted || _current.Text.Any(c => c != ')') || closed + _current.Text.Length > open)
            {
                throw Unexpected("')' at the end of the include");
            }

            closed += _current.Text.Length;
        }
    }

    private void Include(RawObject target, ParsePlace place, string file, bool required, HoconOrigin origin)
    {
        if (_source.Folder is null)
        {
            throw new HoconException("A text without a file cannot include files.", origin);
        }

        if (_source.Depth >= _context.Options.MaxIncludeDepth)
        {
            throw new HoconException($"Includes are nested more than {_context.Options.MaxIncludeDepth} deep; does a file include itself?", origin);
        }

        if (file.Length == 0 || file.Contains('\0', StringComparison.Ordinal))
        {
            throw new HoconException("The include names no file.", origin);
        }

        string full = Path.GetFullPath(Path.Combine(_source.Folder, file));
        IReadOnlyList<string> found = ConfigurationFile.Find(full);
        if (found.Count == 0 && (required || Directory.Exists(full)))
        {
            // As the specification has it: only a required file must be there. A folder or an unreadable file is no excuse.
            throw new HoconException($"The included file '{full}' does not exist.", origin);
        }

        foreach (string name in found)
        {
            _context.CountInclude(origin);
            string text = ConfigurationFile.Read(name, _context.Options, origin);
            var source = new IncludeSource(name, Path.GetDirectoryName(name), _source.Depth + 1);
            target.Merge(SourceParser.ParseObject(text, source, place, _context, ConfigurationFile.SyntaxOf(name)));
        }
    }
}
