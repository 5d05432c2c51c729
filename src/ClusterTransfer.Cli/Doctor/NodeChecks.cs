using ClusterTransfer.Cli.Contexts;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Doctor;

/// <summary>What the node says of itself and of its cluster.</summary>
/// <param name="client">Asks it.</param>
/// <param name="address">Where it is.</param>
/// <param name="token">What it is shown; null when there is none.</param>
/// <param name="time">This machine's clock.</param>
/// <param name="ownVersion">The version of this <c>ct</c>.</param>
internal sealed class NodeChecks(ClusterTransferClient client, Uri address, Token? token, TimeProvider time, string ownVersion)
{
    private const int ApiVersion = 1;
    private static readonly TimeSpan SkewWorthTelling = TimeSpan.FromSeconds(5);
    private static readonly string[] AfterNode = ["ready", "clock", "access"];
    private static readonly string[] AfterAccess = ["version", "hub", "nodes", "locations", "queue", "journal"];

    private readonly List<Check> _checks = [];

    public async Task<IReadOnlyList<Check>> RunAsync(CancellationToken cancellationToken)
    {
        if (!await AskReadinessAsync(cancellationToken))
        {
            Skip(AfterNode, "No node answers.");
            Skip(AfterAccess, "No node answers.");
        }
        else if (await AskVersionAsync(cancellationToken) is { } version)
        {
            Add(VersionOf(version));
            await TryAsync("nodes", async () => AddNodes(await client.NodesAsync(cancellationToken), version.Node));
            await TryAsync("locations", async () => AddLocations(await client.LocationsAsync(cancellationToken), version.Node));
            await AddQueueAsync(cancellationToken);
        }
        else
        {
            Skip(AfterAccess, "The node lets only those ask who have its token.");
        }

        return _checks;
    }

    private async Task<bool> AskReadinessAsync(CancellationToken cancellationToken)
    {
        NodeReadiness readiness;
        DateTimeOffset before = time.GetUtcNow();
        try
        {
            readiness = await client.ReadinessAsync(cancellationToken);
        }
        catch (ClusterTransferException error)
        {
            Add(Check.Fail("node", error));
            return false;
        }

        DateTimeOffset after = time.GetUtcNow();
        Add(Check.Ok("node", $"It answers at {address.GetLeftPart(UriPartial.Authority)}."));
        Add(readiness.Problem is { } problem ? Check.Fail("ready", Failure.Of(problem)) : Check.Ok("ready", "It can do its work."));
        Add(ClockOf(readiness.Clock, before, after));
        return true;
    }

    // The node says whole seconds, so a second is within what it means.
    private static Check ClockOf(DateTimeOffset? clock, DateTimeOffset before, DateTimeOffset after)
    {
        if (clock is not { } said)
        {
            return Check.Skip("clock", "The node does not say what time it is.");
        }

        TimeSpan skew = said > after ? said - after : said.AddSeconds(1) < before ? said.AddSeconds(1) - before : TimeSpan.Zero;
        return skew.Duration() < SkewWorthTelling
            ? Check.Ok("clock", "This machine and the node agree.")
            : Check.Warn("clock", $"The node's clock is {Units.Duration(skew.Duration())} {(skew > TimeSpan.Zero ? "ahead of" : "behind")} this machine's: times of the two do not compare.", "timedatectl set-ntp true   # where it is wrong");
    }

    private async Task<VersionResource?> AskVersionAsync(CancellationToken cancellationToken)
    {
        try
        {
            VersionResource version = await client.VersionAsync(cancellationToken);
            Add(Check.Ok("access", $"Node {version.Node} takes the token."));
            return version;
        }
        catch (ClusterTransferException error)
        {
            Add(token is null && error.Reason == Reason.NotAuthenticated
                ? Check.Fail("access", Failure.Of(error) with { What = "The node wants a token, and there is none.", Remedy = "ct login --node " + address.GetLeftPart(UriPartial.Authority) })
                : Check.Fail("access", error));
            return null;
        }
    }

    private Check VersionOf(VersionResource node)
    {
        string both = $"ct {ownVersion}, node {node.Version}";
        if (node.ApiVersion != ApiVersion)
        {
            return Check.Fail("version", Failure.Of(new Problem(Reason.VersionMismatch, $"{both}: the node's API has version {node.ApiVersion}, this ct speaks {ApiVersion}.")));
        }

        bool comparable = Version.TryParse(ownVersion, out Version? own) & Version.TryParse(node.Version.Split('-', '+')[0], out Version? theirs);
        return node.Version == ownVersion ? Check.Ok("version", $"{both}.")
            : comparable && theirs > own ? Check.Warn("version", $"{both}: the node is newer and may do more than this ct knows.", $"install ct {node.Version} here")
            : Check.Warn("version", $"{both}: the node may lack what this ct asks for.", $"install ct {ownVersion} at the node");
    }

    private void AddNodes(IReadOnlyList<NodeResource> nodes, NodeId self)
    {
        NodeResource? hub = nodes.FirstOrDefault(node => node.Roles.Contains("hub"));
        Add(hub is null ? Check.Fail("hub", Failure.Of(new Problem(Reason.HubUnreachable, $"Node {self} knows of no hub.")))
            : hub.Name == self ? Check.Ok("hub", "The node is the hub.")
            : IsUp(hub) ? Check.Ok("hub", $"The node is linked to {hub.Name}.")
            : Check.Fail("hub", Failure.Of(new Problem(Reason.HubUnreachable, $"The link of {self} to the hub {hub.Name} is down."))));
        string[] away = [.. nodes.Where(node => !IsUp(node) && node != hub).Select(node => node.Name.Value)];
        Add(away.Length == 0
            ? Check.Ok("nodes", $"{SettingsChecks.Count(nodes.Count, "node")}, all connected.")
            : Check.Warn("nodes", $"Not connected: {string.Join(", ", away)}.", "ct nodes ls   # then start these, or look at their logs"));
    }

    // What a node that is away cannot serve was said of the node.
    private void AddLocations(IReadOnlyList<LocationResource> locations, NodeId self)
    {
        LocationResource[] broken = [.. locations.Where(location => location.Problem is { Reason: not Reason.NodeUnreachable })];
        foreach (LocationResource location in broken)
        {
            Problem problem = location.Problem!;   // filtered so
            string detail = problem.Detail.Contains(location.Name.Value, StringComparison.Ordinal) ? problem.Detail : $"Location {location.Name}: {problem.Detail}";
            Add(Check.Fail("locations", Failure.Of(problem with { Detail = location.Node == self ? detail : $"At {location.Node}: {detail}" })));
        }

        int away = locations.Count(location => location.Problem is { Reason: Reason.NodeUnreachable });
        if (broken.Length == 0)
        {
            Add(locations.Count == 0 ? Check.Warn("locations", "There are none: nothing can be copied.", "add one to a node's configuration, in the section locations")
                : away > 0 ? Check.Warn("locations", $"{locations.Count - away} of {SettingsChecks.Count(locations.Count, "location")} can be used; the nodes of the others are away.", "ct locations ls")
                : Check.Ok("locations", $"{SettingsChecks.Count(locations.Count, "location")}, all can be used."));
        }
    }

    // Both are known to the hub alone.
    private async Task AddQueueAsync(CancellationToken cancellationToken)
    {
        if (!_checks.Exists(check => check is { Name: "hub", Status: CheckStatus.Ok }))
        {
            Skip(["queue", "journal"], "The hub cannot be asked.");
            return;
        }

        QueueResource queue;
        try
        {
            queue = await client.QueueAsync(cancellationToken);
        }
        catch (ClusterTransferException error)
        {
            Add(Check.Fail("queue", error));
            Skip(["journal"], "The hub did not say.");
            return;
        }

        Add(queue.Paused ? Check.Warn("queue", QueueText.Sentence(queue), "ct queue resume   # unless it is meant to hold") : Check.Ok("queue", QueueText.Sentence(queue)));
        Add(queue.DamagedCount == 0 ? Check.Ok("journal", "The hub reads all of its open transfers.") : JournalOf(queue));
    }

    private static Check JournalOf(QueueResource queue)
    {
        bool isQueue = queue.Damaged.Any(stream => stream.Transfer is null);
        Problem problem = queue.Damaged.Count == 0 ? new Problem(Reason.DiskError, string.Empty) : queue.Damaged[0].Problem;
        return Check.Fail("journal", Failure.Of(problem with { Detail = QueueText.DamageOf(queue) }) with
        {
            Remedy = problem.Reason == Reason.VersionMismatch
                ? "Run the newer version of ct that wrote it at the hub."
                : "Check the hub's disk, stop the hub and restore its transfers.db from a backup"
                    + (isQueue ? "; until then no transfer begins." : $"; or leave {(queue.DamagedCount == 1 ? "that transfer" : "those transfers")} and submit again with '--conflict skip'."),
        });
    }

    private async Task TryAsync(string name, Func<Task> ask)
    {
        try
        {
            await ask();
        }
        catch (ClusterTransferException error)
        {
            Add(Check.Fail(name, error));
        }
    }

    private void Skip(IEnumerable<string> names, string why)
    {
        foreach (string name in names)
        {
            Add(Check.Skip(name, why));
        }
    }

    private void Add(Check check) => _checks.Add(check);

    private static bool IsUp(NodeResource node) => node.State == "up";
}
