using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Commands;

/// <summary>What happens at Ctrl-C: the transfer goes on, the user is told how to come back, and may end it by a second one.</summary>
internal static class Detaching
{
    private const int InterruptedExit = 130;
    private const int TerminatedExit = 143;

    public static int ExitCode(Signals signals) => signals.First == Signal.Terminate ? TerminatedExit : InterruptedExit;

    public static async Task<int> RunAsync(CommandContext context, TransferId id)
    {
        CliHost host = context.Host;
        context.Messages.Say($"Detached: transfer {id} goes on. Come back with 'ct watch {id}'; end it with 'ct cancel {id}'.");
        if (host.Signals.First != Signal.Interrupt || !host.IsErrorTerminal || !host.IsInputTerminal || context.Messages.AreJson)
        {
            return ExitCode(host.Signals);
        }

        context.Messages.Say($"Ctrl-C again within {host.SecondInterruptWindow.TotalSeconds:0} s to cancel the transfer.");
        if (await host.Signals.NextAsync(host.SecondInterruptWindow, host.Time) != Signal.Interrupt || !await AskAsync(host, id))
        {
            return ExitCode(host.Signals);
        }

        // The signals' token has fired long ago; this wait ends with the client's own time-outs.
        TransferResource asked = await context.Client.CancelAsync(id.Value, CancellationToken.None);
        TransferResource transfer = asked.State.IsTerminal()
            ? asked
            : await context.Client.WaitAsync(id, timeout: TimeSpan.FromSeconds(60), cancellationToken: CancellationToken.None);
        return TransferWatch.WriteOutcome(context, transfer);
    }

    private static async Task<bool> AskAsync(CliHost host, TransferId id)
    {
        host.Error.Write($"Cancel transfer {id}? [y/N] ");
        host.Error.Flush();

        // A console read cannot be interrupted, so it runs aside; when a signal comes first the process ends and the read with it.
        Task<string?> answer = Task.Run(host.In.ReadLine);
        Task<Signal?> interrupt = host.Signals.NextAsync(TimeSpan.FromMinutes(1), host.Time);
        await Task.WhenAny(answer, interrupt);
        return answer.IsCompletedSuccessfully && (await answer)?.Trim() is "y" or "Y" or "yes";
    }
}
