using ClusterTransfer.Hocon.Resolving;
using ClusterTransfer.Hocon.Syntax;

namespace ClusterTransfer.Hocon;

/// <summary>Reads HOCON. Texts are taken as untrusted: every bound of <see cref="HoconParserOptions"/> holds, and only <see cref="HoconException"/> is thrown for them.</summary>
public static class HoconParser
{
    /// <summary>Parses a text and resolves its substitutions.</summary>
    /// <param name="text">The text; its root is an object, with or without braces.</param>
    /// <param name="origin">What errors call it, usually a file name.</param>
    /// <param name="options">Bounds, format and environment; null takes the defaults.</param>
    /// <exception cref="HoconException">The text is malformed or exceeds a bound.</exception>
    public static HoconRoot Parse(string text, string origin, HoconParserOptions? options = null)
    {
        HoconValue value = ParseValue(text, origin, options);
        return value is HoconObject root ? new HoconRoot(root) : throw new HoconException("The root must be an object, not an array.", value.Origin);
    }

    /// <summary>The same for a text whose root may also be an array.</summary>
    /// <returns>A <see cref="HoconObject"/> or a <see cref="HoconArray"/>.</returns>
    /// <exception cref="HoconException">The text is malformed or exceeds a bound.</exception>
    public static HoconValue ParseValue(string text, string origin, HoconParserOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(origin);
        options ??= HoconParserOptions.Default;
        RawValue root = SourceParser.Parse(text, new IncludeSource(origin, options.IncludeFolder, Depth: 0), ParsePlace.Root, new ParseContext(options), options.Syntax);
        return Resolver.Resolve(root, options);
    }

    /// <summary>Reads and parses a UTF-8 file and everything it includes. Its format goes by its extension.</summary>
    /// <param name="file">The file; errors name it as given here.</param>
    /// <param name="options">Bounds and environment; null takes the defaults.</param>
    /// <exception cref="HoconException">The file cannot be read, is malformed or exceeds a bound.</exception>
    public static HoconRoot ParseFile(string file, HoconParserOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        options ??= HoconParserOptions.Default;
        string text = ConfigurationFile.Read(file, options, new HoconOrigin(file, 0, 0));
        return Parse(text, file, options with { IncludeFolder = Path.GetDirectoryName(Path.GetFullPath(file)), Syntax = ConfigurationFile.SyntaxOf(file) });
    }
}
