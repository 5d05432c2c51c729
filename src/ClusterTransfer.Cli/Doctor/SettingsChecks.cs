using ClusterTransfer.Cli.Commands;
using ClusterTransfer.Cli.Contexts;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Settings;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Doctor;

/// <summary>What this user has set up: contexts, variables, token.</summary>
internal static class SettingsChecks
{
    private const string Contexts = "contexts";
    private const UnixFileMode OfOthers = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public static IEnumerable<Check> Of(CommandTree tree)
    {
        foreach (CliException problem in tree.SettingsProblems)
        {
            yield return Check.Fail("settings", problem);
        }

        yield return ContextsFileOf(tree);
        foreach (Check check in ValuesOf(tree))
        {
            yield return check;
        }
    }

    /// <summary>The token that would be shown, without showing it; null with the check that failed when it cannot be had.</summary>
    public static (Token? Token, Check Check) TokenOf(CommandTree tree)
    {
        const string name = "token";
        try
        {
            return ClientSettings.TokenOf(tree.Host, tree.Settings) is { } token
                ? (token, Check.Ok(name, $"It comes from {token.Place}."))
                : (null, Check.Warn(name, "There is none: neither flag, variable nor context names one, and no node of this machine made one where ct looks.", "ct login"));
        }
        catch (CliException error)
        {
            return (null, Check.Fail(name, error));
        }
    }

    private static Check ContextsFileOf(CommandTree tree)
    {
        if (tree.Settings.Contexts is not { } file)
        {
            return tree.SettingsProblems.Count > 0
                ? Check.Skip(Contexts, "They cannot be read; see above.")
                : Check.Warn(Contexts, "There is no place for them: neither XDG_CONFIG_HOME nor HOME is set.", "export HOME=...");
        }

        if (!File.Exists(file.Path))
        {
            return Check.Ok(Contexts, $"There are none; 'ct login' makes {file.Path}.");
        }

        return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.Path) & OfOthers) != 0
            ? Check.Warn(Contexts, $"Others can read {file.Path}: it tells which nodes you use.", $"chmod 600 {file.Path}")
            : Check.Ok(Contexts, $"{Count(file.Contexts.Count, "context")} in {file.Path}, {(tree.Settings.Context is { } current ? $"{current.Name} counts" : "none counts")}.");
    }

    // Also those of verbs and contexts that are not asked for now: they would fail later.
    private static IEnumerable<Check> ValuesOf(CommandTree tree) =>
        WrittenIn(tree.Settings.Contexts)
            .Concat(SettingsTable.All.Select(setting => (setting, tree.Host.Variable(setting.Variable) is { } text ? new SettingValue(text, SettingSource.Environment, setting.Variable) : null)))
            .Select(said => said.Item2 is { } value ? Wrong(tree, said.Item1, value) : null)
            .Where(wrong => wrong is not null && !tree.SettingsProblems.Any(told => told.Message == wrong.Message))
            .Select(wrong => Check.Fail("settings", wrong!));   // filtered so

    private static IEnumerable<(Setting Setting, SettingValue? Value)> WrittenIn(ContextsFile? file) =>
        from pair in file is null ? [] : file.Shared.Concat(file.Contexts.Values.SelectMany(context => context.Values))
        join setting in SettingsTable.All on pair.Key equals setting.ContextKey
        select (setting, (SettingValue?)new SettingValue(pair.Value.Text, SettingSource.Context, pair.Value.Place));

    private static CliException? Wrong(CommandTree tree, Setting setting, SettingValue value)
    {
        SettingKind kind = setting.Kind ?? SettingKind.Of(tree.OptionOf(setting.Flags[0]));
        return kind.Read(value.Text) is null ? SettingsLookup.Wrong(value, kind) : null;
    }

    public static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";
}
