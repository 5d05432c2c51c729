using System.Diagnostics;
using System.Globalization;
using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Chaos.Invariants;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Chaos.Scenarios;

/// <summary>N2: half of the connections go silent in both directions and neither end is told. Noticed by heartbeats; what was on them goes over the others.</summary>
internal static class BlackHole
{
    private const int Swallowed = 2;

    // 3 heartbeats of 5 s, as by default.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private static readonly GroundSettings Layout = new() { Supervised = false };

    public static Task RunAsync(ScenarioRun run) => Ground.RunAsync(Layout, async ground =>
    {
        SourceItem item = SourceItem.OfFile(ground.SourceFolder, "hole.bin", 48 << 20, run.Seed);
        for (int round = 0; round < run.Count; round++)
        {
            Lane lane = ground.Destinations[0];
            ByteRelay relay = lane.Relay!; // the layout has it
            int before = relay.Connections;
            var settings = new RoundSettings
            {
                Meanwhile = async follower =>
                {
                    await follower.WhenAsync("all connections stand", now => now.Progress.BytesDurable > 0 && relay.Connections >= before + 4);
                    using var stalls = new Metronome();
                    long cut = Stopwatch.GetTimestamp();
                    relay.BlackHole(before + Swallowed);
                    relay.HoldAt(long.MaxValue);
                    run.Coverage.Fired("black hole", Swallowed);
                    await follower.WhenAsync("the loss is noticed", _ => follower.Count("connection-lost") >= Swallowed);
                    TimeSpan noticed = Stopwatch.GetElapsedTime(cut);
                    run.Write(string.Create(CultureInfo.InvariantCulture, $"  noticed after {noticed.TotalSeconds:0.0} s; this process was kept waiting {stalls.Late.TotalSeconds:0.0} s of them"));
                    if (noticed > Limit + stalls.Late)
                    {
                        throw new ChaosException($"N2: a dead connection was noticed after {noticed.TotalSeconds:0.0} s; the limit is {Limit.TotalSeconds:0} s.");
                    }
                },
            };
            relay.HoldAt(relay.BytesForward + (12 << 20));
            RoundOutcome outcome = await Round.RunAsync(ground, lane, item, settings, () => { });
            if (outcome.First.Sessions != 1)
            {
                throw new ChaosException($"N2: the session did not outlive its connections; there were {outcome.First.Sessions}.");
            }

            // The connections stay warm for the next transfer; a round wants new ones.
            await lane.Node.KillAsync();
            lane.Node.Start();
            await ground.ReadyAsync();
            relay.BlackHole(0);
        }
    });
}
