using System.CommandLine;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Progress;
using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Commands;

/// <summary>The commands about transfers that exist; here <c>ct get|watch|wait</c>.</summary>
internal static class TransferCommands
{
    /// <summary>What <c>wait --for</c> takes beside the states: held is no state but a wish that has come true.</summary>
    public const string PausedWord = "paused";

    public static void AddTo(RootCommand root, CommandTree tree)
    {
        root.Add(ListCommand.Create(tree));
        root.Add(Get(tree));
        root.Add(Why(tree));
        root.Add(Watch(tree));
        root.Add(Wait(tree));
        WishCommands.AddTo(root, tree);
        root.Add(EventsCommand.Create(tree));
        MovementCommands.AddTo(root, tree);
        QueueCommands.AddTo(root, tree);
    }

    private static Command Get(CommandTree tree)
    {
        Argument<string> id = TransferArguments.Id();
        return tree.Remote(
            "get",
            "Shows one transfer: how far it is, why it waits or failed, and the files that were not delivered.",
            "ct get k3m9",
            async (context, cancellationToken) =>
            {
                TransferResource transfer = await context.Client.GetAsync(CommandTree.ReadId(context.Parsed.GetRequiredValue(id)), cancellationToken);
                context.Results.Write(TransferResult.Details(transfer));
                return 0;
            },
            id);
    }

    private static Command Why(CommandTree tree)
    {
        Argument<string> id = TransferArguments.Id();
        return tree.Remote(
            "why",
            "Tells why a transfer is where it is: what it waits for or which stage limits it, since when, and what to type.",
            "ct why k3m9",
            async (context, cancellationToken) =>
            {
                TransferResource transfer = await context.Client.GetAsync(CommandTree.ReadId(context.Parsed.GetRequiredValue(id)), cancellationToken);
                context.Results.Transfer = transfer.Id.Value;
                context.Results.Write(WhyText.Result(transfer));
                return 0;
            },
            id);
    }

    private static Command Watch(CommandTree tree)
    {
        Argument<string> id = TransferArguments.Id();
        Option<bool> failOnWait = CommonOptions.FailOnWait();
        return tree.Remote(
            "watch",
            "Follows a transfer to its end; Ctrl-C leaves it running.",
            "ct watch k3m9",
            async (context, cancellationToken) =>
            {
                TransferResource transfer = await context.Client.GetAsync(CommandTree.ReadId(context.Parsed.GetRequiredValue(id)), cancellationToken);
                bool leaves = context.Parsed.GetValue(failOnWait);
                return transfer.State.IsTerminal() ? TransferWatch.WriteOutcome(context, transfer)
                    : leaves && TransferText.WaitsForSpace(transfer) ? TransferWatch.LeaveWaiting(context, transfer)
                    : await TransferWatch.RunAsync(context, transfer.Id, transfer.LastEvent, leaves);
            },
            id, failOnWait);
    }

    private static Command Wait(CommandTree tree)
    {
        Argument<string> id = TransferArguments.Id();
        var state = new Option<string?>("--for") { Description = "The state to wait for, or paused; default: any end.", HelpName = "STATE" };
        var timeout = new Option<string?>("--timeout") { Description = "How long to wait, for example 30s, 5m, 2h; then exit code 10.", HelpName = "T" };
        Option<bool> failOnWait = CommonOptions.FailOnWait();
        return tree.Remote(
            "wait",
            "Waits until a transfer has ended or is in a state.",
            "ct wait k3m9 --for Completed --timeout 10m",
            async (context, cancellationToken) =>
            {
                string? word = context.Parsed.GetValue(state);
                bool forPause = string.Equals(word, PausedWord, StringComparison.OrdinalIgnoreCase);
                TransferState? wanted = word is null || forPause ? null : TransferArguments.ReadState(word, PausedWord);
                TimeSpan? limit = context.Parsed.GetValue(timeout) is { } time ? TransferArguments.ReadDuration("--timeout", time) : null;
                TransferResource found = await context.Client.GetAsync(CommandTree.ReadId(context.Parsed.GetRequiredValue(id)), cancellationToken);
                context.Results.Transfer = found.Id.Value;
                using ITransferProgress progress = TransferProgresses.For(context.Host, context.Progress);
                bool leaves = context.Parsed.GetValue(failOnWait);
                TransferResource transfer = await context.Client.WaitUntilAsync(
                    found.Id,
                    now => (forPause ? TransferText.IsPaused(now) : ClusterTransferClient.HasReached(now.State, wanted)) || (leaves && TransferText.WaitsForSpace(now)),
                    forPause ? PausedWord : wanted?.ToString() ?? "over",
                    limit,
                    progress.Show,
                    cancellationToken);
                if (leaves && TransferText.WaitsForSpace(transfer))
                {
                    return TransferWatch.LeaveWaiting(context, transfer);
                }

                int exit = TransferWatch.WriteOutcome(context, transfer);
                return forPause ? (TransferText.IsPaused(transfer) ? 0 : NeverZero(exit)) : wanted is null ? exit : ExitCodeFor(transfer, wanted.Value, exit);
            },
            id, state, timeout, failOnWait);
    }

    // Got what was waited for: 0, also when that is an end that is no success. Another end: its own code, and never 0.
    private static int ExitCodeFor(TransferResource transfer, TransferState wanted, int exit) =>
        transfer.State == wanted || (!transfer.State.IsTerminal() && !wanted.IsTerminal()) ? 0
        : wanted.IsTerminal() ? NeverZero(exit)
        : exit;

    private static int NeverZero(int exit) => exit != 0 ? exit : Reason.WrongState.Info().ExitCode;
}
