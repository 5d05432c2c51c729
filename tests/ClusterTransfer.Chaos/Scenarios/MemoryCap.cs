using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Chaos.Invariants;
using ClusterTransfer.Model;

namespace ClusterTransfer.Chaos.Scenarios;

/// <summary>P6: source and destination each in a control group of 512 MiB, page cache included, with as many connections as a transfer may have; then one of them with so little that the kernel kills it.</summary>
internal static class MemoryCap
{
    private const long Cap = 512L << 20;
    private const string TooLittle = "33554432";

    private static readonly GroundSettings Layout = new()
    {
        Supervised = false,
        CheckpointBytes = 64 << 20,
        WindowBytes = 64 << 20,
        More = "data-plane { connections = 16 }",
    };

    public static async Task RunAsync(ScenarioRun run)
    {
        using ControlGroup source = Group();
        using ControlGroup destination = Group();
        await Ground.RunAsync(Layout, async ground =>
        {
            Lane lane = ground.Destinations[0];
            await RestartWithinAsync(ground.Source.Node, source);
            await RestartWithinAsync(lane.Node, destination);
            await ground.ReadyAsync();
            SourceItem item = SourceItem.OfFile(ground.SourceFolder, "large", (long)run.Count << 30, run.Seed);
            RoundOutcome outcome = await Round.RunAsync(ground, lane, item, new RoundSettings(), () => { });
            if (outcome.First.Sessions != 1)
            {
                throw new ChaosException($"P6: within {Cap >> 20} MiB it took {outcome.First.Sessions} sessions.");
            }

            foreach (Lane each in new[] { ground.Source, lane })
            {
                run.Write($"  {each.Node.Name}: peak resident memory {each.Node.PeakResidentBytes() >> 20} MiB");
                if (each.Node.PeakResidentBytes() > Cap)
                {
                    throw new ChaosException($"P6: {each.Node.Name} had {each.Node.PeakResidentBytes() >> 20} MiB resident.");
                }
            }

            run.Coverage.Fired("GiB within 512 MiB", run.Count);
            await KillAsync(run, ground, lane, destination);
        });
    }

    // Whom the kernel kills is started again and goes on, as after any other kill -9.
    private static async Task KillAsync(ScenarioRun run, Ground ground, Lane lane, ControlGroup group)
    {
        SourceItem item = SourceItem.SixteenChunks(ground.SourceFolder, run.Seed);
        lane.Relay!.HoldAt(lane.Relay.BytesForward + (6 << 20)); // the layout has it
        var settings = new RoundSettings
        {
            Meanwhile = async follower =>
            {
                await follower.WhenAsync("something is durable", now => now.Progress.BytesDurable > 0);

                // So little cannot be set on a process that has more: it is started again within it, and killed for it.
                await lane.Node.KillAsync();
                group.Set(TooLittle);
                lane.Node.Start();
                int code = await lane.Node.Run.EndAsync(Patience.Process);
                if (code != ProcessRun.KilledExitCode)
                {
                    throw new ChaosException($"P6: with too little memory the node ended with {code}; the kernel kills with {ProcessRun.KilledExitCode}.");
                }

                run.Coverage.Fired("killed for memory");
                group.Lift();
                lane.Relay.HoldAt(long.MaxValue);
                lane.Node.Start();
                await lane.Node.ReadyAsync(lane.Node.Name);
            },
        };
        RoundOutcome outcome = await Round.RunAsync(ground, lane, item, settings, () => { });
        run.Coverage.Count("sessions", outcome.First.Sessions);
    }

    private static async Task RestartWithinAsync(NodeProcess node, ControlGroup group)
    {
        await node.KillAsync();
        node.Wrapper = group.Wrapper;
        node.Start();
    }

    private static ControlGroup Group() => ControlGroup.TryMemory(Cap) ?? throw new MissingToolException("a cap on memory needs root and a control group that it may make");
}
