using System.CommandLine;
using ClusterTransfer.Cli.Output;

namespace ClusterTransfer.Cli.Commands;

/// <summary><c>ct conns|chunks ID</c>: how the bytes of one transfer move.</summary>
internal static class MovementCommands
{
    public static void AddTo(RootCommand root, CommandTree tree)
    {
        root.Add(Connections(tree));
        root.Add(tree.OffersNoNames(Chunks(tree)));
    }

    private static Command Connections(CommandTree tree)
    {
        Argument<string> id = TransferArguments.Id();
        return tree.Remote(
            "conns",
            "Shows the data connections that a transfer has now.",
            "ct conns k3m9",
            async (context, cancellationToken) =>
            {
                context.Results.Write(ClusterResult.Connections(await context.Client.ConnectionsAsync(CommandTree.ReadId(context.Parsed.GetRequiredValue(id)), cancellationToken)));
                return 0;
            },
            id);
    }

    private static Command Chunks(CommandTree tree)
    {
        Argument<string> id = TransferArguments.Id();
        var failed = new Option<bool>("--failed") { Description = "Only those that were given up, with the evidence." };
        return tree.Remote(
            "chunks",
            "Shows how many chunks of a transfer are on disk, and those that were given up.",
            "ct chunks k3m9 --failed -o wide",
            async (context, cancellationToken) =>
            {
                context.Results.Write(ClusterResult.Chunks(
                    await context.Client.ChunksAsync(CommandTree.ReadId(context.Parsed.GetRequiredValue(id)), cancellationToken), context.Parsed.GetValue(failed)));
                return 0;
            },
            id, failed);
    }
}
