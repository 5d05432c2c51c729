using System.CommandLine;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Settings;
using ClusterTransfer.Model;
using ClusterTransfer.Node.Configuration;

namespace ClusterTransfer.Cli.Commands;

/// <summary><c>ct config check|get|explain</c>: a node's configuration as its start would read it, and how the client's flags are; no node involved.</summary>
internal sealed class ConfigCommands
{
    private readonly CommandTree _tree;
    private readonly Option<string[]> _set = new("--set") { Description = "Overrides one key; may be repeated.", HelpName = "KEY=VALUE" };
    private readonly Option<string?> _config = new("--config")
    {
        Description = "Configuration of the node (HOCON). Without one: environment and defaults.", HelpName = "FILE",
    };

    private readonly Argument<string> _key = new("KEY") { Description = "For example data-plane.chunk-size of a node, or client.cp.conflict of ct itself." };

    private ConfigCommands(CommandTree tree) => _tree = tree;

    public static void AddTo(RootCommand root, CommandTree tree)
    {
        var commands = new ConfigCommands(tree);
        root.Add(tree.Group("config", "Configuration of a node, and of ct itself: is it right, what holds, and why.", tree.OffersNoNames(commands.Check()), commands.Get(), tree.OffersNoNames(commands.Explain())));
    }

    private Command Check()
    {
        var file = new Argument<string>("FILE") { Description = "Configuration of the node (HOCON)." };
        return _tree.Local(
            "check",
            "Tells every problem of a configuration; exits with 2 when there are any.",
            "ct config check beta.conf",
            (parsed, _) => Task.FromResult(Check(parsed, Path.GetFullPath(parsed.GetRequiredValue(file), _tree.Host.CurrentFolder))),
            file, _set);
    }

    private Command Get() => _tree.Local(
        "get",
        "Shows the value of a key, or of all keys in a section.",
        "ct config get data-plane.chunk-size --config beta.conf\nct config get client",
        (parsed, _) =>
        {
            string key = parsed.GetRequiredValue(_key);
            if (ClientKeys.IsOne(key))
            {
                ShowClient(key);
                return Task.FromResult(0);
            }

            ConfigurationReport report = Read(parsed, FileOf(parsed));
            if (report.Find(key) is { } found)
            {
                Show(found);
                return Task.FromResult(0);
            }

            IReadOnlyList<ConfiguredKey> section = report.FindSection(key);
            if (section.Count == 0)
            {
                throw Unknown(key);
            }

            _tree.Results.Write(ConfigResult.Section(section, Near));
            return Task.FromResult(0);
        },
        _key, _config, _set);

    private Command Explain() => _tree.Local(
        "explain",
        "Tells all about a key: its value, where that was said, unit, range, default and reason.",
        "ct config explain transfers.chunk-retries --config beta.conf\nct config explain client.node",
        (parsed, _) =>
        {
            string key = parsed.GetRequiredValue(_key);
            ConfiguredKey found = ClientKeys.IsOne(key) ? new ClientKeys(_tree).Find(key) : Read(parsed, FileOf(parsed)).Find(key) ?? throw Unknown(key);
            _tree.Results.Write(ConfigResult.Explanation(found, Near));
            return Task.FromResult(0);
        },
        _key, _config, _set);

    private int Check(ParseResult parsed, string file)
    {
        IReadOnlyList<string> problems;
        try
        {
            problems = Read(parsed, file).Problems;
        }
        catch (NodeConfigurationException error)
        {
            problems = error.Problems;
        }

        _tree.Results.Write(ConfigResult.Check(Near(file), [.. problems.Select(Near)]));
        if (problems.Count > 0)
        {
            _tree.Results.Problem = Failure.Of(new Problem(Reason.InvalidRequest, $"{Near(file)} has {problems.Count} problems.")) with { Remedy = "Correct the file." };
        }

        return problems.Count == 0 ? 0 : Reason.InvalidRequest.Info().ExitCode;
    }

    private void Show(ConfiguredKey key)
    {
        if (key.Value is null)
        {
            throw new CliException(Reason.InvalidRequest, $"{key.Key} has no value and no default.", "Set it in the file given with --config.");
        }

        _tree.Results.Write(ConfigResult.Value(key, Near));
    }

    private void ShowClient(string key)
    {
        var keys = new ClientKeys(_tree);
        if (SettingsTable.OfKey(key) is not { } setting || setting.Key != key)
        {
            _tree.Results.Write(ConfigResult.Section(keys.FindSection(key), Near));
            return;
        }

        ConfiguredKey found = keys.Find(key);
        if (found.Value is null && _tree.Results.IsText)
        {
            throw new CliException(Reason.PathNotFound, $"{key} is not set and has no default.", $"Set {setting.Variable}, or write it into a context; 'ct config explain {key}' tells more.");
        }

        _tree.Results.Write(ConfigResult.Value(found, Near));
    }

    private ConfigurationReport Read(ParseResult parsed, string? file) => ConfigurationReport.Read(
        file, NodeCommand.ReadOverrides(parsed.GetValue(_set) ?? []), _tree.Host.NodeVariable ?? _tree.Host.Variable);

    private string? FileOf(ParseResult parsed) =>
        parsed.GetValue(_config) is { } file ? Path.GetFullPath(file, _tree.Host.CurrentFolder) : null;

    // Files beneath the current folder by their short name, as the user knows them.
    private string Near(string text) => _tree.Host.CurrentFolder == "/" ? text : text.Replace(_tree.Host.CurrentFolder.TrimEnd('/') + "/", string.Empty, StringComparison.Ordinal);

    private static CliException Unknown(string key)
    {
        string? near = ConfigurationReport.Nearest(key);
        return new CliException(
            Reason.PathNotFound,
            $"There is no key '{PathText.Escape(key)}'.",
            near is null ? "'ct config get cluster-transfer' lists all." : $"Did you mean '{near}'? 'ct config get cluster-transfer' lists all.");
    }
}
