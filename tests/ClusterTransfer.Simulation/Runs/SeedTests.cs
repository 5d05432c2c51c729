using System.Globalization;
using ClusterTransfer.Simulation.Faults;

namespace ClusterTransfer.Simulation.Runs;

public sealed class SeedTests
{
    private static int Threads => Math.Clamp(Environment.ProcessorCount, 1, 8);

    [Fact]
    [Trait("category", "slow")]
    public void Seeds_FiveThousand_HoldEverythingAndCoverEveryRow() => Check(SeedBatch.Run(first: 100_001, count: 5_000, Threads), mustCover: 50);

    [Fact]
    public void Seeds_ThatFoundSomething_HoldEverything()
    {
        using var place = new Workplace();
        foreach ((int seed, string found) in KeptSeeds.All)
        {
            SeedResult result = SimRun.Of(seed, place);
            Assert.True(result.Violation is null, $"Seed {seed} ({found}): {result.Violation}\n{result.Story}");
        }
    }

    /// <summary>CLUSTERTRANSFER_SEEDS: how many (250), or the one seed to replay as "=SEED"; CLUSTERTRANSFER_FIRST_SEED: where to begin (1).</summary>
    [Fact]
    public void Seeds_AsManyAsAskedFor_HoldEverything()
    {
        string asked = Environment.GetEnvironmentVariable("CLUSTERTRANSFER_SEEDS") ?? "250";
        if (asked.StartsWith('='))
        {
            using var place = new Workplace();
            SeedResult result = SimRun.Of(int.Parse(asked[1..], CultureInfo.InvariantCulture), place, verbose: true);
            TestContext.Current.SendDiagnosticMessage("{0}", result.Story);
            Console.WriteLine(result.Story);
            Assert.True(result.Violation is null, result.Violation);
            return;
        }

        int first = int.Parse(Environment.GetEnvironmentVariable("CLUSTERTRANSFER_FIRST_SEED") ?? "1", CultureInfo.InvariantCulture);
        int count = int.Parse(asked, CultureInfo.InvariantCulture);
        Check(SeedBatch.Run(first, count, Threads), mustCover: count / 100);
    }

    private static void Check(SeedBatch batch, int mustCover)
    {
        Console.WriteLine(batch.Table());
        foreach (SeedResult broken in batch.Broken.Take(5))
        {
            string faults = string.Join(", ", broken.Fired.Select(fired => $"{fired.Key} {fired.Value}"));
            Console.WriteLine($"SEED {broken.Seed}: {broken.Violation}\nfaults: {faults}\n{broken.Story}\n");
        }

        Assert.True(batch.Broken.Count == 0, $"{batch.Broken.Count} of {batch.Results.Count} seeds broken:\n"
            + string.Join('\n', batch.Broken.Take(40).Select(broken => $"{broken.Seed}: {broken.Violation!.Split('\n')[0]} [{string.Join(" ", broken.Fired.Keys)}]")));
        Assert.All(Catalogue.Rows.Where(row => row.Row[0] is 'P' or 'N' or 'K'), row => Assert.True(
            batch.Fired(row.Row) >= mustCover, $"{row.Row} fired {batch.Fired(row.Row)} times, wanted {mustCover}: {row.Text}"));
    }
}
