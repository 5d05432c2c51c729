using System.Diagnostics;
using System.Globalization;
using ClusterTransfer.Chaos.Faults;
using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Chaos.Invariants;
using ClusterTransfer.Model;

namespace ClusterTransfer.Chaos.Scenarios;

/// <summary>Mixed sizes and random faults, hour after hour: no claim is broken, and what the nodes hold stays flat.</summary>
internal static class Soak
{
    // The source and hub is never killed here, so it shows a leak; destinations die again and again.
    private static readonly GroundSettings Layout = new() { Destinations = 3, WithShim = true };

    private static readonly Reason[] DiskReasons = [Reason.DiskError, Reason.NoSpace, Reason.SessionLost, Reason.DestinationNotWritable];

    // Measured after the first rounds, when everything that is made once has been made.
    private const int WarmRounds = 12;
    private const int HandlesMore = 48;
    private const int ThreadsMore = 16;
    private const long BytesMore = 96L << 20;

    public static Task RunAsync(ScenarioRun run) => Ground.RunAsync(Layout, async ground =>
    {
        long began = Stopwatch.GetTimestamp();
        SourceItem[] items = [.. Enumerable.Range(0, 6).Select(i => SourceItem.Mixed(ground.SourceFolder, $"mixed-{i}", run.Seed + i)), SourceItem.SixteenChunks(ground.SourceFolder, run.Seed)];
        int rounds = 0;
        NodeUse? warm = null;
        var gate = new Lock();
        await LaneWork.ForEachAsync(ground, Enumerable.Range(0, int.MaxValue).TakeWhile(_ => Stopwatch.GetElapsedTime(began) < run.Time), async (lane, i) =>
        {
            Random random = run.RandomOf(i);
            await PlayAsync(run, ground, lane, items[random.Next(items.Length)], random);
            lock (gate)
            {
                if (++rounds == WarmRounds)
                {
                    warm = ground.Source.Node.Use();
                }
            }
        });
        run.Coverage.Count("rounds", rounds);
        NodeUse now = ground.Source.Node.Use();
        run.Write($"  source and hub when warm: {warm?.ToString() ?? "too few rounds"}");
        run.Write($"  source and hub at the end: {now}");
        if (warm is { } first && (now.Handles > first.Handles + HandlesMore || now.Threads > first.Threads + ThreadsMore || now.ResidentBytes > first.ResidentBytes + BytesMore))
        {
            throw new ChaosException(string.Create(CultureInfo.InvariantCulture, $"I8: the source held {first} after {WarmRounds} rounds and {now} after {rounds}."));
        }
    });

    private static async Task PlayAsync(ScenarioRun run, Ground ground, Lane lane, SourceItem item, Random random)
    {
        ulong call = (ulong)random.Next(1, 200);
        ShimFault[] plan = random.Next(8) switch
        {
            0 => [new(ShimMode.KillBefore, call)],
            1 => [new(ShimMode.KillAfter, call), new(ShimMode.KillBefore, (ulong)random.Next(1, 40))],
            2 => [new(ShimMode.Tear, call)],
            3 => [new(ShimMode.Fail, call, Argument: ShimFault.InputOutput)],
            4 => [new(ShimMode.Fail, call, Repeat: (ulong)random.Next(1, 4), Argument: ShimFault.NoSpace)],
            5 => [new(ShimMode.Short, 1, Repeat: ulong.MaxValue)],
            6 => [new(ShimMode.Delay, call, Repeat: 5, Argument: 200_000)],
            _ => [new(ShimMode.Fail, 1, Repeat: 1, Argument: ShimFault.InputOutput, Calls: ShimCalls.Only(ShimCall.Sync, ShimCall.DataSync), Name: "journal.log")],
        };
        var settings = new RoundSettings
        {
            MayFailFor = DiskReasons,
            MayLoseDurable = plan[0].Mode == ShimMode.Fail,

            // A refused removal is tried again when the node asks about what it holds, at its start and now and then.
            MayNeedJanitor = plan[0].Mode == ShimMode.Fail,
            MayExitWith = [CallFaults.NodeStopped, Reason.SessionLost.Info().ExitCode],
            Durability = (DurabilityLevel)random.Next(3),
        };
        RoundOutcome outcome = await Round.RunAsync(ground, lane, item, settings, () => lane.Plan(plan));
        run.Coverage.Count($"outcome: {outcome.First.State}");
        if (lane.ShimFired > 0)
        {
            run.Coverage.Fired($"{plan[0].Mode}{(plan[0].Mode == ShimMode.Fail ? $" errno {plan[0].Argument}" : "")}{(plan[0].Name.Length > 0 ? " at the journal's flush" : "")}");
        }
    }
}
