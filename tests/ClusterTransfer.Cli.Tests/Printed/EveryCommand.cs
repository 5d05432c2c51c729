using System.CommandLine;
using ClusterTransfer.Cli.Commands;
using ClusterTransfer.Cli.Terminal;

namespace ClusterTransfer.Cli.Tests.Printed;

/// <summary>The tree of commands as the program has it, so that no test of all of them forgets one.</summary>
internal static class EveryCommand
{
    /// <summary>What is typed behind <c>ct</c> for each command and group; empty for <c>ct</c> alone.</summary>
    public static IReadOnlyList<string> Paths { get; } = [.. Walk(Root(), string.Empty).Select(found => found.Path)];

    /// <summary>Those that do something.</summary>
    public static IReadOnlyList<string> Verbs { get; } = [.. Walk(Root(), string.Empty).Where(found => found.Command.Subcommands.Count == 0).Select(found => found.Path)];

    private static RootCommand Root() => new CommandTree(new CliHost
    {
        Out = TextWriter.Null, Error = TextWriter.Null, In = TextReader.Null, Variable = _ => null, CurrentFolder = "/", Signals = new Signals(), RunNode = (_, _, _) => Task.FromResult(0),
    }).Root;

    private static IEnumerable<(string Path, Command Command)> Walk(Command command, string path) => command.Subcommands
        .Where(sub => !sub.Hidden)
        .SelectMany(sub => Walk(sub, $"{path} {sub.Name}".TrimStart()))
        .Prepend((path, command));
}
