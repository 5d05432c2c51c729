namespace ClusterTransfer.Hocon;

/// <summary>Bounds and surroundings of one parse. A text that exceeds a bound is refused with a <see cref="HoconException"/>.</summary>
public sealed record HoconParserOptions
{
    /// <summary>The defaults: no environment.</summary>
    public static readonly HoconParserOptions Default = new();

    /// <summary>Deepest nesting of objects and arrays, path keys included. Default 64: far above any real file, far below the stack.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Longest text of one file in characters. Default 1 Mi.</summary>
    public int MaxTextLength { get; init; } = 1024 * 1024;

    /// <summary>Most substitutions followed while resolving, repeats included. Default 10,000.</summary>
    public int MaxSubstitutions { get; init; } = 10_000;

    /// <summary>Most work of resolving, counted in values and characters looked at or copied; stops texts that multiply themselves. Default 4 Mi.</summary>
    public int MaxResolveSteps { get; init; } = 4 * 1024 * 1024;

    /// <summary>Deepest nesting of includes. Default 10.</summary>
    public int MaxIncludeDepth { get; init; } = 10;

    /// <summary>Most files included in all, repeats counted. Default 100.</summary>
    public int MaxIncludedFiles { get; init; } = 100;

    /// <summary>Format of the text; for a file its extension decides. Default HOCON.</summary>
    public HoconSyntax Syntax { get; init; } = HoconSyntax.Conf;

    /// <summary>Folder that includes of a text without a file are relative to; null refuses them. For a file it is the file's own folder.</summary>
    public string? IncludeFolder { get; init; }

    /// <summary>Answers a substitution whose path is not in the text, given the path as written; null means not there either.</summary>
    public Func<string, string?> Environment { get; init; } = static _ => null;
}
