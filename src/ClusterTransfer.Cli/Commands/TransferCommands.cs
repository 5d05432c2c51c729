using System.CommandLine;
using System.Globalization;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Progress;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Commands;

/// <summary><c>ct ls|get|watch|wait|cancel</c>.</summary>
internal static class TransferCommands
{
    private const int MaxListed = 200;

    public static void AddTo(RootCommand root, CommandTree tree)
    {
        root.Add(List(tree));
        root.Add(Get(tree));
        root.Add(Watch(tree));
        root.Add(Wait(tree));
        root.Add(Cancel(tree));
    }

    private static Argument<string> Id() => new("ID") { Description = "The transfer's id, or its first 4 or more characters." };

    private static Command List(CommandTree tree)
    {
        var state = new Option<string?>("--state") { Description = "Only transfers in this state.", HelpName = "STATE" };
        var limit = new Option<string?>("--limit") { Description = "How many at most, newest first: 1 to 200. Default 20.", HelpName = "N" };
        return tree.Remote(
            "ls",
            "Lists transfers, newest first.",
            "ct ls --state active",
            async (context, cancellationToken) =>
            {
                TransferState? wanted = context.Parsed.GetValue(state) is { } text ? ReadState(text) : null;
                int most = context.Parsed.GetValue(limit) is { } number ? ReadLimit(number) : 20;
                TransferPage page = await context.Client.ListPageAsync(wanted, null, most, cancellationToken);
                if (context.IsJson)
                {
                    JsonOutput.Write(context.Host.Out, page);
                }
                else
                {
                    TransferText.WriteTable(context.Host.Out, page.Items);
                    if (page.NextCursor is not null)
                    {
                        context.Host.Error.WriteLine($"There are more than these {page.Items.Count}: raise --limit.");
                    }
                }

                return 0;
            },
            state, limit);
    }

    private static Command Get(CommandTree tree)
    {
        Argument<string> id = Id();
        return tree.Remote(
            "get",
            "Shows one transfer: how far it is, why it waits or failed, and the files that were not delivered.",
            "ct get k3m9",
            async (context, cancellationToken) =>
            {
                TransferResource transfer = await context.Client.GetAsync(CommandTree.ReadId(context.Parsed.GetRequiredValue(id)), cancellationToken);
                if (context.IsJson)
                {
                    JsonOutput.Write(context.Host.Out, transfer);
                }
                else
                {
                    TransferText.WriteDetails(context.Host.Out, transfer);
                }

                return 0;
            },
            id);
    }

    private static Command Watch(CommandTree tree)
    {
        Argument<string> id = Id();
        return tree.Remote(
            "watch",
            "Follows a transfer to its end; Ctrl-C leaves it running.",
            "ct watch k3m9",
            async (context, cancellationToken) =>
            {
                TransferResource transfer = await context.Client.GetAsync(CommandTree.ReadId(context.Parsed.GetRequiredValue(id)), cancellationToken);
                return transfer.State.IsTerminal()
                    ? TransferWatch.WriteOutcome(context, transfer)
                    : await TransferWatch.RunAsync(context, transfer.Id, transfer.LastEvent);
            },
            id);
    }

    private static Command Wait(CommandTree tree)
    {
        Argument<string> id = Id();
        var state = new Option<string?>("--for") { Description = "The state to wait for; default: any end.", HelpName = "STATE" };
        var timeout = new Option<string?>("--timeout") { Description = "How long to wait, for example 30s, 5m, 2h; then exit code 10.", HelpName = "T" };
        return tree.Remote(
            "wait",
            "Waits until a transfer has ended or is in a state.",
            "ct wait k3m9 --for Completed --timeout 10m",
            async (context, cancellationToken) =>
            {
                TransferState? wanted = context.Parsed.GetValue(state) is { } text ? ReadState(text) : null;
                TimeSpan? limit = context.Parsed.GetValue(timeout) is { } time ? ReadTimeout(time) : null;
                TransferResource found = await context.Client.GetAsync(CommandTree.ReadId(context.Parsed.GetRequiredValue(id)), cancellationToken);
                TransferResource transfer = await context.Client.WaitAsync(
                    found.Id,
                    wanted,
                    limit,
                    notice =>
                    {
                        if (context.Progress != ProgressMode.None)
                        {
                            context.Host.Error.WriteLine(EventFilter.LineFor(notice));
                        }
                    },
                    cancellationToken);
                int exit = TransferWatch.WriteOutcome(context, transfer);
                return wanted is null ? exit : ExitCodeFor(transfer, wanted.Value, exit);
            },
            id, state, timeout);
    }

    private static Command Cancel(CommandTree tree)
    {
        Argument<string> id = Id();
        return tree.Remote(
            "cancel",
            "Asks for the end of a transfer; files that are published stay.",
            "ct cancel k3m9",
            async (context, cancellationToken) =>
            {
                TransferResource transfer = await context.Client.CancelAsync(CommandTree.ReadId(context.Parsed.GetRequiredValue(id)), cancellationToken);
                if (context.IsJson)
                {
                    JsonOutput.Write(context.Host.Out, transfer);
                }
                else
                {
                    context.Host.Out.WriteLine(transfer.State.IsTerminal()
                        ? $"Transfer {transfer.Id} has ended: {transfer.State}."
                        : $"Transfer {transfer.Id} was asked to end. See the outcome with 'ct wait {transfer.Id}'.");
                }

                return 0;
            },
            id);
    }

    // Got what was waited for: 0, also when that is an end that is no success. Another end: its own code, and never 0.
    private static int ExitCodeFor(TransferResource transfer, TransferState wanted, int exit) =>
        transfer.State == wanted || (!transfer.State.IsTerminal() && !wanted.IsTerminal()) ? 0
        : exit != 0 || !wanted.IsTerminal() ? exit
        : Reason.WrongState.Info().ExitCode;

    private static TransferState ReadState(string text)
    {
        foreach (TransferState state in Enum.GetValues<TransferState>())
        {
            if (string.Equals(state.ToString(), text, StringComparison.OrdinalIgnoreCase))
            {
                return state;
            }
        }

        string all = string.Join(", ", Enum.GetNames<TransferState>());
        throw new CliException(
            Reason.InvalidRequest,
            $"'{PathText.Escape(text)}' is not a state of a transfer.",
            Nearest.Of(text, Enum.GetNames<TransferState>()) is { } near ? $"Did you mean '{near}'? The states are {all}." : $"The states are {all}.");
    }

    private static int ReadLimit(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) && limit is >= 1 and <= MaxListed
            ? limit
            : throw new CliException(Reason.InvalidRequest, $"--limit is '{PathText.Escape(text)}'.", $"Give a whole number, 1 to {MaxListed}.");

    private static TimeSpan ReadTimeout(string text) => Units.TryParseDuration(text, out TimeSpan timeout)
        ? timeout
        : throw new CliException(Reason.InvalidRequest, $"--timeout is '{PathText.Escape(text)}'.", "Give a time such as 30s, 5m or 2h, at most 365d.");
}
