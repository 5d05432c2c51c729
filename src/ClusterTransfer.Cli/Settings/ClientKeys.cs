using System.CommandLine;
using ClusterTransfer.Cli.Commands;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;
using ClusterTransfer.Node.Configuration;

namespace ClusterTransfer.Cli.Settings;

/// <summary>The keys of the client as <c>ct config get|explain</c> tell them, in the shape of the node's.</summary>
internal sealed class ClientKeys(CommandTree tree)
{
    private readonly ResolvedSettings _settings = tree.Settings;

    /// <summary>Whether the key is the client's, or the section of all its keys.</summary>
    public static bool IsOne(string key) => key == Setting.Root || key.StartsWith(Setting.Root + ".", StringComparison.Ordinal);

    /// <summary>One key.</summary>
    /// <exception cref="CliException">There is no such key.</exception>
    public ConfiguredKey Find(string key) => SettingsTable.OfKey(key) is { } setting && key == setting.Key ? Describe(setting) : throw Unknown(key);

    /// <summary>The keys in a section, or the one of that name.</summary>
    /// <exception cref="CliException">There is no such key.</exception>
    public IReadOnlyList<ConfiguredKey> FindSection(string section)
    {
        ConfiguredKey[] found = [.. SettingsTable.All.Where(setting => setting.Key.StartsWith(section + ".", StringComparison.Ordinal)).Select(Describe)];
        return found.Length > 0 ? found : throw Unknown(section);
    }

    private ConfiguredKey Describe(Setting setting)
    {
        Option option = tree.OptionOf(setting.Flags[0]);
        SettingKind kind = setting.Kind ?? SettingKind.Of(option);
        SettingValue? value = _settings.Find(setting) ?? (setting == SettingsTable.Context ? _settings.Lookup.ContextByDefault() : _settings.Lookup.FindRaw(setting, kind));
        bool isWrong = value is { Source: not SettingSource.Flag } && kind.Read(value.Text) is null;
        return new ConfiguredKey
        {
            Key = setting.Key,
            Value = value is null ? setting.Default : isWrong ? value.Text : kind.Read(value.Text) ?? value.Text,
            Source = value?.Source switch
            {
                SettingSource.Flag => ConfigurationSource.Flag,
                SettingSource.Environment => ConfigurationSource.Environment,
                SettingSource.Context => ConfigurationSource.File,
                _ => ConfigurationSource.Default,
            },
            Place = value?.Place,
            Default = setting.Default,
            Range = kind.Wanted,
            Variable = setting.Variable,
            Reason = $"{string.Join(", ", setting.Flags.Select(flag => $"ct {flag}"))}: {option.Description}",
            Problems = isWrong ? [$"want {kind.Wanted}; got '{PathText.Escape(value!.Text)}' ({value.Place})"] : [],
        };
    }

    private static CliException Unknown(string key)
    {
        string? near = Nearest.Of(key, SettingsTable.All.Select(setting => setting.Key));
        return new CliException(
            Reason.PathNotFound,
            $"There is no key '{PathText.Escape(key)}'.",
            near is null ? "'ct config get client' lists those of the client." : $"Did you mean '{near}'? 'ct config get client' lists those of the client.");
    }
}
