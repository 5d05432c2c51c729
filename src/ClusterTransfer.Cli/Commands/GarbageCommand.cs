using System.CommandLine;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Commands;

/// <summary><c>ct gc</c>: what nodes keep of transfers, and the removal of what nobody needs.</summary>
internal static class GarbageCommand
{
    public static Command Create(CommandTree tree)
    {
        var yes = new Option<bool>("--yes") { Description = "Remove what no transfer needs: of those that have ended for good, and of those the hub does not know." };
        return tree.Remote(
            "gc",
            "Shows what the connected nodes keep of transfers, and why; with --yes removes what nobody needs.",
            "ct gc --yes",
            async (context, cancellationToken) =>
            {
                bool remove = context.Parsed.GetValue(yes);
                IReadOnlyList<KeptResource> kept = remove ? await context.Client.RemoveKeptAsync(cancellationToken) : await context.Client.KeptAsync(cancellationToken);
                context.Results.Write(ClusterResult.Kept(kept));
                if (context.Results.IsText)
                {
                    Say(context.Messages, kept, remove);
                }

                return 0;
            },
            yes);
    }

    private static void Say(Messages messages, IReadOnlyList<KeptResource> kept, bool remove)
    {
        // The hub does not wait for the nodes to look whether a session has one open, or for their disks.
        int removable = kept.Count(one => remove ? one.Removed : one.Why is KeptReason.Ended or KeptReason.Unknown);
        if (removable > 0)
        {
            messages.Say(remove
                ? $"{removable} of them: their nodes were asked to remove them. 'ct gc' shows what could not be."
                : $"{removable} of them are needed by no transfer. Remove them with 'ct gc --yes'.");
        }

        if (kept.Count >= KeptResource.MaxListed)
        {
            messages.Say($"These are the {KeptResource.MaxListed} oldest; there may be more.");
        }
    }
}
