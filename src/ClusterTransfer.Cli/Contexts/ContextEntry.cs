using ClusterTransfer.Cli.Settings;

namespace ClusterTransfer.Cli.Contexts;

/// <summary>One named set of settings: which node, which token, and how flags are when nobody says them.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">What it says itself, by <see cref="Setting.ContextKey"/>.</param>
internal sealed record ContextEntry(string Name, IReadOnlyDictionary<string, ContextValue> Values)
{
    private const int MaxName = 63;

    /// <summary>What a name may be, in words that follow "want".</summary>
    public const string NameWanted = "1 to 63 of a-z, A-Z, 0-9, '-' and '_', not starting with '-'";

    /// <summary>Whether it can name a context: also a file, a word of a shell and a key.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= MaxName && text[0] != '-' && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    public string? Node => Values.GetValueOrDefault(SettingsTable.Node.ContextKey)?.Text;

    public ContextValue? TokenFile => Values.GetValueOrDefault(SettingsTable.TokenFile.ContextKey);
}

/// <summary>A value as it was written.</summary>
/// <param name="Text">The text.</param>
/// <param name="Place"><c>file:line:column</c>.</param>
/// <param name="Folder">The folder of that file: relative paths start there.</param>
internal sealed record ContextValue(string Text, string Place, string Folder)
{
    /// <summary>The file that it names.</summary>
    public string FullPath => Path.GetFullPath(Text, Folder);
}
