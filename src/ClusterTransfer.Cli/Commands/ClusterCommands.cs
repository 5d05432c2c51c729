using System.CommandLine;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Commands;

/// <summary><c>ct nodes ls</c>, <c>locations ls</c>, <c>actors tree</c>, <c>version</c>.</summary>
internal static class ClusterCommands
{
    /// <summary>The version of this <c>ct</c>.</summary>
    public static string OwnVersion => typeof(ClusterCommands).Assembly.GetName().Version?.ToString(3) ?? "unknown";

    public static void AddTo(RootCommand root, CommandTree tree)
    {
        root.Add(tree.Group("nodes", "The nodes of the cluster.", Show(
            tree, "ls", "Lists the nodes.", "ct nodes ls", static (client, token) => client.NodesAsync(token), ClusterResult.Nodes)));
        root.Add(tree.Group("locations", "The folders that nodes serve.", Show(
            tree, "ls", "Lists the locations.", "ct locations ls", static (client, token) => client.LocationsAsync(token), ClusterResult.Locations)));
        root.Add(tree.Group("actors", "The actors inside the node.", Show(
            tree, "tree", "Shows the tree of actors with state, mailbox and restarts.", "ct actors tree", static (client, token) => client.ActorsAsync(token), ClusterResult.Actors)));
        root.Add(GarbageCommand.Create(tree));
        root.Add(tree.OffersNoNames(Version(tree)));
    }

    private static Command Show<T>(
        CommandTree tree,
        string name,
        string description,
        string example,
        Func<ClusterTransferClient, CancellationToken, Task<IReadOnlyList<T>>> read,
        Func<IReadOnlyList<T>, Result> result) => tree.Remote(name, description, example, async (context, cancellationToken) =>
    {
        context.Results.Write(result(await read(context.Client, cancellationToken)));
        return 0;
    });

    private static Command Version(CommandTree tree) => tree.Remote(
        "version",
        "Shows the version of ct and of the node.",
        "ct version",
        async (context, cancellationToken) =>
        {
            VersionResource? node = null;
            ClusterTransferException? failure = null;
            try
            {
                node = await context.Client.VersionAsync(cancellationToken);
            }
            catch (ClusterTransferException error)
            {
                failure = error;   // our own version is worth telling all the same
            }

            context.Results.Write(ClusterResult.Version(OwnVersion, node));
            return failure is null ? 0 : context.Messages.Fail(Failure.Of(failure));
        });
}
