namespace ClusterTransfer.Cli.Settings;

/// <summary>A flag that is also a key of a context and an environment variable.</summary>
internal sealed class Setting
{
    /// <summary>First part of every key.</summary>
    public const string Root = "client";

    /// <summary>A setting.</summary>
    /// <param name="contextKey">The key in a context.</param>
    /// <param name="byDefault">The value when nobody says anything; null when there is none, or none that can be said in general.</param>
    /// <param name="kind">What it may be; null when the option itself tells.</param>
    /// <param name="flags">The flag with the verb it belongs to; several when they mean the same.</param>
    public Setting(string contextKey, string? byDefault, SettingKind? kind, params string[] flags)
    {
        ContextKey = contextKey;
        Default = byDefault;
        Kind = kind;
        Flags = flags;
    }

    /// <summary>The flag with the verb it belongs to, for example <c>cp --conflict</c>, or <c>--node</c> for one of all verbs; several when they mean the same.</summary>
    public string[] Flags { get; }

    /// <summary>The value when nobody says anything; null when there is none, or none that can be said in general.</summary>
    public string? Default { get; }

    /// <summary>What it may be; null when the option itself tells.</summary>
    public SettingKind? Kind { get; }

    /// <summary>The key in a context, for example <c>cp.conflict</c>.</summary>
    public string ContextKey { get; }

    /// <summary>The key in full, for example <c>client.cp.conflict</c>.</summary>
    public string Key => $"{Root}.{ContextKey}";

    /// <summary>The environment variable, for example <c>CT_CP_CONFLICT</c>.</summary>
    public string Variable => "CT_" + ContextKey.ToUpperInvariant().Replace('.', '_').Replace('-', '_');

    /// <summary>Whether a context may say it.</summary>
    public bool InContexts { get; init; } = true;

    /// <summary>Whether commands find it in <see cref="ResolvedSettings"/>, with who said it, and not behind its flag.</summary>
    public bool IsFound { get; init; }

    /// <summary>A setting whose key follows from its flag.</summary>
    public static Setting Of(string flag, string? byDefault = null, SettingKind? kind = null) => new(KeyOf(flag), byDefault, kind, flag);

    /// <summary>The key that follows from a flag.</summary>
    public static string KeyOf(string flag) => flag.Replace(" --", ".", StringComparison.Ordinal).Replace("--", string.Empty, StringComparison.Ordinal).Replace(' ', '.');
}
