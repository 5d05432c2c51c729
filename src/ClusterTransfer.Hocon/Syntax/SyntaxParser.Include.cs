namespace ClusterTransfer.Hocon.Syntax;

/// <content><c>include "x"</c>, <c>include file("x")</c>, <c>include required(file("x"))</c>.</content>
internal sealed partial class SyntaxParser
{
    private const int MaxOpening = 32;

    private void ParseInclude(RawObject target, IReadOnlyList<string> path)
    {
        HoconOrigin origin = _current.Origin;
        Advance();
        SkipSpace();

        // The longest form has two words; a line of more is an error, not a reason to go on gathering.
        string opening = string.Empty;
        while (_current.Kind is TokenKind.Unquoted or TokenKind.Space && opening.Length < MaxOpening)
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
        Include(target, path, file, required, fileOrigin);
    }

    private void CloseParentheses(int open)
    {
        int closed = 0;
        while (closed < open)
        {
            SkipSpace();
            if (_current.Kind != TokenKind.Unquoted || _current.Text.Any(c => c != ')') || closed + _current.Text.Length > open)
            {
                throw Unexpected("')' at the end of the include");
            }

            closed += _current.Text.Length;
            Advance();
        }

        SkipSpace();
    }

    private void Include(RawObject target, IReadOnlyList<string> path, string file, bool required, HoconOrigin origin)
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
        if (!File.Exists(full))
        {
            // As the specification has it: only a required file must be there. A folder or an unreadable file is no excuse.
            if (required || Directory.Exists(full))
            {
                throw new HoconException($"The included file '{full}' does not exist.", origin);
            }

            return;
        }

        _context.CountInclude(origin);
        string text = ConfigurationFile.Read(full, _context.Options, origin);
        var source = new IncludeSource(full, Path.GetDirectoryName(full), _source.Depth + 1);
        target.Merge(Parse(text, source, path, _context));
    }
}
