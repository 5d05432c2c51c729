using System.Globalization;
using ClusterTransfer.Chaos.Faults;
using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Chaos.Invariants;
using ClusterTransfer.Model;

namespace ClusterTransfer.Chaos.Scenarios;

/// <summary>P3, D3 to D7, D10: the destination dies at, or is refused, each of its durable system calls in turn.</summary>
internal static class CallFaults
{
    // Four rounds at a time: a round mostly waits.
    private static readonly GroundSettings Layout = new() { Destinations = 4, WithShim = true };

    // What a disk that refuses one call may end a transfer with. Whatever it is, it can be taken up again.
    private static readonly Reason[] DiskReasons = [Reason.DiskError, Reason.NoSpace, Reason.QuotaExceeded, Reason.SessionLost, Reason.DestinationNotWritable];

    /// <summary>Kill instead of the call, after it, or in the middle of a write; every second time also within the recovery that follows.</summary>
    public static Task KillAsync(ScenarioRun run) => Ground.RunAsync(Layout, async ground =>
    {
        SourceItem item = SourceItem.SixteenChunks(ground.SourceFolder, run.Seed);
        int calls = await CountAsync(run, ground, item);
        await LaneWork.ForEachAsync(ground, Moments(run, calls), async (lane, moment) =>
        {
            var random = run.RandomOf(moment);
            ShimMode mode = random.Next(3) switch { 0 => ShimMode.KillBefore, 1 => ShimMode.KillAfter, _ => ShimMode.Tear };
            var first = new ShimFault(mode, (ulong)moment);
            ShimFault[] plan = random.Next(2) == 0 ? [first] : [first, new ShimFault(ShimMode.KillBefore, (ulong)random.Next(1, 20))];
            RoundOutcome outcome = await Round.RunAsync(ground, lane, item, new RoundSettings { OnlyDeaths = true }, () => lane.Plan(plan));
            Note(run, lane, mode.ToString(), outcome);
            run.Coverage.Count("kills", outcome.Exits.Count);
            if (outcome.Exits.Count > 1)
            {
                run.Coverage.Fired("killed again while it recovered");
            }
        });
    });

    /// <summary>One call fails.</summary>
    public static Task FailAsync(ScenarioRun run, string name, ulong errno) => Ground.RunAsync(Layout, async ground =>
    {
        SourceItem item = SourceItem.SixteenChunks(ground.SourceFolder, run.Seed);
        int calls = await CountAsync(run, ground, item);
        await LaneWork.ForEachAsync(ground, Moments(run, calls), async (lane, moment) =>
        {
            await FailOnceAsync(run, ground, lane, item, moment, name, errno);
        });
    });

    /// <summary>A tree of mixed sizes instead, in which a call is refused or the node is killed: small files go into place in groups, large ones one by one.</summary>
    public static Task TreeAsync(ScenarioRun run) => Ground.RunAsync(Layout, async ground =>
    {
        SourceItem item = SourceItem.Mixed(ground.SourceFolder, "mixed", run.Seed);
        int calls = await CountAsync(run, ground, item);
        await LaneWork.ForEachAsync(ground, Moments(run, calls), async (lane, moment) =>
        {
            switch (run.RandomOf(moment).Next(3))
            {
                case 0:
                    RoundOutcome outcome = await Round.RunAsync(
                        ground, lane, item, new RoundSettings { OnlyDeaths = true }, () => lane.Plan(new ShimFault(ShimMode.KillBefore, (ulong)moment)));
                    Note(run, lane, nameof(ShimMode.KillBefore), outcome);
                    break;
                case 1:
                    await FailOnceAsync(run, ground, lane, item, moment, "EIO", ShimFault.InputOutput);
                    break;
                default:
                    await FailOnceAsync(run, ground, lane, item, moment, "ENOSPC", ShimFault.NoSpace);
                    break;
            }
        });
    });

    /// <summary>Writes that the kernel takes half of, and calls that it asks to repeat: the transfer completes as if nothing had been.</summary>
    public static Task ShortAsync(ScenarioRun run) => Ground.RunAsync(Layout, async ground =>
    {
        const ulong interrupted = 4;
        const ulong tryAgain = 11;
        ulong writes = ShimCalls.Only(ShimCall.Write);
        SourceItem item = SourceItem.SixteenChunks(ground.SourceFolder, run.Seed);
        int calls = await CountAsync(run, ground, item);
        await LaneWork.ForEachAsync(ground, Moments(run, calls), async (lane, moment) =>
        {
            (string name, ShimFault fault) = run.RandomOf(moment).Next(4) switch
            {
                0 => ("every write short", new ShimFault(ShimMode.Short, 1, Repeat: ulong.MaxValue / 2, Calls: writes)),
                1 => ("EINTR", new ShimFault(ShimMode.Fail, (ulong)moment, Repeat: 3, Argument: interrupted)),
                2 => ("EINTR of a write", new ShimFault(ShimMode.Fail, 1 + ((ulong)moment / 4), Repeat: 50, Argument: interrupted, Calls: writes)),
                _ => ("EAGAIN of a write", new ShimFault(ShimMode.Fail, 1 + ((ulong)moment / 4), Repeat: 50, Argument: tryAgain, Calls: writes)),
            };
            RoundOutcome outcome = await Round.RunAsync(ground, lane, item, new RoundSettings(), () => lane.Plan(fault));
            Note(run, lane, name, outcome);
            if (outcome.First.Sessions != 1)
            {
                throw new ChaosException($"D10: {name} from call {moment} on cost {outcome.First.Sessions - 1} sessions.");
            }
        });
    });

    /// <summary>Exit code of a node that stopped by itself, because it does not know any more what is on its disk.</summary>
    internal const int NodeStopped = 1;

    private static async Task FailOnceAsync(ScenarioRun run, Ground ground, Lane lane, SourceItem item, int moment, string name, ulong errno)
    {
        var settings = new RoundSettings { MayFailFor = DiskReasons, MayExitWith = [NodeStopped], MayNeedJanitor = true, MayLoseDurable = true };
        RoundOutcome outcome = await Round.RunAsync(ground, lane, item, settings, () => lane.Plan(new ShimFault(ShimMode.Fail, (ulong)moment, Argument: errno)));
        Note(run, lane, name, outcome);
        run.Coverage.Count(outcome.First.State == TransferState.Completed
            ? outcome.Exits.Count > 0 ? "outcome: node stopped, then completed" : "outcome: completed"
            : $"outcome: {outcome.First.State} ({outcome.First.Problem?.Reason.Info().Code}), then completed by retry");
    }

    private static async Task<int> CountAsync(ScenarioRun run, Ground ground, SourceItem item)
    {
        int calls = 0;
        Lane lane = ground.Destinations[0];
        await Round.RunAsync(ground, lane, item, new RoundSettings(), () => lane.Plan());
        calls = (int)lane.Shim!.Counter; // the layout has it
        run.Write(string.Create(CultureInfo.InvariantCulture, $"  a transfer of {item.Name} makes {calls} durable calls at its destination"));
        return calls;
    }

    // All of them, or a sample spread over all of them. How many calls there are differs a little from run to run with what a checkpoint happens to take.
    private static IEnumerable<int> Moments(ScenarioRun run, int calls)
    {
        var random = new Random(run.Seed);
        int[] all = [.. Enumerable.Range(1, calls)];
        random.Shuffle(all);
        return Enumerable.Range(0, run.Count == 0 ? calls : run.Count).Select(i => all[i % all.Length]);
    }

    private static void Note(ScenarioRun run, Lane lane, string fault, RoundOutcome outcome)
    {
        run.Coverage.Count("rounds");
        run.Coverage.Count("sessions", outcome.First.Sessions);
        run.Coverage.Count("bytes sent again", outcome.BytesAgain);
        if (lane.ShimFired > 0)
        {
            run.Coverage.Fired($"{fault} at {lane.Shim!.FiredCall}"); // the layout has it
        }
        else
        {
            run.Coverage.Count("rounds with fewer calls than that");
        }
    }
}
