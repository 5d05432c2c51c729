using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Chaos.Invariants;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Chaos.Scenarios;

/// <summary>P5: a destination that is stopped (SIGSTOP) until everybody else has given it up, and then goes on with what it had in hand.</summary>
/// <remarks>What was sent to it meanwhile waits in its sockets, so that it wakes up with chunks of a time that is over. In every second round the transfer is cancelled while it sleeps.</remarks>
internal static class Fencing
{
    // Given up sooner than by default, so that a round is short; the order of events is the same.
    private static readonly GroundSettings Layout = new()
    {
        Supervised = false,
        CheckpointBytes = 1 << 20,
        More = "bus { heartbeat-interval = 500ms }\n  data-plane { heartbeat-interval = 500ms }",
    };

    public static Task RunAsync(ScenarioRun run) => Ground.RunAsync(Layout, async ground =>
    {
        SourceItem item = SourceItem.SixteenChunks(ground.SourceFolder, run.Seed);
        for (int round = 0; round < run.Count; round++)
        {
            await FreezeAsync(run, ground, item, run.RandomOf(round), cancelled: round % 2 == 1);
            run.Coverage.Count("rounds");
        }
    });

    private static async Task FreezeAsync(ScenarioRun run, Ground ground, SourceItem item, Random random, bool cancelled)
    {
        Lane lane = ground.Destinations[0];
        ByteRelay relay = lane.Relay!; // the layout has it
        var settings = new RoundSettings
        {
            Wanted = cancelled ? TransferState.Cancelled : TransferState.Completed,
            Meanwhile = async follower =>
            {
                await follower.WhenAsync("something is durable", now => now.Progress.BytesDurable > 0);
                await lane.Node.SignalAsync("STOP");
                try
                {
                    relay.HoldAt(long.MaxValue);
                    run.Coverage.Fired(cancelled ? "SIGSTOP, cancelled meanwhile" : "SIGSTOP");
                    await Patience.UntilAsync("the hub misses the node", Patience.Process, async () =>
                        (await ground.Hub.Node.Client.NodesAsync(TestContext.Current.CancellationToken)).All(node => node.Name.Value != lane.Node.Name || node.State != "up"));
                    await Patience.UntilAsync("the source has given up its connections", Patience.Process, async () =>
                        (await ground.Hub.Node.Client.ConnectionsAsync(follower.Id.Value, TestContext.Current.CancellationToken)).Count == 0);
                    string final = Directory.GetDirectories(lane.DataFolder, "r*").SingleOrDefault() ?? "";
                    (string Path, FileStamp Stamp)[] before = Published(final);
                    if (cancelled)
                    {
                        await ground.Hub.Node.Client.CancelAsync(follower.Id.Value, TestContext.Current.CancellationToken);
                    }

                    await lane.Node.SignalAsync("CONT");
                    await follower.EndedAsync();
                    Judge(before, Published(final), mayGrow: !cancelled);
                }
                finally
                {
                    await lane.Node.SignalAsync("CONT");
                }
            },
        };
        relay.HoldAt(relay.BytesForward + random.NextInt64(3 << 20, 10 << 20));
        RoundOutcome outcome = await Round.RunAsync(ground, lane, item, settings, () => { });
        run.Coverage.Count("sessions", outcome.First.Sessions);
    }

    // What was published before stays exactly the same file; of a cancelled transfer nothing appears any more.
    internal static void Judge((string Path, FileStamp Stamp)[] before, (string Path, FileStamp Stamp)[] after, bool mayGrow)
    {
        (string Path, FileStamp Stamp)[] lost = [.. before.Except(after)];
        (string Path, FileStamp Stamp)[] more = [.. after.Except(before)];
        if (lost.Length > 0 || (!mayGrow && more.Length > 0))
        {
            throw new ChaosException($"P5: after it woke up {string.Join(", ", lost)} changed and {string.Join(", ", more)} appeared.");
        }
    }

    // Name, inode and time of change: a rename over it, a write and a chmod each show. Folders may get their times.
    internal static (string Path, FileStamp Stamp)[] Published(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => (path, FileStamp.Of(path)))]
        : [];
}
