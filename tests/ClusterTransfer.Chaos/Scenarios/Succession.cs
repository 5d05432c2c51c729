using System.Globalization;
using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Chaos.Invariants;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Chaos.Scenarios;

/// <summary>P5: a destination is stopped (SIGSTOP) with chunks of its session waiting in its sockets, others take over, and it wakes up.</summary>
/// <remarks>What can succeed it: a newer session of the same transfer, which is its own again, since the lock of its folder keeps every other process out; or another node that
/// serves its location from another folder.</remarks>
internal static class Succession
{
    private const string Staging = ".clustertransfer";

    // Not missed by the hub while it sleeps: the newer session is given at once and waits for it.
    private static readonly GroundSettings NotMissed = new()
    {
        Supervised = false, HubApart = true, CheckpointBytes = 1 << 20, More = "bus { heartbeat-interval = 30s }",
    };

    // Missed soon: its place is free for another.
    private static readonly GroundSettings Missed = new()
    {
        Supervised = false, HubApart = true, CheckpointBytes = 1 << 20, More = "bus { heartbeat-interval = 500ms }",
    };

    public static async Task RunAsync(ScenarioRun run)
    {
        for (int round = 0; round < run.Count; round++)
        {
            await (round % 2 == 0
                ? Ground.RunAsync(NotMissed, ground => NewerSessionAsync(run, ground, run.RandomOf(round)))
                : Ground.RunAsync(Missed, ground => AnotherNodeAsync(run, ground, run.RandomOf(round))));
            run.Coverage.Count("rounds");
        }
    }

    private static async Task NewerSessionAsync(ScenarioRun run, Ground ground, Random random)
    {
        Lane lane = ground.Destinations[0];
        SourceItem item = SourceItem.SixteenChunks(ground.SourceFolder, run.Seed);
        NodeProcess rival = await ground.AddRivalAsync("rival", lane, lane.DataFolder, findsHub: false);
        var settings = new RoundSettings
        {
            Meanwhile = async follower =>
            {
                await StopAsync(run, lane, follower, "SIGSTOP, a newer session");
                try
                {
                    await RefusedAsync(rival, lane);
                    (string Path, FileStamp Stamp)[] before = Fencing.Published(PublishedBy(lane));
                    await ground.Source.Node.KillAsync();
                    ground.Source.Node.Start();
                    await Patience.UntilAsync("a newer session is given", Patience.Process, async () =>
                        (await ground.Hub.Node.Client.GetAsync(follower.Id.Value, TestContext.Current.CancellationToken)).Sessions > 1);
                    await lane.Node.SignalAsync("CONT");
                    TransferResource ended = await follower.EndedAsync();
                    Fencing.Judge(before, Fencing.Published(PublishedBy(lane)), mayGrow: true);
                    if (ended.Sessions < 2 || ended.Epoch == "1.1")
                    {
                        throw new ChaosException($"P5: it ended in {ended.Epoch}, after {ended.Sessions} sessions.");
                    }
                }
                finally
                {
                    await lane.Node.SignalAsync("CONT");
                }
            },
        };
        lane.Relay!.HoldAt(random.NextInt64(3 << 20, 10 << 20)); // the layout has it
        await Round.RunAsync(ground, lane, item, settings, () => { });
    }

    private static async Task AnotherNodeAsync(ScenarioRun run, Ground ground, Random random)
    {
        Lane lane = ground.Destinations[0];
        SourceItem item = SourceItem.SixteenChunks(ground.SourceFolder, run.Seed);
        string folder = Directory.CreateDirectory(Path.Combine(ground.Folder, "elsewhere")).FullName;
        NodeProcess rival = await ground.AddRivalAsync("rival", lane, folder, findsHub: true);
        lane.Relay!.HoldAt(random.NextInt64(3 << 20, 10 << 20)); // the layout has it
        TransferResource accepted = await ground.Hub.Node.Client.SubmitAsync(
            new SubmitTransfer { Source = $"src:{item.Name}", Destination = $"{lane.Location}:r1" }, null, TestContext.Current.CancellationToken);
        await using var follower = new TransferFollower(ground.Hub.Node, accepted.Id);
        await StopAsync(run, lane, follower, "SIGSTOP, another node takes the location");
        try
        {
            await Patience.UntilAsync("the hub misses the node", Patience.Process, async () =>
                (await ground.Hub.Node.Client.NodesAsync(TestContext.Current.CancellationToken)).All(node => node.Name.Value != lane.Node.Name || node.State != "up"));
            (string Path, FileStamp Stamp)[] before = ShownBy(lane);
            rival.Start();
            await rival.ReadyAsync(rival.Name, ground.Source.Node.Name);
            TransferResource ended = await follower.EndedAsync();
            if (ended.State != TransferState.Completed || ended.DestinationNode?.Value != rival.Name)
            {
                throw new ChaosException($"P5: with a successor it ended {ended.State} at {ended.DestinationNode}: {ended.Problem}.");
            }

            RequireWhole("at the successor", folder, item);

            // It learns from the hub that its place is taken; by then it has dealt with what waited in its sockets.
            await lane.Node.SignalAsync("CONT");
            await SaysAsync(lane, "it slept", "did not run for");
            await SaysAsync(lane, "its place is taken", $"location '{lane.Location}', which node {rival.Name} serves");
            Fencing.Judge(before, ShownBy(lane), mayGrow: false);

            // With its place free again it is let in, hears that its session is over, and keeps nothing of it.
            await rival.KillAsync();
            await Patience.UntilAsync("the node that slept has forgotten the transfer", Patience.Process, () => !Directory.Exists(Path.Combine(lane.DataFolder, Staging, accepted.Id.Value)));
            Fencing.Judge(before, ShownBy(lane), mayGrow: false);
            RequireWhole("at the successor, in the end", folder, item);
            TransferResource now = await ground.Hub.Node.Client.GetAsync(accepted.Id.Value, TestContext.Current.CancellationToken);
            if (now.State != TransferState.Completed)
            {
                throw new ChaosException($"P5: after it woke up the transfer is {now.State}.");
            }
        }
        finally
        {
            await lane.Node.SignalAsync("CONT");
        }
    }

    private static async Task StopAsync(ScenarioRun run, Lane lane, TransferFollower follower, string what)
    {
        await follower.WhenAsync("something is durable", now => now.Progress.BytesDurable > 0);
        await lane.Node.SignalAsync("STOP");
        lane.Relay!.HoldAt(long.MaxValue); // the layout has it
        run.Coverage.Fired(what);
    }

    private static Task SaysAsync(Lane lane, string what, string words) => Patience.UntilAsync(
        $"the node that slept says that {what}", Patience.Process, () => lane.Node.Run.Lines.Any(line => line.Contains(words, StringComparison.Ordinal)));

    private static void RequireWhole(string where, string folder, SourceItem item)
    {
        string[] differences = [.. item.Snapshot.DifferencesTo(TreeSnapshot.Of(Path.Combine(folder, "r1", item.Name)))];
        if (differences.Length > 0)
        {
            throw new ChaosException($"P5: {where}: {string.Join("; ", differences)}.");
        }
    }

    // The lock is the process's, and it lives.
    private static async Task RefusedAsync(NodeProcess rival, Lane lane)
    {
        string refusal = string.Create(CultureInfo.InvariantCulture, $"another process (pid {lane.Node.Run.Id}) serves this folder");
        rival.Start();
        await Patience.UntilAsync("a second process is refused the folder", Patience.Process, () => rival.Run.Lines.Any(line => line.Contains(refusal, StringComparison.Ordinal)));
        await rival.KillAsync();
    }

    // Folders as well: of what is not its own any more it may not even set a time.
    private static (string Path, FileStamp Stamp)[] ShownBy(Lane lane) =>
    [
        .. Directory.EnumerateFileSystemEntries(lane.DataFolder, "*", SearchOption.AllDirectories)
            .Where(path => !path.StartsWith(Path.Combine(lane.DataFolder, Staging), StringComparison.Ordinal)).Select(path => (path, FileStamp.Of(path))),
    ];

    private static string PublishedBy(Lane lane) => Directory.GetDirectories(lane.DataFolder, "r*").SingleOrDefault() ?? "";
}
