using System.CommandLine;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Commands;

/// <summary><c>ct limit ID RATE</c>: how fast a transfer may send, from now on; with <c>--on</c> a node.</summary>
internal static class LimitCommand
{
    private const string Configured = "configured";

    public static Command Create(CommandTree tree)
    {
        Argument<string> id = TransferArguments.Id();
        id.Arity = ArgumentArity.ZeroOrOne;   // none: what holds now
        var rate = new Argument<string>("RATE")
        {
            Description = "Most bytes per second, such as 20M, 1.5MiB or 500kB, from 64K to 1T; or none.", Arity = ArgumentArity.ZeroOrOne,
        };
        var node = new Option<string?>("--on") { Description = $"Limits all that this node sends; RATE may be '{Configured}' then: what its configuration says.", HelpName = "NAME" };
        var peer = new Option<string?>("--to") { Description = "With --on: only what it sends to this one.", HelpName = "NAME" };
        return tree.Remote(
            "limit",
            "Limits how fast a transfer or a node sends, now and after restarts; alone, lists the transfers that have a limit.",
            "ct limit k3m9 20M\nct limit k3m9 none\nct limit --on alpha 50M\nct limit --on alpha --to beta configured\nct limit",
            (context, cancellationToken) => (context.Parsed.GetValue(id), context.Parsed.GetValue(rate)) switch
            {
                var (one, other) when context.Parsed.GetValue(node) is { } name => NodeAsync(context, name, context.Parsed.GetValue(peer), one, other, cancellationToken),
                _ when context.Parsed.GetValue(peer) is not null => throw new CliException(Reason.InvalidRequest, "--to needs --on.", "Name the node that sends with --on."),
                (null, _) => ListAsync(context, cancellationToken),
                (_, null) => throw new CliException(Reason.InvalidRequest, "'ct limit ID' needs RATE.", $"Give {RateLimit.Wanted}."),
                ({ } one, { } wanted) => SetAsync(context, CommandTree.ReadId(one), TransferArguments.ReadRate("RATE", wanted), cancellationToken),
            },
            id, rate, node, peer);
    }

    // The one word that is given is the rate here, whatever it is called.
    private static async Task<int> NodeAsync(CommandContext context, string name, string? peerName, string? rate, string? more, CancellationToken cancellationToken)
    {
        NodeId node = ReadNode("--on", name);
        NodeId? peer = peerName is null ? null : ReadNode("--to", peerName);
        if (rate is null || more is not null)
        {
            throw new CliException(Reason.InvalidRequest, "'ct limit --on' needs one RATE and no transfer.", $"Give {RateLimit.Wanted}, or {Configured}. 'ct nodes ls -o wide' shows what holds.");
        }

        bool configured = rate.Equals(Configured, StringComparison.OrdinalIgnoreCase);
        NodeLimitsResource limits = await context.Client.LimitNodeAsync(
            node, new LimitNode { Peer = peer, Limit = configured ? null : TransferArguments.ReadRate("RATE", rate), Configured = configured ? true : null }, cancellationToken);
        context.Results.Write(ClusterResult.NodeLimits(limits));
        return 0;
    }

    private static NodeId ReadNode(string option, string text) => NodeId.TryParse(text, null, out NodeId node)
        ? node
        : throw new CliException(Reason.InvalidRequest, $"{option} is '{PathText.Escape(text)}'.", "Give the name of a node, as 'ct nodes ls' lists it.");

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
                        () => $"{transfer.Id}  {RateLimit.Text(limit)}{(LimitText.Ignored(transfer) is { } ignored ? $", {ignored}" : string.Empty)}{(LimitText.Of(transfer) is { } held ? $", {held}" : string.Empty)}",
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
