using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Chaos.Invariants;
using ClusterTransfer.Model;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Chaos.Scenarios;

/// <summary>D1: the power of a destination goes at random moments. Its location is on an ext4 of its own, the node is killed, and the disk shut down without writing anything more.</summary>
internal static class PowerCuts
{
    public static Task RunAsync(ScenarioRun run)
    {
        CuttableDisk? disk = null;
        var layout = new GroundSettings
        {
            Supervised = false,
            CheckpointBytes = 1 << 20,
            DataOn = folder => disk = CuttableDisk.TryCreate(folder) ?? throw new MissingToolException("a power cut needs root, a loop device and mkfs.ext4"),
        };
        return Ground.RunAsync(layout, async ground =>
        {
            SourceItem item = SourceItem.SixteenChunks(ground.SourceFolder, run.Seed);
            for (int round = 0; round < run.Count; round++)
            {
                await CutAsync(run, ground, disk!, item, run.RandomOf(round)); // set when the ground was laid
                run.Coverage.Count("rounds");
            }
        });
    }

    private static async Task CutAsync(ScenarioRun run, Ground ground, CuttableDisk disk, SourceItem item, Random random)
    {
        Lane lane = ground.Destinations[0];
        bool isAway = false;
        int cuts = random.Next(1, 4);
        var settings = new RoundSettings
        {
            IsDiskAway = () => Volatile.Read(ref isAway),
            Meanwhile = async follower =>
            {
                for (int cut = 1; cut <= cuts; cut++)
                {
                    // Anywhere between the first byte and the moment after the end.
                    double moment = random.NextDouble() * 1.1;
                    await follower.WhenAsync(
                        "the moment of the cut", now => now.Progress.BytesDurable >= Math.Min(moment, 1) * item.Snapshot.Bytes && (moment <= 1 || now.State.IsTerminal()));
                    Volatile.Write(ref isAway, true);
                    await lane.Node.KillAsync();   // first: a process that outlives its disk reports a disk error, and no machine does that without power
                    disk.Cut();
                    disk.Remount();
                    Volatile.Write(ref isAway, false);
                    run.Coverage.Fired(moment > 1 ? "power cut after the end" : "power cut");
                    lane.Node.Start();
                    await lane.Node.ReadyAsync(lane.Node.Name);
                    if (moment > 1)
                    {
                        return;
                    }
                }
            },
        };
        RoundOutcome outcome = await Round.RunAsync(ground, lane, item, settings, () => { });
        run.Coverage.Count("sessions", outcome.First.Sessions);
    }
}
