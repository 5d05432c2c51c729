using System.CommandLine;
using System.CommandLine.Help;
using ClusterTransfer.Cli.Completion;
using ClusterTransfer.Cli.Contexts;
using ClusterTransfer.Cli.Doctor;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Progress;
using ClusterTransfer.Cli.Settings;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Client;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Commands;

/// <summary>All verbs of <c>ct</c>, made by hand: scanning for them would cost every start.</summary>
internal sealed class CommandTree
{
    private readonly Dictionary<Command, string> _examples = [];
    private readonly Dictionary<Command, SettingsNeed> _needs = [];
    private readonly Dictionary<Command, OutputFormat[]> _offers = [];
    private readonly CommonOptions _common = new();
    private readonly CliHost _host;
    private readonly SettingsSource _settings;

    public CommandTree(CliHost host)
    {
        _host = host;
        _settings = new SettingsSource(host);
        Settings = ResolvedSettings.None(host);
        Results = new Results(host.Out, OutputFormat.Table);
        Messages = new Messages(host, asJson: false);
        Root = new RootCommand("Moves files and folders between nodes. Addresses are location:path; a transfer belongs to the cluster, not to the terminal.");
        _common.AddTo(Root);
        _examples[Root] = "ct cp src:photos beta:in\nct ls";
        Root.Add(CopyCommand.Create(this));
        TransferCommands.AddTo(Root, this);
        ClusterCommands.AddTo(Root, this);
        PkiCommands.AddTo(Root, this);
        ConfigCommands.AddTo(Root, this);
        ContextCommands.AddTo(Root, this);
        LoginCommands.AddTo(Root, this);
        CompletionCommands.AddTo(Root, this);
        Root.Add(DoctorCommand.Create(this));
        Root.Add(Group("node", "Runs a node.", Needs(SettingsNeed.Environment, NodeCommand.Create(this))));
        foreach (HelpOption help in Root.Options.OfType<HelpOption>())
        {
            ((HelpAction)help.Action!).MaxWidth = host.OutputWidth();
            help.Action = new HelpWithExample((HelpAction)help.Action!, _examples);   // the library gives every help option its action
        }

        foreach (VersionOption version in Root.Options.OfType<VersionOption>().ToList())
        {
            Root.Options.Remove(version);   // 'ct version' tells the node's as well
        }
    }

    public RootCommand Root { get; }

    public CliHost Host => _host;

    /// <summary>Standard output of this run.</summary>
    public Results Results { get; private set; }

    /// <summary>Standard error of this run, beside progress.</summary>
    public Messages Messages { get; private set; }

    /// <summary>Sets up the output as the arguments ask for it; also of those that are wrong elsewhere, so that a script gets its kind of answer.</summary>
    public void Begin(ParseResult parsed)
    {
        Results = new Results(_host.Out, _common.FormatOf(parsed));
        Messages = new Messages(_host, _common.ProgressOf(parsed) == ProgressMode.Json);
    }

    /// <summary>Says which formats a command can print, where these are not all. None: it prints no resources.</summary>
    public Command Offers(Command command, params OutputFormat[] formats)
    {
        _offers[command] = formats;
        return command;
    }

    /// <summary>The same for a command whose result has neither ids nor names.</summary>
    public Command OffersNoNames(Command command) => Offers(command, [.. Enum.GetValues<OutputFormat>().Where(format => format != OutputFormat.Name)]);

    /// <summary>Refuses a format that the command cannot print, before it does anything.</summary>
    /// <exception cref="CliException">It has no such output.</exception>
    public void CheckFormat(ParseResult parsed)
    {
        // Where nothing is printed, only a flag is a mistake: a default from elsewhere is meant for other commands.
        if (_offers.TryGetValue(parsed.CommandResult.Command, out OutputFormat[]? formats)
            && !formats.Contains(Results.Format)
            && (formats.Length > 0
                || (Results.Format != OutputFormat.Table && parsed.GetResult(_common.Output) is { Implicit: false } && !Settings.Adds(_common.Output))))
        {
            string format = Results.Format.ToString().ToLowerInvariant();
            throw new CliException(
                Reason.InvalidRequest,
                $"'{UsageError.PathOf(parsed)}' has no output '{format}'.",
                formats.Length == 0 ? "Leave -o away: it prints no resources." : $"Use -o {string.Join('|', formats).ToLowerInvariant()}.");
        }
    }

    /// <summary>How the flags of the command that was parsed last are, and who said so.</summary>
    public ResolvedSettings Settings { get; private set; }

    /// <summary>What of them cannot be read.</summary>
    public IReadOnlyList<CliException> SettingsProblems { get; private set; } = [];

    /// <summary>Parses what was typed, alone. No response files: an address may start with '@'.</summary>
    public ParseResult ParseAlone(IReadOnlyList<string> args) => Root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });

    /// <summary>Adds what environment and context say of flags that were not typed.</summary>
    /// <param name="typed">What was typed, parsed alone.</param>
    /// <param name="args">What was typed.</param>
    /// <exception cref="ClusterTransferException">They say what a flag does not want, or the contexts cannot be read.</exception>
    public async Task<ParseResult> AddSettingsAsync(ParseResult typed, IReadOnlyList<string> args)
    {
        Command command = typed.CommandResult.Command;
        SettingsNeed need = _needs.GetValueOrDefault(command);
        if (typed.Action is HelpWithExample || command.Action is null || need == SettingsNeed.Nothing)
        {
            return typed;
        }

        var problems = new List<CliException>();
        Settings = await _settings.ResolveAsync(typed, need != SettingsNeed.Environment, problems);
        SettingsProblems = problems;
        foreach (CliException problem in problems)
        {
            if (need != SettingsNeed.Readable && !(need == SettingsNeed.AllButContext && problem.Reason == Reason.PathNotFound))
            {
                throw problem;
            }
        }

        if (Settings.ToArguments() is not { Count: > 0 } added)
        {
            return typed;
        }

        int end = args.TakeWhile(arg => arg != "--").Count();   // what follows are no flags
        ParseResult parsed = ParseAlone([.. args.Take(end), .. added, .. args.Skip(end)]);
        Settings.ThrowIfRefused(parsed);
        return parsed;
    }

    /// <summary>Says what a command takes from environment and contexts, where that is not all.</summary>
    public Command Needs(SettingsNeed need, Command command)
    {
        _needs[command] = need;
        return command;
    }

    /// <summary>The settings of a line as far as they can be read; the line may be wrong otherwise.</summary>
    public Task<ResolvedSettings> ResolveAsync(IReadOnlyList<string> args) => _settings.ResolveAsync(ParseAlone(args), withContexts: true, []);

    /// <summary>The option that a flag of the table means, such as <c>cp --conflict</c>.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public Option OptionOf(string flag)
    {
        string[] words = flag.Split(' ');
        Command command = words[..^1].Aggregate((Command)Root, static (command, verb) => command.Subcommands.Single(sub => sub.Name == verb));
        return command.Options.Single(option => option.Name == words[^1]);
    }

    /// <summary>A command that needs no node.</summary>
    public Command Local(string name, string description, string example, Func<ParseResult, CancellationToken, Task<int>> run, params Symbol[] symbols)
    {
        Command command = Plain(name, description, example, symbols);
        command.SetAction(run);
        return command;
    }

    /// <summary>A command that asks a node.</summary>
    public Command Remote(string name, string description, string example, Func<CommandContext, CancellationToken, Task<int>> run, params Symbol[] symbols)
    {
        Command command = Plain(name, description, example, symbols);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            ClientSettings.WarnOfDisagreement(Messages, Settings);
            await using ClusterTransferClient client = ClientSettings.Connect(_host, Settings);
            return await run(new CommandContext(_host, parsed, client, Results, Messages, _common.ProgressOf(parsed)), cancellationToken);
        });
        return command;
    }

    /// <summary>A noun with verbs below it.</summary>
    public Command Group(string name, string description, params Command[] commands)
    {
        var group = new Command(name, description);
        _examples[group] = _examples[commands[0]];
        foreach (Command command in commands)
        {
            group.Add(command);
        }

        return group;
    }

    /// <summary>The id in an argument, in the form the node takes.</summary>
    /// <exception cref="ClusterTransferException">It cannot be an id.</exception>
    public static string ReadId(string text) => text.Length is >= 4 and <= TransferId.Length && text.All(char.IsAsciiLetterOrDigit)
        ? text.ToLowerInvariant()
        : throw new CliException(
            Reason.InvalidRequest, $"'{PathText.Escape(text)}' is not a transfer id.", $"Give its {TransferId.Length} characters or at least the first 4; 'ct ls' lists them.");

    private Command Plain(string name, string description, string example, Symbol[] symbols)
    {
        var command = new Command(name, description);
        foreach (Symbol symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument:
                    command.Add(argument);
                    break;
                case Option option:
                    command.Add(option);
                    break;
                default:
                    throw new ArgumentException($"{symbol.GetType().Name} is neither an argument nor an option.", nameof(symbols));
            }
        }

        _examples[command] = example;
        return command;
    }
}
