using System.Globalization;
using System.Text.RegularExpressions;
using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Chaos.Invariants;
using ClusterTransfer.Model;

namespace ClusterTransfer.Chaos.Scenarios;

/// <summary>D11, D12: bits that are another when a node comes back from an unclean stop, in its journal and in what it had staged.</summary>
internal static partial class Flips
{
    private const int Chunk = 1 << 20;
    private const int Chunks = 16;

    // The destination's own words, before which it names the chunks.
    private const string FoundOnDisk = " was found damaged on disk";

    private static readonly GroundSettings Layout = new() { Destinations = 2, Supervised = false, CheckpointBytes = 1 << 20 };

    /// <summary>One bit in each durable chunk of the staged file. Each of these chunks must be named as lost, and nothing else.</summary>
    public static Task StagedAsync(ScenarioRun run) => RunAsync(run, async (ground, lane, item, round) =>
    {
        Random random = run.RandomOf(round);
        int flipped = 0;
        RoundOutcome outcome = await InterruptedAsync(ground, lane, item, random, folder =>
        {
            string staged = Directory.GetFiles(folder, "*.part").Single();
            using FileStream file = File.Open(staged, FileMode.Open, FileAccess.ReadWrite);
            byte[] chunk = new byte[Chunk];
            for (int i = 0; i < Chunks; i++)
            {
                file.Position = (long)i * Chunk;
                file.ReadExactly(chunk);

                // Space that was only reserved reads as zeros.
                if (chunk.AsSpan().ContainsAnyExcept((byte)0))
                {
                    FlipIn(file, ((long)i * Chunk * 8) + random.NextInt64(Chunk * 8L));
                    flipped++;
                }
            }
        });
        int lost = outcome.Events
            .Where(happened => happened.Kind == "chunk-lost" && happened.Text.Contains(FoundOnDisk, StringComparison.Ordinal))
            .Sum(happened => happened.Text[..happened.Text.IndexOf(FoundOnDisk, StringComparison.Ordinal)].Split(',').Length);

        // A chunk that was written and not yet journaled is sent again anyway; every other one had a bit flipped.
        string recovered = outcome.Events.Single(happened => happened.Kind == "recovered").Text;
        int durable = int.Parse(ToHash().Match(recovered).Groups[1].Value, CultureInfo.InvariantCulture);
        if (lost != durable || durable > flipped || durable == 0)
        {
            throw new ChaosException($"Of {durable} durable chunks, each with a flipped bit, {lost} were found:\n{string.Join('\n', outcome.Events.Select(item => item.Text))}");
        }

        run.Coverage.Fired("bit of a durable chunk flipped, found by re-hashing", durable);
    });

    /// <summary>One bit anywhere in the journal.</summary>
    public static Task JournalAsync(ScenarioRun run) => RunAsync(run, async (ground, lane, item, round) =>
    {
        Random random = run.RandomOf(round);
        long bit = 0;
        long size = 0;
        RoundOutcome outcome = await InterruptedAsync(ground, lane, item, random, folder =>
        {
            using FileStream file = File.Open(Path.Combine(folder, "journal.log"), FileMode.Open, FileAccess.ReadWrite);
            size = file.Length;
            bit = random.NextInt64(size * 8);
            FlipIn(file, bit);
        });
        bool said = outcome.Events.Any(item => item.Kind == "recovered" && item.Text.Contains("the journal was damaged", StringComparison.Ordinal));

        // A damaged last record is an unfinished tail, cut off: what it said is sent again. With both headers or the only page gone the transfer begins anew.
        bool begunAnew = !outcome.Events.Any(item => item.Kind == "recovered");
        run.Coverage.Fired(said ? "bit of the journal flipped: damaged, mended" : begunAnew ? "bit of the journal flipped: begun anew" : "bit of the journal flipped: tail cut off");
        if (!said && !begunAnew && outcome.BytesAgain == 0)
        {
            throw new ChaosException($"Bit {bit % 8} of byte {bit / 8} of the journal's {size} was flipped and nobody noticed.");
        }
    });

    private static Task RunAsync(ScenarioRun run, Func<Ground, Lane, SourceItem, int, Task> round) => Ground.RunAsync(Layout, async ground =>
    {
        SourceItem item = SourceItem.OfFile(ground.SourceFolder, "flips.bin", (long)Chunks * Chunk, run.Seed);
        await LaneWork.ForEachAsync(ground, Enumerable.Range(0, int.MaxValue).TakeWhile(_ => run.Coverage.Total < run.Count), async (lane, i) =>
        {
            await round(ground, lane, item, i);
            run.Coverage.Count("rounds");
        });
    });

    // Some of the file is durable and no more comes; the node dies, its disk changes, it comes back.
    private static Task<RoundOutcome> InterruptedAsync(Ground ground, Lane lane, SourceItem item, Random random, Action<string> damage)
    {
        ByteRelay relay = lane.Relay!; // the layout has it
        long part = random.NextInt64(4L * Chunk, 14L * Chunk);
        var settings = new RoundSettings
        {
            MayLoseDurable = true,
            Meanwhile = async follower =>
            {
                // What is on its way when the relay holds is one chunk at each connection at most.
                await follower.WhenAsync("enough is durable", now => now.Progress.BytesDurable >= part - (5L * Chunk) && now.Progress.BytesDurable > 0);
                await lane.Node.KillAsync();
                damage(Path.Combine(lane.DataFolder, ".clustertransfer", follower.Id.Value));
                lane.Node.Start();
                relay.HoldAt(long.MaxValue);
            },
        };
        relay.HoldAt(relay.BytesForward + part);
        return Round.RunAsync(ground, lane, item, settings, () => { });
    }

    [GeneratedRegex(@" (\d+) to hash again")]
    private static partial Regex ToHash();

    private static void FlipIn(FileStream file, long bit)
    {
        file.Position = bit / 8;
        int value = file.ReadByte();
        file.Position = bit / 8;
        file.WriteByte((byte)(value ^ (1 << (int)(bit % 8))));
    }
}
