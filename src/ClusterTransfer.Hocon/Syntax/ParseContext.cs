namespace ClusterTransfer.Hocon.Syntax;

/// <summary>What a text and everything it includes share while they are parsed.</summary>
internal sealed class ParseContext(HoconParserOptions options)
{
    private int _includedFiles;

    public HoconParserOptions Options { get; } = options;

    /// <summary>Counts one more included file.</summary>
    public void CountInclude(HoconOrigin origin)
    {
        if (++_includedFiles > Options.MaxIncludedFiles)
        {
            throw new HoconException($"More than {Options.MaxIncludedFiles} files are included in all.", origin);
        }
    }
}

/// <summary>The text that is being parsed, as includes see it.</summary>
/// <param name="Name">What errors call it.</param>
/// <param name="Folder">What its includes are relative to; null refuses them.</param>
/// <param name="Depth">0 for the text given to the parser.</param>
internal sealed record IncludeSource(string Name, string? Folder, int Depth);
