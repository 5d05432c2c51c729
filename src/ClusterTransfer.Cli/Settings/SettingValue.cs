namespace ClusterTransfer.Cli.Settings;

/// <summary>Who said a value, the strongest last.</summary>
internal enum SettingSource
{
    /// <summary>Nobody.</summary>
    Default,

    /// <summary>The contexts file.</summary>
    Context,

    /// <summary>An environment variable.</summary>
    Environment,

    /// <summary>The command line.</summary>
    Flag,
}

/// <summary>A value and where it comes from.</summary>
/// <param name="Text">The value as its flag takes it.</param>
/// <param name="Source">Who said it.</param>
/// <param name="Place">Exactly where: the flag, the variable or <c>file:line:column</c>; empty for a default.</param>
internal sealed record SettingValue(string Text, SettingSource Source, string Place);
