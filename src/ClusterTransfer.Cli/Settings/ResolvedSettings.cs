using System.CommandLine;
using ClusterTransfer.Cli.Contexts;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Terminal;

namespace ClusterTransfer.Cli.Settings;

/// <summary>How the flags of one command are, whoever said so: the command line, else the environment, else the context. What nobody said is left to the flag's default.</summary>
internal sealed class ResolvedSettings
{
    private readonly Dictionary<string, SettingValue> _values = [];
    private readonly List<AddedFlag> _added = [];
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

    /// <summary>Finds the values of a command's flags.</summary>
    /// <param name="typed">The command line alone.</param>
    /// <param name="lookup">Environment and contexts.</param>
    /// <param name="problems">Takes what is wrong, which then counts as not said.</param>
    public static ResolvedSettings Of(ParseResult typed, SettingsLookup lookup, List<CliException> problems)
    {
        var settings = new ResolvedSettings(lookup);
        Command command = typed.CommandResult.Command;
        Command root = typed.RootCommandResult.Command;

        // The context first: it decides what the others are.
        settings.Add(typed, root.Options.First(static option => option.Name == "--context"), SettingsTable.Context, problems);
        foreach (Option option in command.Options)
        {
            settings.Add(typed, option, SettingsTable.OfOption(command, option), problems);
        }

        if (command != root)
        {
            foreach (Option option in root.Options)
            {
                settings.Add(typed, option, SettingsTable.OfFlag(option.Name), problems);
            }
        }

        return settings;
    }

    /// <summary>What was not typed, as if it had been.</summary>
    public List<string> ToArguments()
    {
        var arguments = new List<string>();
        foreach (AddedFlag added in _added)
        {
            arguments.Add($"{added.Option.Name}={added.Value.Text}");
        }

        return arguments;
    }

    /// <summary>Who said a value; null when nobody did.</summary>
    public SettingValue? Find(Setting setting) => _values.GetValueOrDefault(setting.Key);

    /// <summary>Whether a flag was not typed and gets its value from elsewhere.</summary>
    public bool Adds(Option option) => _added.Any(added => added.Option == option);

    /// <summary>Blames a value that its flag refused on the place where it stands.</summary>
    /// <exception cref="CliException">There is one.</exception>
    public void ThrowIfRefused(ParseResult parsed)
    {
        foreach (AddedFlag added in _added)
        {
            if (parsed.GetResult(added.Option) is { } result && result.Errors.Any())
            {
                throw SettingsLookup.Wrong(added.Value, added.Kind);
            }
        }
    }

    private void Add(ParseResult typed, Option option, Setting? setting, List<CliException> problems)
    {
        if (setting is null || _values.ContainsKey(setting.Key))
        {
            return;
        }

        try
        {
            SettingKind kind = setting.Kind ?? SettingKind.Of(option);
            SettingValue? value = Typed(typed, option) ?? _lookup.Find(setting, kind);
            if (value is null)
            {
                return;
            }

            _values[setting.Key] = value;
            if (setting == SettingsTable.Context)
            {
                _lookup.Choose(value);
            }
            else if (value.Source != SettingSource.Flag && !setting.IsFound)
            {
                _added.Add(new AddedFlag(option, value, kind));
            }
        }
        catch (CliException problem)
        {
            problems.Add(problem);
        }
    }

    private static SettingValue? Typed(ParseResult typed, Option option) => typed.GetResult(option) is { Implicit: false } result
        ? new SettingValue(result.Tokens.Count > 0 ? result.Tokens[^1].Value : "true", SettingSource.Flag, option.Name)
        : null;

    /// <summary>A flag that was not typed.</summary>
    private sealed class AddedFlag(Option option, SettingValue value, SettingKind kind)
    {
        public Option Option => option;

        public SettingValue Value => value;

        public SettingKind Kind => kind;
    }
}
