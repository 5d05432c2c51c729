using ClusterTransfer.Cli.Contexts;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Settings;

/// <summary>What environment and contexts say of settings. Every value is checked before anybody acts on it.</summary>
/// <param name="host">The environment.</param>
/// <param name="contexts">The contexts; null when this command asks none.</param>
internal sealed class SettingsLookup(CliHost host, ContextsFile? contexts)
{
    private ContextEntry? _context;

    /// <summary>The contexts; null when this command asks none.</summary>
    public ContextsFile? Contexts => contexts;

    /// <summary>The context that counts; null when there is none.</summary>
    public ContextEntry? Context => _context;

    /// <summary>Takes the context that was chosen.</summary>
    /// <exception cref="CliException">There is no such context.</exception>
    public void Choose(SettingValue? chosen) => _context = chosen is null || contexts is null
        ? null
        : contexts.Find(chosen.Text, chosen.Source == SettingSource.Context ? $"'current' in {chosen.Place}" : chosen.Place);

    /// <summary>Which context counts when no flag names one.</summary>
    public SettingValue? ContextByDefault() =>
        host.Variable(SettingsTable.Context.Variable) is { } variable ? new SettingValue(variable, SettingSource.Environment, SettingsTable.Context.Variable)
        : contexts?.Current is { } current ? new SettingValue(current.Text, SettingSource.Context, current.Place)
        : null;

    /// <summary>What environment or context say; null when neither does.</summary>
    /// <exception cref="CliException">The value is not what the setting wants; names its place.</exception>
    public SettingValue? Find(Setting setting, SettingKind kind)
    {
        if (setting == SettingsTable.Context)
        {
            return ContextByDefault();
        }

        return FindRaw(setting, kind) is not { } raw ? null
            : kind.Read(raw.Text) is { } text ? new SettingValue(text, raw.Source, raw.Place)
            : throw Wrong(raw, kind);
    }

    /// <summary>The same unchecked, as it was written.</summary>
    public SettingValue? FindRaw(Setting setting, SettingKind kind)
    {
        if (host.Variable(setting.Variable) is { } variable)
        {
            return new SettingValue(kind.IsPath ? Path.GetFullPath(variable, host.CurrentFolder) : variable, SettingSource.Environment, setting.Variable);
        }

        return contexts?.ValueOf(setting, _context) is { } written
            ? new SettingValue(kind.IsPath && written.Text.Length > 0 ? written.FullPath : written.Text, SettingSource.Context, written.Place)
            : null;
    }

    /// <summary>That a value is not what was wanted.</summary>
    public static CliException Wrong(SettingValue value, SettingKind kind) =>
        new(Reason.InvalidRequest, $"{value.Place} is '{PathText.Escape(value.Text)}'.", $"Want {kind.Wanted}.");
}
