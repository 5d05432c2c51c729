using ClusterTransfer.Hocon.Resolving;
using ClusterTransfer.Hocon.Syntax;

namespace ClusterTransfer.Hocon;

/// <summary>Reads HOCON. Texts are taken as untrusted: every bound of <see cref="HoconParserOptions"/> holds, and only <see cref="HoconException"/> is thrown for them.</summary>
public static class HoconParser
{
    /// <summary>Parses a text and resolves its substitutions.</summary>
    /// <param name="text">The text; its root is an object, with or without braces.</param>
    /// <param name="origin">What errors call it, usually a file name.</param>
    /// <param name="options">Bounds and environment; null takes the defaults.</param>
    /// <exception cref="HoconException">The text is malformed or exceeds a bound.</exception>
    public static HoconRoot Parse(string text, string origin, HoconParserOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(origin);
        options ??= HoconParserOptions.Default;
        var context = new ParseContext(options);
        RawObject root = SyntaxParser.Parse(text, new IncludeSource(origin, options.IncludeFolder, Depth: 0), prefix: [], context);
        return new HoconRoot(new Resolver(root, options).ResolveRoot());
    }

    /// <summary>Reads and parses a UTF-8 file and everything it includes.</summary>
    /// <param name="file">The file; errors name it as given here.</param>
    /// <param name="options">Bounds and environment; null takes the defaults.</param>
    /// <exception cref="HoconException">The file cannot be read, is malformed or exceeds a bound.</exception>
    public static HoconRoot ParseFile(string file, HoconParserOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        options ??= HoconParserOptions.Default;
        string text = ConfigurationFile.Read(file, options, new HoconOrigin(file, 0, 0));
        return Parse(text, file, options with { IncludeFolder = Path.GetDirectoryName(Path.GetFullPath(file)) });
    }
}
