using System.CommandLine;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Commands;

/// <summary><c>ct ls</c>.</summary>
internal static class ListCommand
{
    private const int Listed = 20;

    private static readonly (string Word, TransferSort Sort)[] Sorts =
    [
        ("newest", TransferSort.NewestFirst),
        ("oldest", TransferSort.OldestFirst),
        ("last-ended", TransferSort.LatestEndFirst),
        ("first-ended", TransferSort.EarliestEndFirst),
    ];

    public static Command Create(CommandTree tree)
    {
        var state = new Option<string?>("--state") { Description = "Only transfers in these states.", HelpName = "STATE,..." };
        var location = new Option<string?>("--location") { Description = "Only transfers from or to this location.", HelpName = "NAME" };

        // Not --node: that is the node which is asked.
        var on = new Option<string?>("--on") { Description = "Only transfers that this node reads or writes.", HelpName = "NODE" };
        var since = new Option<string?>("--since") { Description = "Only transfers created since: 30m, 7d, 2026-03-14, 2026-03-14T09:26:53Z.", HelpName = "TIME" };
        Option<string> sort = CommonOptions.Choice("--sort", null, "Which come first.", [.. Sorts.Select(known => known.Word)]);
        var limit = new Option<string?>("--limit") { Description = $"How many at most: 1 to {TransferListQuery.MaxLimit}. Default {Listed}.", HelpName = "N" };
        return tree.Remote(
            "ls",
            "Lists transfers, newest first.",
            "ct ls --state active,queued --since 7d",
            async (context, cancellationToken) =>
            {
                ParseResult parsed = context.Parsed;
                var query = new TransferListQuery
                {
                    States = parsed.GetValue(state) is { } states ? [.. states.Split(',').Select(ReadState).Distinct()] : [],
                    Location = parsed.GetValue(location) is { } place ? ReadLocation(place) : null,
                    Node = parsed.GetValue(on) is { } node ? ReadNode(node) : null,
                    CreatedAfter = parsed.GetValue(since) is { } time ? TransferArguments.ReadTime("--since", time, context.Host.Time) : null,
                    Sort = Sorts.First(known => known.Word == parsed.GetRequiredValue(sort)).Sort,
                    Limit = parsed.GetValue(limit) is { } number ? TransferArguments.ReadNumber("--limit", number, 1, TransferListQuery.MaxLimit) : Listed,
                };
                TransferPage page = await context.Client.ListPageAsync(query, cancellationToken);
                context.Results.Write(TransferResult.Page(page));
                if (page.NextCursor is not null)
                {
                    context.Messages.Say($"There are more than these {page.Items.Count}: raise --limit.");
                }

                return 0;
            },
            state, location, on, since, sort, limit);
    }

    private static TransferState ReadState(string text) => string.Equals(text, TransferCommands.PausedWord, StringComparison.OrdinalIgnoreCase)
        ? throw new CliException(Reason.InvalidRequest, "Paused is not a state that can be listed.", "A transfer that is held is Queued: use --state queued.")
        : TransferArguments.ReadState(text);

    // With the colon that an address has as well.
    private static LocationName ReadLocation(string text) => LocationName.TryParse(text.EndsWith(':') ? text[..^1] : text, null, out LocationName name)
        ? name
        : throw new CliException(Reason.InvalidRequest, $"--location is '{PathText.Escape(text)}'.", "Give the name of one; 'ct locations ls' lists them.");

    private static NodeId ReadNode(string text) => NodeId.TryParse(text, null, out NodeId name)
        ? name
        : throw new CliException(Reason.InvalidRequest, $"--on is '{PathText.Escape(text)}'.", "Give the name of a node; 'ct nodes ls' lists them.");
}
