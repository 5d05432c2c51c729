using ClusterTransfer.Chaos.Faults;
using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Chaos.Invariants;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Chaos.Scenarios;

/// <summary>D14: a destination whose disk is far slower than the network: each write waits, and a flush takes seconds, longer than three heartbeats. Nobody may take it for dead.</summary>
internal static class SlowDisk
{
    private const ulong Flush = 5_000_000;
    private const ulong Write = 20_000;

    private const int Looks = 40;

    // TLS records and frame headers, the manifest, the handshakes.
    private const double Overhead = 0.02;

    // Heartbeats so fast that a flush outlasts many of them: only a node that sends them beside its disk stays.
    private static readonly GroundSettings Layout = new()
    {
        WithShim = true,
        CheckpointBytes = 4 << 20,
        WindowBytes = 8 << 20,
        More = "bus { heartbeat-interval = 500ms }\n  data-plane { heartbeat-interval = 500ms }",
    };

    public static Task RunAsync(ScenarioRun run) => Ground.RunAsync(Layout, async ground =>
    {
        SourceItem item = SourceItem.OfFile(ground.SourceFolder, "large", 48 << 20, run.Seed);
        Lane lane = ground.Destinations[0];
        for (int round = 0; round < run.Count; round++)
        {
            bool flush = round % 2 == 0;
            ShimFault slow = flush
                ? new ShimFault(ShimMode.Delay, 1, Repeat: 3, Argument: Flush, Calls: ShimCalls.Only(ShimCall.Sync, ShimCall.DataSync, ShimCall.SyncFs), Name: ".part")
                : new ShimFault(ShimMode.Delay, 1, Repeat: ulong.MaxValue / 2, Argument: Write, Calls: ShimCalls.Only(ShimCall.Write));
            long most = 0;
            var sent = new Queue<long>();
            ByteRelay relay = lane.Relay!; // the layout has it
            long before = relay.BytesForward;
            var settings = new RoundSettings
            {
                Meanwhile = async follower =>
                {
                    // Back-pressure: what has left the source is never more than what is durable and what the window and a checkpoint may hold.
                    // What is durable is told late, so it is compared with what had left the source some looks ago: exact while a flush lasts.
                    await Patience.UntilAsync("it is over", Patience.Transfer, async () =>
                    {
                        sent.Enqueue(relay.BytesForward - before);
                        TransferResource now = await ground.Hub.Node.Client.GetAsync(follower.Id.Value, TestContext.Current.CancellationToken);
                        most = Math.Max(most, sent.Count > Looks ? sent.Dequeue() - now.Progress.BytesDurable : 0);
                        return now.State.IsTerminal();
                    });
                },
            };
            RoundOutcome outcome = await Round.RunAsync(ground, lane, item, settings, () => lane.Plan(slow));
            run.Coverage.Count("rounds");
            if (lane.ShimFired == 0)
            {
                continue;
            }

            run.Coverage.Fired(flush ? "flushes of 5 s" : "writes of 20 ms", (long)lane.ShimFired);
            if (outcome.First.Sessions != 1 || outcome.Exits.Count > 0)
            {
                throw new ChaosException($"D14: it took {outcome.First.Sessions} sessions, {outcome.Exits.Count} nodes ended: a slow disk was taken for a dead node.");
            }

            if (most > (Layout.WindowBytes + Layout.CheckpointBytes) * (1 + Overhead))
            {
                throw new ChaosException($"D14: {most >> 10} KiB were on their way and not durable: the source did not wait for the disk.");
            }

            run.Write($"  the most that was on its way and not durable: {most >> 10} KiB");
        }
    });
}
