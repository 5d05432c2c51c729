using System.CommandLine;
using ClusterTransfer.Cli.Commands;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Settings;
using ClusterTransfer.Cli.Terminal;

namespace ClusterTransfer.Cli.Completion;

/// <summary><c>ct completion SHELL</c>, and <c>ct complete</c>, which its scripts ask at each press of the key.</summary>
internal static class CompletionCommands
{
    private static readonly TimeSpan UsualLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestLimit = TimeSpan.FromSeconds(10);

    // The shells, with the file of each one's script.
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = "ct.bash", ["zsh"] = "ct.zsh", ["fish"] = "ct.fish", ["powershell"] = "ct.ps1",
    };

    public static void AddTo(RootCommand root, CommandTree tree)
    {
        root.Add(Completion(tree));
        root.Add(Complete(tree));
    }

    private static Command Completion(CommandTree tree)
    {
        var shell = new Argument<string>("SHELL") { Description = $"One of {string.Join(", ", Scripts.Keys)}." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        return tree.Offers(tree.Needs(SettingsNeed.Environment, tree.Local(
            "completion",
            "Prints the script that completes verbs, flags, transfers, nodes, locations and contexts in a shell. It says how to load it.",
            "ct completion bash > ~/.local/share/bash-completion/completions/ct\nct completion zsh > \"${fpath[1]}/_ct\"\n"
            + "ct completion fish > ~/.config/fish/completions/ct.fish\nct completion powershell | Out-String | Invoke-Expression",
            (parsed, _) =>
            {
                tree.Host.Out.Write(ScriptOf(parsed.GetRequiredValue(shell)));
                return Task.FromResult(0);
            },
            shell)));
    }

    private static Command Complete(CommandTree tree)
    {
        var current = new Option<string?>("--current") { Description = "The word at the cursor, when it is not the last one.", Hidden = true, Arity = ArgumentArity.ZeroOrOne };
        var limit = new Option<string?>("--time-limit") { Description = "How long the node may take to answer, at most 10s. Default 1s.", HelpName = "T", Hidden = true };
        var words = new Argument<string[]>("WORDS") { Description = "The words behind ct; the last is the one at the cursor.", Arity = ArgumentArity.ZeroOrMore };
        Command command = tree.Offers(tree.Needs(SettingsNeed.Nothing, tree.Local(
            "complete",
            "Lists what may stand at the cursor; for the scripts of 'ct completion'.",
            "ct complete -- pause ''",
            async (parsed, _) =>
            {
                string[] typed = parsed.GetValue(words) ?? [];
                string[] all = parsed.GetResult(current) is { Implicit: false } ? [.. typed, parsed.GetValue(current) ?? string.Empty] : typed;
                await WriteAsync(tree, all.Length == 0 ? [string.Empty] : all, parsed.GetValue(limit));
                return 0;
            },
            words, current, limit)));
        command.Hidden = true;
        return command;
    }

    private static async Task WriteAsync(CommandTree tree, IReadOnlyList<string> words, string? typedLimit)
    {
        CliHost host = tree.Host;
        TimeSpan limit = LimitOf(typedLimit ?? host.Variable(SettingsTable.CompletionLimit.Variable));
        CompletionPlace place = CompletionPlace.Of(tree.Root, words);
        ResolvedSettings settings;
        try
        {
            settings = await tree.ResolveAsync([.. words.SkipLast(1)]).WaitAsync(limit, host.Time);
        }
        catch (TimeoutException)
        {
            settings = ResolvedSettings.None(host);   // the contexts file is a pipe, or its disk is away
        }

        foreach (Candidate candidate in await new Completer(new LiveNames(host, settings, limit), settings.Lookup).FindAsync(place))
        {
            host.Out.WriteLine(candidate.Line);
        }
    }

    // Somebody waits at the keyboard: never longer than that, and never an error.
    private static TimeSpan LimitOf(string? text) =>
        text is not null && Units.TryParseDuration(text, out TimeSpan limit) && limit <= LongestLimit ? limit : UsualLimit;

    private static string ScriptOf(string shell)
    {
        using Stream stream = typeof(CompletionCommands).Assembly.GetManifestResourceStream($"completion/{Scripts[shell]}")!;   // a test prints all of them
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
