using System.CommandLine;
using ClusterTransfer.Cli.Commands;
using ClusterTransfer.Cli.Terminal;

namespace ClusterTransfer.Cli.Completion;

/// <summary><c>ct completion SHELL</c>, and <c>ct complete</c>, which its scripts ask at each press of the key.</summary>
internal static class CompletionCommands
{
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
        return tree.WithoutContexts(tree.Local(
            "completion",
            "Prints the script that completes verbs, flags, transfers, nodes, locations and contexts in a shell. It says how to load it.",
            "ct completion bash > ~/.local/share/bash-completion/completions/ct\nct completion zsh > \"${fpath[1]}/_ct\"\n"
            + "ct completion fish > ~/.config/fish/completions/ct.fish\nct completion powershell | Out-String | Invoke-Expression",
            (parsed, _) =>
            {
                tree.Host.Out.Write(ScriptOf(parsed.GetRequiredValue(shell)));
                return Task.FromResult(0);
            },
            shell));
    }

    private static Command Complete(CommandTree tree)
    {
        var current = new Option<string?>("--current") { Description = "The word at the cursor, when it is not the last one.", Hidden = true, Arity = ArgumentArity.ZeroOrOne };
        var words = new Argument<string[]>("WORDS") { Description = "The words behind ct; the last is the one at the cursor.", Arity = ArgumentArity.ZeroOrMore };
        Command command = tree.WithoutSettings(tree.Local(
            "complete",
            "Lists what may stand at the cursor; for the scripts of 'ct completion'.",
            "ct complete -- pause ''",
            async (parsed, _) =>
            {
                string[] typed = parsed.GetValue(words) ?? [];
                string[] all = parsed.GetResult(current) is { Implicit: false } ? [.. typed, parsed.GetValue(current) ?? string.Empty] : typed;
                await WriteAsync(tree, all.Length == 0 ? [string.Empty] : all);
                return 0;
            },
            words, current));
        command.Hidden = true;
        return command;
    }

    private static async Task WriteAsync(CommandTree tree, IReadOnlyList<string> words)
    {
        CliHost host = tree.Host;
        CompletionPlace place = CompletionPlace.Of(tree.Root, words);
        Settings.ResolvedSettings settings = tree.Resolve([.. words.SkipLast(1)], out _);
        foreach (Candidate candidate in await new Completer(new LiveNames(host, settings), settings.Lookup).FindAsync(place))
        {
            host.Out.WriteLine(candidate.Line);
        }
    }

    private static string ScriptOf(string shell)
    {
        using Stream stream = typeof(CompletionCommands).Assembly.GetManifestResourceStream($"completion/{Scripts[shell]}")!;   // a test prints all of them
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
