using System.CommandLine;
using ClusterTransfer.Cli.Commands;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli;

/// <summary><c>ct</c> from arguments to exit code.</summary>
internal static class CtApplication
{
    /// <summary>Runs one command. Never throws: every failure is printed with its remedy and becomes an exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, CliHost host)
    {
        var tree = new CommandTree(host);
        ParseResult typed = tree.ParseAlone(args);
        int exit = await RunAsync(tree, typed, args);
        if (typed.Action is not HelpWithExample)
        {
            tree.Results.Finish(exit, tree.Messages.Failure);
        }

        return exit;
    }

    private static async Task<int> RunAsync(CommandTree tree, ParseResult typed, IReadOnlyList<string> args)
    {
        CliHost host = tree.Host;
        try
        {
            tree.Begin(typed);   // so that what is wrong with the rest is told in the form that was asked for
            ParseResult parsed = await tree.AddSettingsAsync(typed, args);
            tree.Begin(parsed);
            string? mistypedFlag = UsageError.MistypedFlag(parsed, args);
            if (parsed.Action is not HelpWithExample)
            {
                if (parsed.Errors.Count > 0 || mistypedFlag is not null)
                {
                    return tree.Messages.Fail(UsageError.Of(parsed, mistypedFlag));
                }

                tree.CheckFormat(parsed);
            }

            return await parsed.InvokeAsync(
                new InvocationConfiguration { Output = host.Out, Error = host.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                host.Signals.Token);
        }
        catch (OperationCanceledException) when (host.Signals.First is not null)
        {
            tree.Messages.Say("Interrupted.");
            return Detaching.ExitCode(host.Signals);
        }
        catch (ClusterTransferException failure)
        {
            return tree.Messages.Fail(Failure.Of(failure));
        }
        catch (Exception bug)
        {
            string what = $"Something unforeseen happened: {bug.GetType().Name}: {bug.Message}";
            return tree.Messages.Fail(new Failure(what, "Report it with what you typed.", Reason.Unclassified.Info().Code, Reason.Unclassified.Info().ExitCode, IsPassing: false));
        }
    }
}
