using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using ClusterTransfer.Cli.Settings;

namespace ClusterTransfer.Cli.Commands;

/// <summary>The usual help, and below it an example and that flags have keys and variables.</summary>
internal sealed class HelpWithExample(HelpAction usual, IReadOnlyDictionary<Command, string> examples) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int exit = usual.Invoke(parseResult);
        if (examples.TryGetValue(parseResult.CommandResult.Command, out string? example))
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Example:");
            foreach (string line in example.Split('\n'))
            {
                output.WriteLine($"  {line}");
            }

            output.WriteLine();
            output.WriteLine(NoteOf(parseResult.CommandResult.Command));
            output.WriteLine();
        }

        return exit;
    }

    // One flag shows the rule; one of the verb's own where it has any.
    private static string NoteOf(Command command)
    {
        Setting? own = command is RootCommand ? null : command.Options.Select(option => SettingsTable.OfOption(command, option)).FirstOrDefault(setting => setting is not null);
        Setting sample = own ?? SettingsTable.Node;
        string flag = sample.Flags[0][sample.Flags[0].IndexOf("--", StringComparison.Ordinal)..];
        return $"Flags are also variables and keys of a context: {flag} is {sample.Variable} and {sample.ContextKey}; see 'ct config explain {sample.Key}'.";
    }
}
