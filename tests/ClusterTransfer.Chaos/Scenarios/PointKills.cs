using ClusterTransfer.Chaos.Faults;
using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Chaos.Invariants;
using ClusterTransfer.Model;

namespace ClusterTransfer.Chaos.Scenarios;

/// <summary>P1: kill -9 at each named point of destination, source, coordinator and hub. P7: the same by an exception on a pool thread that nobody catches.</summary>
internal static class PointKills
{
    // The nodes of one ground share the hub that dies, so there is one round at a time.
    private static readonly GroundSettings Layout = new() { HubApart = true, WithFaultPoints = true };

    // Reached only in a transfer that is paused.
    private static readonly string[] OfPause = ["u4.before", "u4.after"];

    // Reached also by a new transfer, which has nothing to replay; here the hub dies in mid-transfer first.
    private static readonly string[] OfReplay = ["c7.before", "c7.after"];

    // SIGABRT, by which the runtime ends.
    private const int Aborted = 134;

    public static Task KillAsync(ScenarioRun run) => RunAsync(run, "kill");

    public static Task CrashAsync(ScenarioRun run) => RunAsync(run, "crash");

    private static Task RunAsync(ScenarioRun run, string action) => Ground.RunAsync(Layout, async ground =>
    {
        SourceItem item = SourceItem.SixteenChunks(ground.SourceFolder, run.Seed);
        Target[] targets = await FindAsync(ground, item);
        run.Write($"  {targets.Length} named points: {string.Join(' ', targets.Select(target => target.Point))}");
        foreach ((Target target, int round) in Choose(run, targets))
        {
            // How often a point is come by differs a little from transfer to transfer; the first time is always.
            if (!await PlayAsync(run, ground, item, target, run.RandomOf(round).Next(1, target.Hits + 1), action))
            {
                await PlayAsync(run, ground, item, target, hit: 1, action);
            }
        }
    });

    // A transfer without faults shows which points there are, at which node, and how often each is come by.
    private static async Task<Target[]> FindAsync(Ground ground, SourceItem item)
    {
        Lane[] nodes = [ground.Destinations[0], ground.Source, ground.Hub];
        await Round.RunAsync(ground, nodes[0], item, new RoundSettings(), () =>
        {
            foreach (Lane lane in nodes)
            {
                lane.PlanPoints("* * record");
            }
        });
        var found = new List<Target>();
        foreach ((Lane lane, string letters) in nodes.Zip(["d", "u", "ch"]))
        {
            found.AddRange(lane.Points!.Fired // the layout has them
                .Select(line => line.Split(' ')[0])
                .Where(point => letters.Contains(point[0], StringComparison.Ordinal))
                .GroupBy(point => point)
                .Select(group => new Target(lane, group.Key, group.Count())));
        }

        found.AddRange(OfPause.Select(point => new Target(ground.Source, point, 1)));
        return [.. found.OrderBy(target => target.Point, StringComparer.Ordinal)];
    }

    // So many rounds at each point, or a sample of all points.
    private static IEnumerable<(Target Target, int Round)> Choose(ScenarioRun run, Target[] targets)
    {
        Target[] order = [.. targets];
        new Random(run.Seed).Shuffle(order);
        int rounds = run.Count == 0 ? order.Length : run.Count;
        return Enumerable.Range(0, rounds).Select(i => (order[i % order.Length], i));
    }

    // Whether it came by its point so often.
    private static async Task<bool> PlayAsync(ScenarioRun run, Ground ground, SourceItem item, Target target, int hit, string action)
    {
        Lane destination = ground.Destinations[0];
        string death = $"{target.Point} {hit} {action}";
        bool pauses = OfPause.Contains(target.Point);
        var settings = new RoundSettings
        {
            OnlyDeaths = action == "kill", // the runtime takes its time to end, in which the other threads go on
            MayExitWith = action == "crash" ? [Aborted] : [],
            Meanwhile = pauses ? follower => PauseAsync(ground, follower) : null,
        };

        // Held, so that the pause comes before the end of it.
        destination.Relay!.HoldAt(pauses ? destination.Relay.BytesForward + (6 << 20) : long.MaxValue); // the layout has it
        RoundOutcome outcome = await Round.RunAsync(ground, destination, item, settings, () =>
        {
            target.Lane.PlanPoints(OfReplay.Contains(target.Point) ? ["c3.before 1 kill", death] : [death]);
        });
        run.Coverage.Count("rounds");
        run.Coverage.Count("deaths", outcome.Exits.Count);
        run.Coverage.Count("sessions", outcome.First.Sessions);
        run.Coverage.Count("bytes sent again", outcome.BytesAgain);

        string[] fired = [.. target.Lane.Points!.Fired.Select(line => line.Split(' ')[0])]; // the layout has them
        Array.ForEach(fired, point => run.Coverage.Fired($"{action} at {point}"));
        bool came = fired.Contains(target.Point);
        run.Coverage.Count("rounds that did not come by their point so often", came ? 0 : 1);
        return came;
    }

    private static async Task PauseAsync(Ground ground, TransferFollower follower)
    {
        await follower.WhenAsync("something is durable", now => now.Progress.BytesDurable > 0);
        await ground.Hub.Node.Client.PauseAsync(follower.Id.Value, TestContext.Current.CancellationToken);
        ground.Destinations[0].Relay!.HoldAt(long.MaxValue); // the layout has it
        await follower.WhenAsync("it is paused", now => now.State == TransferState.Queued);
        await ground.Hub.Node.Client.ResumeAsync(follower.Id.Value, TestContext.Current.CancellationToken);
    }

    private sealed record Target(Lane Lane, string Point, int Hits);
}
