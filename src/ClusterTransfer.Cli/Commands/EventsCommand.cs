using System.CommandLine;
using System.Globalization;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Progress;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Commands;

/// <summary><c>ct events ID</c>: the story of one transfer as the cluster keeps it.</summary>
internal static class EventsCommand
{
    public static Command Create(CommandTree tree)
    {
        Argument<string> id = TransferArguments.Id();
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the transfer has ended." };
        var after = new Option<string?>("--after") { Description = "Only events behind this number. Default: all.", HelpName = "N" };
        return tree.OffersNoNames(tree.Remote(
            "events",
            "Prints the events of a transfer, the oldest first.",
            "ct events k3m9 -f",
            async (context, cancellationToken) =>
            {
                long seen = context.Parsed.GetValue(after) is { } text ? ReadSequence(text) : 0;
                TransferResource transfer = await context.Client.GetAsync(CommandTree.ReadId(context.Parsed.GetRequiredValue(id)), cancellationToken);
                context.Results.Transfer = transfer.Id.Value;
                await PrintAsync(context, transfer, seen, context.Parsed.GetValue(follow), cancellationToken);
                return 0;
            },
            id, follow, after));
    }

    private static async Task PrintAsync(CommandContext context, TransferResource transfer, long after, bool follow, CancellationToken cancellationToken)
    {
        bool isWide = context.Results.Format == OutputFormat.Wide;
        long last = transfer.LastEvent;
        using ITransferProgress notices = TransferProgresses.For(context.Host, context.Progress);
        using ResultStream stream = context.Results.Begin(EventText.Header(isWide));
        while (after < last || (follow && !transfer.State.IsTerminal()))
        {
            long before = after;
            await foreach (TransferEvent item in context.Client.WatchAsync(transfer.Id, after, notices.Show, cancellationToken))
            {
                if (item.Sequence > 0)
                {
                    stream.Add(JsonText.Of(item, ApiJson.Default.TransferEvent), () => EventText.Line(item, isWide));
                    after = item.Sequence;
                }

                // A passing event comes only when all that is kept has come.
                if (!follow && (item.Sequence == 0 || after >= last))
                {
                    return;
                }
            }

            // The watch ends where the transfer ended; one that was taken up again has a story behind that.
            transfer = await context.Client.GetAsync(transfer.Id.Value, cancellationToken);
            last = follow ? transfer.LastEvent : last;
            if (after == before && transfer.State.IsTerminal())
            {
                return;   // nothing more is kept, whatever the count says
            }
        }
    }

    private static long ReadSequence(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long sequence)
            ? sequence
            : throw new CliException(Reason.InvalidRequest, $"--after is '{PathText.Escape(text)}'.", "Give the number of an event, a whole number from 0.");
}
