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
        try
        {
            var tree = new CommandTree(host);
            ParseResult parsed = tree.Parse(args);
            string? mistypedFlag = UsageError.MistypedFlag(parsed, args);
            if ((parsed.Errors.Count > 0 || mistypedFlag is not null) && parsed.Action is not HelpWithExample)
            {
                return UsageError.Write(host.Error, parsed, mistypedFlag);
            }

            return await parsed.InvokeAsync(
                new InvocationConfiguration { Output = host.Out, Error = host.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                host.Signals.Token);
        }
        catch (OperationCanceledException) when (host.Signals.First is not null)
        {
            host.Error.WriteLine("Interrupted.");
            return Detaching.ExitCode(host.Signals);
        }
        catch (ClusterTransferException failure)
        {
            return ErrorText.Write(host.Error, failure);
        }
        catch (Exception bug)
        {
            host.Error.WriteLine(ErrorText.Line($"Something unforeseen happened: {bug.GetType().Name}: {bug.Message}", "Report it with what you typed.", "unclassified"));
            return 1;
        }
    }
}
