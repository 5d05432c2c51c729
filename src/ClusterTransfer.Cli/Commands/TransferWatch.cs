using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Progress;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Commands;

/// <summary>Follows a transfer to its end, or until the user leaves.</summary>
internal static class TransferWatch
{
    /// <summary>Shows progress and events, then the outcome.</summary>
    /// <returns>The exit code of <c>ct</c>.</returns>
    /// <param name="context">Client, progress and results of the command.</param>
    /// <param name="id">The transfer.</param>
    /// <param name="after">The last event that is known.</param>
    /// <param name="failOnWait">Whether to leave when it waits for space.</param>
    public static async Task<int> RunAsync(CommandContext context, TransferId id, long after, bool failOnWait = false)
    {
        CliHost host = context.Host;
        context.Results.Transfer = id.Value;
        using ITransferProgress progress = TransferProgresses.For(host, context.Progress);
        TransferResource? outcome = null;
        try
        {
            while (outcome is null)
            {
                TransferResource? last = null;
                await foreach (TransferEvent item in context.Client.WatchAsync(id, after, progress.Show, host.Signals.Token))
                {
                    progress.Show(item);
                    last = item.Transfer;
                    if (failOnWait && TransferText.WaitsForSpace(item.Transfer))
                    {
                        progress.End();
                        return LeaveWaiting(context, item.Transfer);
                    }

                    after = Math.Max(after, item.Sequence);
                }

                outcome = await OutcomeAsync(context, id, last);
            }
        }
        catch (OperationCanceledException) when (host.Signals.Token.IsCancellationRequested)
        {
            progress.End();
            return await Detaching.RunAsync(context, id);
        }

        progress.End();
        return WriteOutcome(context, outcome);
    }

    // The event tells how the transfer was when it was written; the resource may have learned more since, such as further issues.
    // Null: that end was not the last, somebody has taken the transfer up again.
    private static async Task<TransferResource?> OutcomeAsync(CommandContext context, TransferId id, TransferResource? last)
    {
        try
        {
            TransferResource now = await context.Client.GetAsync(id.Value, context.Host.Signals.Token);
            return now.State.IsTerminal() ? now
                : now.Retries > last?.Retries ? null
                : last ?? now;
        }
        catch (ClusterTransferApiException error) when (last is not null && error.IsConnectionFailure)
        {
            return last;   // the node has just gone; the outcome is known all the same
        }
    }

    /// <summary>Tells that a transfer waits for space, and how to come back.</summary>
    /// <returns>The exit code of no space.</returns>
    public static int LeaveWaiting(CommandContext context, TransferResource transfer)
    {
        WriteOutcome(context, transfer);
        context.Messages.Say($"Transfer {transfer.Id} waits for space and goes on by itself once there is enough. Follow it with 'ct watch {transfer.Id}', or end it with 'ct cancel {transfer.Id}'.");
        return Reason.NoSpace.Info().ExitCode;
    }

    public static int WriteOutcome(CommandContext context, TransferResource transfer)
    {
        context.Results.Transfer = transfer.Id.Value;
        context.Results.Problem = transfer.Problem is { } problem ? Failure.Of(problem) : null;
        context.Results.Count(transfer.Progress);
        context.Results.Write(TransferResult.Outcome(transfer));
        return transfer.State.IsTerminal() ? TransferText.ExitCodeOf(transfer) : 0;
    }
}
