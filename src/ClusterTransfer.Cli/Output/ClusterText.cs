using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Output;

/// <summary>Nodes, locations and actors as text.</summary>
internal static class ClusterText
{
    private static readonly Column<NodeResource>[] NodeColumns =
    [
        new("NODE", node => node.Name.Value),
        new("STATE", node => node.State),
        new("ROLES", node => string.Join(',', node.Roles)),
        new("VERSION", node => node.Version),
        new("LIMIT", node => LimitText.Of(node.Limits)),
        new("LOCATIONS", node => string.Join(',', node.Locations)),
        new("DATA ADDRESSES", node => string.Join(',', node.DataAddresses)),
        new("PEER LIMITS", node => LimitText.OfPeers(node.Limits), IsWide: true),
        new("INCARNATION", node => node.Incarnation == default ? string.Empty : node.Incarnation.ToString(), IsWide: true),
    ];

    private static readonly Column<LocationResource>[] LocationColumns =
    [
        new("LOCATION", location => $"{location.Name}:"),
        new("NODE", location => location.Node.Value),
        new("ACCESS", location => location.ReadOnly ? "read" : "read-write"),
        new("STATE", location => location.Problem is { } problem ? $"{problem.Detail} ({problem.Reason.Info().Code})" : "ready"),
        new("FOLDER", location => location.Folder ?? string.Empty),
        new("REMEDY", location => location.Problem?.Reason.Info().Remedy ?? string.Empty, IsWide: true),
    ];

    private static readonly Column<ActorResource>[] ActorColumns =
    [
        new("PATH", actor => actor.Path),
        new("TYPE", actor => actor.Type),
        new("STATE", actor => actor.State),
        new("MAILBOX", actor => Units.Count(actor.MailboxDepth), IsNumber: true),
        new("RESTARTS", actor => Units.Count(actor.Restarts), IsNumber: true),
        new("CHILDREN", actor => Units.Count(actor.Children.Count), IsNumber: true),
        new("LAST FAILURE", actor => actor.LastFailure ?? string.Empty),
    ];

    private static readonly Column<KeptResource>[] KeptColumns =
    [
        new("NODE", kept => kept.Node.Value),
        new("PLACE", kept => kept.Place),
        new("TRANSFER", kept => kept.Name),
        new("STATE", kept => kept.State?.ToString() ?? string.Empty),
        new("SIZE", kept => Units.Bytes(kept.Bytes), IsNumber: true),
        new("LAST WRITTEN", kept => Units.Time(kept.LastWrittenAt)),
        new("WHY", WhyKept),
    ];

    public static void WriteKept(TextWriter output, IReadOnlyList<KeptResource> kept, bool isWide) =>
        Column<KeptResource>.Write(output, kept, KeptColumns, isWide);

    private static string WhyKept(KeptResource kept) => (kept.Removed ? "removed: " : kept.Problem is { } problem ? $"not removed ({problem.Reason.Info().Code}): " : string.Empty) + kept.Why switch
    {
        KeptReason.Running => "the transfer goes on",
        KeptReason.Retryable => $"'ct retry {kept.Name}' can go on from it",
        KeptReason.Ended => "the transfer has ended for good",
        KeptReason.Unknown => "the hub knows no such transfer",
        _ => "not of ClusterTransfer; never touched",
    };

    public static void WriteNodes(TextWriter output, IReadOnlyList<NodeResource> nodes, bool isWide) =>
        Column<NodeResource>.Write(output, nodes, NodeColumns, isWide);

    public static void WriteLocations(TextWriter output, IReadOnlyList<LocationResource> locations, bool isWide) =>
        Column<LocationResource>.Write(output, locations, LocationColumns, isWide);

    /// <summary>A tree; wide a table of all.</summary>
    public static void WriteActors(TextWriter output, IReadOnlyList<ActorResource> roots, bool isWide)
    {
        if (isWide)
        {
            Column<ActorResource>.Write(output, Flat(roots), ActorColumns, isWide);
            return;
        }

        foreach (ActorResource root in roots)
        {
            WriteActor(output, root, string.Empty, string.Empty);
        }
    }

    /// <summary>All actors, each before its children.</summary>
    public static IEnumerable<ActorResource> Flat(IEnumerable<ActorResource> actors) => actors.SelectMany(actor => Flat(actor.Children).Prepend(actor));

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
