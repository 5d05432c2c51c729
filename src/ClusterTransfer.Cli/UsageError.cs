using System.CommandLine;
using ClusterTransfer.Cli.Commands;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli;

/// <summary>Says what is wrong with the arguments, with the nearest thing that would be right. Exit code 2.</summary>
internal static class UsageError
{
    /// <summary>An argument that looks like a flag, which the parser takes for a value: a mistyped flag must not become a file name.</summary>
    public static string? MistypedFlag(ParseResult parsed, IReadOnlyList<string> args)
    {
        IEnumerable<string> meant = args.SkipWhile(arg => arg != "--");   // what follows "--" is meant as it is
        return parsed.CommandResult.Command.Arguments
            .SelectMany(argument => parsed.GetResult(argument)?.Tokens ?? [])
            .Select(token => token.Value)
            .Concat(parsed.UnmatchedTokens)
            .FirstOrDefault(value => value.Length > 1 && value.StartsWith('-') && value != "--" && !meant.Contains(value));
    }

    /// <summary>What is wrong.</summary>
    public static Failure Of(ParseResult parsed, string? mistypedFlag)
    {
        string path = PathOf(parsed);
        string help = $"see '{path} --help'";
        string? unknown = mistypedFlag ?? (parsed.UnmatchedTokens.Count > 0 ? parsed.UnmatchedTokens[0] : null);
        (string what, string remedy) = unknown is null ? WrongChoice(parsed) ?? (Malformed(parsed, path), help) : Unknown(parsed, path, unknown, help);
        ReasonInfo info = Reason.InvalidRequest.Info();
        return new Failure(what, remedy, info.Code, info.ExitCode, IsPassing: false);
    }

    private static (string What, string Remedy) Unknown(ParseResult parsed, string path, string unknown, string help)
    {
        Command command = parsed.CommandResult.Command;
        string shown = PathText.Escape(unknown.Length > 64 ? unknown[..64] + "..." : unknown);
        bool isFlag = unknown.StartsWith('-');
        if (!isFlag && command.Subcommands.Count == 0)
        {
            return ($"'{path}' takes no further argument '{shown}'.", help);
        }

        IEnumerable<string> candidates = isFlag ? OptionsOf(parsed) : VerbsOf(command);
        string? near = Nearest.Of(unknown.Split('=')[0], candidates);
        return ($"'{path}' has no {(isFlag ? "flag" : "verb")} '{shown}'.", near is null ? help : $"did you mean '{near}'? Else {help}");
    }

    private static (string What, string Remedy)? WrongChoice(ParseResult parsed) => parsed.CommandResult.Command.Options
        .Concat(parsed.RootCommandResult.Command.Options)
        .OfType<ChoiceOption>()
        .Select(option => parsed.GetResult(option) is { Tokens: [{ Value: var word }, ..] } ? option.Problem(word) : null)
        .FirstOrDefault(problem => problem is not null);

    private static string Malformed(ParseResult parsed, string path)
    {
        Command command = parsed.CommandResult.Command;
        if (command.Subcommands.Count > 0 && command.Action is null)
        {
            return $"'{path}' needs a verb: {string.Join(", ", VerbsOf(command))}.";
        }

        string[] missing = [.. command.Arguments.Where(argument => parsed.GetResult(argument) is not { Tokens.Count: > 0 }).Select(argument => argument.Name)];
        return missing.Length > 0
            ? $"'{path}' needs {string.Join(" and ", missing)}."
            : PathText.Escape(string.Join(' ', parsed.Errors[0].Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }

    /// <summary>The command as it is typed.</summary>
    public static string PathOf(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
        {
            names.Push(result.Command is RootCommand ? "ct" : result.Command.Name);
        }

        return string.Join(' ', names);
    }

    private static IEnumerable<string> VerbsOf(Command command) => command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name);

    private static IEnumerable<string> OptionsOf(ParseResult parsed)
    {
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
        {
            bool own = result == parsed.CommandResult;
            foreach (Option option in result.Command.Options.Where(option => (own || option.Recursive) && !option.Hidden))
            {
                yield return option.Name;
            }
        }
    }
}
