using System.CommandLine;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Commands;

/// <summary><c>ct limit ID RATE</c>: how fast a transfer may send, from now on.</summary>
internal static class LimitCommand
{
    public static Command Create(CommandTree tree)
    {
        Argument<string> id = TransferArguments.Id();
        id.Arity = ArgumentArity.ZeroOrOne;   // none: what holds now
        var rate = new Argument<string>("RATE")
        {
            Description = "Most bytes per second, such as 20M, 1.5MiB or 500kB, from 64K to 1T; or none.", Arity = ArgumentArity.ZeroOrOne,
        };
        return tree.Remote(
            "limit",
            "Limits how fast a transfer sends, now and after restarts; alone, lists the transfers that have a limit.",
            "ct limit k3m9 20M\nct limit k3m9 none\nct limit",
            (context, cancellationToken) => (context.Parsed.GetValue(id), context.Parsed.GetValue(rate)) switch
            {
                (null, _) => ListAsync(context, cancellationToken),
                (_, null) => throw new CliException(Reason.InvalidRequest, "'ct limit ID' needs RATE.", $"Give {RateLimit.Wanted}."),
                ({ } one, { } wanted) => SetAsync(context, CommandTree.ReadId(one), TransferArguments.ReadRate("RATE", wanted), cancellationToken),
            },
            id, rate);
    }

    private static Task<int> SetAsync(CommandContext context, string id, long? limit, CancellationToken cancellationToken) => WishCommands.RunAsync(
        context,
        [id],
        (client, one, token) => client.LimitAsync(one, limit, token),
        transfer => transfer.Limit is { } holds
            ? $"Transfer {transfer.Id} sends at most {RateLimit.Text(holds)}. Take that away with 'ct limit {transfer.Id} none'."
            : $"Transfer {transfer.Id} has no limit.",
        cancellationToken);

    private static async Task<int> ListAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var open = new TransferListQuery { States = [.. Enum.GetValues<TransferState>().Where(state => !state.IsTerminal())], Limit = TransferListQuery.MaxLimit };
        bool any = false;
        using (ResultStream stream = context.Results.Begin(header: null))
        {
            await foreach (TransferResource transfer in context.Client.ListAsync(open, cancellationToken))
            {
                if (transfer.Limit is { } limit)
                {
                    any = true;
                    stream.Add(
                        TransferResult.Json(transfer),
                        () => $"{transfer.Id}  {RateLimit.Text(limit)}{(transfer.HeldBackBy is { } held ? $", {LimitText.Of(held)}" : string.Empty)}",
                        transfer.Id.Value);
                }
            }
        }

        if (!any)
        {
            context.Messages.Say("No transfer has a limit.");
        }

        return 0;
    }
}
