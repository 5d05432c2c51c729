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
            "Shows what the connected nodes keep of transfers, and why; with --yes removes what nobody needs, and says what became of it.",
            "ct gc --yes",
            async (context, cancellationToken) =>
            {
                bool remove = context.Parsed.GetValue(yes);
                List<KeptResource> kept = [];
                await foreach (KeptResource one in remove ? context.Client.RemoveKeptAsync(cancellationToken) : context.Client.KeptAsync(cancellationToken))
                {
                    kept.Add(one);
                }

                return remove ? Removed(context, kept) : Shown(context, kept);
            },
            yes);
    }

    private static int Shown(CommandContext context, List<KeptResource> kept)
    {
        context.Results.Write(ClusterResult.Kept(kept));
        KeptResource[] unneeded = [.. kept.Where(one => one.Why is KeptReason.Ended or KeptReason.Unknown)];
        if (context.Results.IsText && unneeded.Length > 0)
        {
            context.Messages.Say($"{Units.Count(unneeded.Length)} of them, {Units.Bytes(unneeded.Sum(one => one.Bytes))}, are needed by no transfer. Remove them with 'ct gc --yes'.");
        }

        return 0;
    }

    private static int Removed(CommandContext context, List<KeptResource> kept)
    {
        KeptResource[] removed = [.. kept.Where(one => one.Removed)];
        KeptResource[] left = [.. kept.Where(one => one.Problem is not null)];
        long bytes = removed.Sum(one => one.Bytes);
        context.Results.Count("removed", removed.Length);
        context.Results.Count("bytesRemoved", bytes);
        context.Results.Count("failed", left.Length);
        Failure? worst = null;
        foreach (KeptResource one in left)
        {
            Failure failure = Failure.Of(one.Problem!) with   // filtered so
            {
                What = $"{one.Name} at {one.Node}, {one.Place}, could not be removed: {one.Problem!.Detail}{(left.Length > 1 ? $" {Units.Count(left.Length)} in all; 'ct gc' shows them." : string.Empty)}",
            };
            worst = failure.IsWorseThan(worst) ? failure : worst;
        }

        context.Results.Problem = worst;
        context.Results.Write(ClusterResult.Kept(kept));
        if (context.Results.IsText)
        {
            context.Messages.Say($"{Units.Count(removed.Length)} removed, {Units.Bytes(bytes)}.");
        }

        if (worst is not null)
        {
            context.Messages.Fail(worst);
        }

        return worst?.ExitCode ?? 0;
    }
}
