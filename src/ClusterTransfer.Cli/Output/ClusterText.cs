using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Output;

/// <summary>Nodes, locations and actors as text.</summary>
internal static class ClusterText
{
    public static void WriteNodes(TextWriter output, IReadOnlyList<NodeResource> nodes)
    {
        var table = new Table("NODE", "STATE", "ROLES", "VERSION", "LOCATIONS", "DATA ADDRESSES");
        foreach (NodeResource node in nodes)
        {
            table.Add(node.Name.Value, node.State, string.Join(',', node.Roles), node.Version, string.Join(',', node.Locations), string.Join(',', node.DataAddresses));
        }

        table.Write(output);
    }

    public static void WriteLocations(TextWriter output, IReadOnlyList<LocationResource> locations)
    {
        var table = new Table("LOCATION", "NODE", "ACCESS", "STATE", "FOLDER");
        foreach (LocationResource location in locations)
        {
            table.Add(
                $"{location.Name}:",
                location.Node.Value,
                location.ReadOnly ? "read" : "read-write",
                location.Problem is { } problem ? $"{problem.Detail} ({problem.Reason.Info().Code})" : "ready",
                location.Folder ?? string.Empty);
        }

        table.Write(output);
    }

    public static void WriteActors(TextWriter output, IReadOnlyList<ActorResource> roots)
    {
        foreach (ActorResource root in roots)
        {
            WriteActor(output, root, string.Empty, string.Empty);
        }
    }

    // Deep trees are no danger here: what was read had at most 32 levels.
    private static void WriteActor(TextWriter output, ActorResource actor, string lead, string indent)
    {
        string name = actor.Path.TrimEnd('/') is { Length: > 0 } path ? path[(path.LastIndexOf('/') + 1)..] : "/";
        string line = $"{lead}{name}  {actor.Type}  {actor.State}"
            + (actor.MailboxDepth > 0 ? $"  mailbox {actor.MailboxDepth}" : string.Empty)
            + (actor.Restarts > 0 ? $"  restarts {actor.Restarts}" : string.Empty)
            + (actor.LastFailure is { } failure ? $"  last failure: {failure}" : string.Empty);
        output.WriteLine(PathText.EscapeControls(line));
        for (int i = 0; i < actor.Children.Count; i++)
        {
            bool last = i == actor.Children.Count - 1;
            WriteActor(output, actor.Children[i], indent + (last ? "\u2514\u2500 " : "\u251c\u2500 "), indent + (last ? "   " : "\u2502  "));
        }
    }
}
