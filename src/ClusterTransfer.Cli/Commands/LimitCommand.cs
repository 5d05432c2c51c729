using System.CommandLine;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Commands;

/// <summary><c>ct limit ID RATE</c>: how fast a transfer may send, from now on.</summary>
internal static class LimitCommand
{
    public static Command Create(CommandTree tree)
    {
        Argument<string> id = TransferArguments.Id();
        var rate = new Argument<string>("RATE") { Description = "Most bytes per second, such as 20M, 1.5MiB or 500kB, from 64K to 1T; or none." };
        return tree.Remote(
            "limit",
            "Limits how fast a transfer sends, now and after restarts.",
            "ct limit k3m9 20M\nct limit k3m9 none",
            (context, cancellationToken) =>
            {
                string wanted = CommandTree.ReadId(context.Parsed.GetRequiredValue(id));
                long? limit = TransferArguments.ReadRate("RATE", context.Parsed.GetRequiredValue(rate));
                return WishCommands.RunAsync(
                    context,
                    [wanted],
                    (client, one, token) => client.LimitAsync(one, limit, token),
                    transfer => transfer.Limit is { } holds
                        ? $"Transfer {transfer.Id} sends at most {RateLimit.Text(holds)}. Take that away with 'ct limit {transfer.Id} none'."
                        : $"Transfer {transfer.Id} has no limit of its own.",
                    cancellationToken);
            },
            id, rate);
    }
}
