using System.CommandLine;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Commands;

/// <summary><c>ct ls</c>.</summary>
internal static class ListCommand
{
    private const int MaxListed = 200;
    private const int Listed = 20;

    public static Command Create(CommandTree tree)
    {
        var state = new Option<string?>("--state") { Description = "Only transfers in this state.", HelpName = "STATE" };
        var limit = new Option<string?>("--limit") { Description = $"How many at most, newest first: 1 to {MaxListed}. Default {Listed}.", HelpName = "N" };
        return tree.Remote(
            "ls",
            "Lists transfers, newest first.",
            "ct ls --state active",
            async (context, cancellationToken) =>
            {
                TransferState? wanted = context.Parsed.GetValue(state) is { } text ? TransferArguments.ReadState(text) : null;
                int most = context.Parsed.GetValue(limit) is { } number ? TransferArguments.ReadNumber("--limit", number, 1, MaxListed) : Listed;
                TransferPage page = await context.Client.ListPageAsync(wanted, null, most, cancellationToken);
                context.Results.Write(TransferResult.Page(page));
                if (page.NextCursor is not null)
                {
                    context.Messages.Say($"There are more than these {page.Items.Count}: raise --limit.");
                }

                return 0;
            },
            state, limit);
    }
}
