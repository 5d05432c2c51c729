namespace ClusterTransfer.Cli.Settings;

/// <summary>A flag that is also a key of a context and an environment variable.</summary>
/// <param name="Flags">The flag with the verb it belongs to, for example <c>cp --conflict</c>, or <c>--node</c> for one of all verbs; several when they mean the same.</param>
/// <param name="Default">The value when nobody says anything; null when there is none, or none that can be said in general.</param>
/// <param name="Kind">What it may be; null when the option itself tells.</param>
internal sealed record Setting(IReadOnlyList<string> Flags, string? Default, SettingKind? Kind)
{
    /// <summary>First part of every key.</summary>
    public const string Root = "client";

    /// <summary>The key in a context, for example <c>cp.conflict</c>.</summary>
    public required string ContextKey { get; init; }

    /// <summary>The key in full, for example <c>client.cp.conflict</c>.</summary>
    public string Key => $"{Root}.{ContextKey}";

    /// <summary>The environment variable, for example <c>CT_CP_CONFLICT</c>.</summary>
    public string Variable => "CT_" + ContextKey.ToUpperInvariant().Replace('.', '_').Replace('-', '_');

    /// <summary>Whether a context may say it.</summary>
    public bool InContexts { get; init; } = true;

    /// <summary>A setting whose key follows from its flag.</summary>
    public static Setting Of(string flag, string? byDefault = null, SettingKind? kind = null) =>
        new([flag], byDefault, kind) { ContextKey = flag.Replace(" --", ".", StringComparison.Ordinal).Replace("--", string.Empty, StringComparison.Ordinal).Replace(' ', '.') };
}
