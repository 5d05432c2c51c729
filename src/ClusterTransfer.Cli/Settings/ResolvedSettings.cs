using System.CommandLine;
using ClusterTransfer.Cli.Contexts;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Terminal;

namespace ClusterTransfer.Cli.Settings;

/// <summary>How the flags of one command are, whoever said so: the command line, else the environment, else the context. What nobody said is left to the flag's default.</summary>
internal sealed class ResolvedSettings
{
    private readonly Dictionary<string, SettingValue> _values = [];
    private readonly List<(Option Option, SettingValue Value, SettingKind Kind)> _added = [];
    private readonly SettingsLookup _lookup;

    private ResolvedSettings(SettingsLookup lookup) => _lookup = lookup;

    /// <summary>Those of a command that was not parsed yet: nobody says anything.</summary>
    public static ResolvedSettings None(CliHost host) => new(new SettingsLookup(host, null));

    /// <summary>The context that counts; null when there is none.</summary>
    public ContextEntry? Context => _lookup.Context;

    /// <summary>The contexts; null when this command asks none.</summary>
    public ContextsFile? Contexts => _lookup.Contexts;

    /// <summary>What environment and context say, for those who ask of other commands' flags.</summary>
    public SettingsLookup Lookup => _lookup;

    /// <summary>What was not typed, as if it had been.</summary>
    public IReadOnlyList<string> Arguments => [.. _added.Select(added => $"{added.Option.Name}={added.Value.Text}")];

    /// <summary>Finds the values of a command's flags.</summary>
    /// <param name="typed">The command line alone.</param>
    /// <param name="lookup">Environment and contexts.</param>
    /// <param name="problems">Takes what is wrong, which then counts as not said.</param>
    public static ResolvedSettings Of(ParseResult typed, SettingsLookup lookup, List<CliException> problems)
    {
        var settings = new ResolvedSettings(lookup);
        Try(() => settings.AddContext(typed), problems);
        foreach ((Option option, Setting setting) in FlagsOf(typed))
        {
            Try(() => settings.Add(typed, option, setting), problems);
        }

        return settings;
    }

    /// <summary>Who said a value; null when nobody did.</summary>
    public SettingValue? Find(Setting setting) => _values.GetValueOrDefault(setting.Key);

    /// <summary>Whether a flag was not typed and gets its value from elsewhere.</summary>
    public bool Adds(Option option) => _added.Any(added => added.Option == option);

    /// <summary>Blames a value that its flag refused on the place where it stands.</summary>
    /// <exception cref="CliException">There is one.</exception>
    public void ThrowIfRefused(ParseResult parsed)
    {
        foreach ((Option option, SettingValue value, SettingKind kind) in _added)
        {
            if (parsed.GetResult(option) is { } result && result.Errors.Any())
            {
                throw SettingsLookup.Wrong(value, kind);
            }
        }
    }

    private static void Try(Action act, List<CliException> problems)
    {
        try
        {
            act();
        }
        catch (CliException problem)
        {
            problems.Add(problem);
        }
    }

    private void AddContext(ParseResult typed)
    {
        SettingValue? chosen = Typed(typed, SettingsTable.Context) is { } named
            ? new SettingValue(named, SettingSource.Flag, "--context")
            : _lookup.ContextByDefault();
        if (chosen is not null)
        {
            _values[SettingsTable.Context.Key] = chosen;
            _lookup.Choose(chosen);
        }
    }

    private void Add(ParseResult typed, Option option, Setting setting)
    {
        if (typed.GetResult(option) is { Implicit: false } result)
        {
            _values[setting.Key] = new SettingValue(result.Tokens.Count > 0 ? result.Tokens[^1].Value : "true", SettingSource.Flag, option.Name);
            return;
        }

        SettingKind kind = setting.Kind ?? SettingKind.Of(option);
        if (setting != SettingsTable.Context && _lookup.Find(setting, kind) is { } value)
        {
            _values[setting.Key] = value;
            _added.Add((option, value, kind));
        }
    }

    private static string? Typed(ParseResult typed, Setting setting) =>
        FlagsOf(typed).FirstOrDefault(flag => flag.Setting == setting) is { Option: { } option } && typed.GetResult(option) is { Implicit: false, Tokens.Count: > 0 } result
            ? result.Tokens[^1].Value
            : null;

    private static IEnumerable<(Option Option, Setting Setting)> FlagsOf(ParseResult typed)
    {
        Command command = typed.CommandResult.Command;
        IEnumerable<Option> ofAll = typed.RootCommandResult.Command.Options.Where(option => option.Recursive);
        foreach (Option option in command is RootCommand ? command.Options : command.Options.Concat(ofAll))
        {
            if (SettingsTable.OfOption(command, option) is { } setting)
            {
                yield return (option, setting);
            }
        }
    }
}
