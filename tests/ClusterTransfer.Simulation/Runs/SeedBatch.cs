using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Simulation.Faults;

namespace ClusterTransfer.Simulation.Runs;

/// <summary>Many seeds, on a few threads; each seed is a run of its own on one of them.</summary>
internal sealed class SeedBatch
{
    private readonly ConcurrentBag<SeedResult> _results = [];

    /// <summary>All results, by seed.</summary>
    public IReadOnlyList<SeedResult> Results => [.. _results.OrderBy(result => result.Seed)];

    /// <summary>Runs that did not hold.</summary>
    public IReadOnlyList<SeedResult> Broken => [.. Results.Where(result => result.Violation is not null)];

    public TimeSpan Took { get; private set; }

    /// <summary>Runs seeds until so many valid ones are done: a seed whose faults found no moment counts for nothing, and the next one is drawn.</summary>
    /// <param name="first">The first seed.</param>
    /// <param name="count">Valid runs wanted.</param>
    /// <param name="threads">How many at the same time.</param>
    public static SeedBatch Run(int first, int count, int threads)
    {
        var batch = new SeedBatch();
        int next = first - 1;
        int valid = 0;
        var watch = Stopwatch.StartNew();
        Thread[] workers = [.. Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            using var place = new Workplace();
            while (Volatile.Read(ref valid) < count)
            {
                SeedResult result = SimRun.Of(Interlocked.Increment(ref next), place);
                batch._results.Add(result);
                if (result.IsValid || result.Violation is not null)
                {
                    Interlocked.Increment(ref valid);
                }
            }
        }))];
        Array.ForEach(workers, worker => worker.Start());
        Array.ForEach(workers, worker => worker.Join());
        batch.Took = watch.Elapsed;
        return batch;
    }

    /// <summary>How often each row had its effect in valid runs, and how the transfers ended.</summary>
    public string Table()
    {
        var text = new StringBuilder();
        SeedResult[] valid = [.. Results.Where(result => result.IsValid)];
        text.AppendLine(CultureInfo.InvariantCulture, $"{valid.Length} runs with at least {SeedResult.MinFired} faults each, {Results.Count - valid.Length} with fewer (not counted), {Broken.Count} broken, {Took.TotalSeconds:0} s, {Took.TotalMilliseconds / Math.Max(1, Results.Count):0.0} ms a run");
        foreach ((string row, string what, _) in Catalogue.Rows)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {row,-4} {Fired(valid, row),7} times in {valid.Count(result => result.Fired.ContainsKey(row)),6} runs  {what}");
        }

        foreach ((string row, string why) in Catalogue.NotSimulated)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {row,-4}       not here: {why}");
        }

        foreach (IGrouping<TransferState?, SeedResult> end in valid.GroupBy(result => result.State).OrderBy(group => group.Key))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  ended {end.Key}: {end.Count()}");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"  ended after the storm at the latest after {valid.Select(result => result.Healing.TotalSeconds).DefaultIfEmpty().Max():0.0} s");
        return text.ToString();
    }

    /// <summary>How often a row fired in valid runs.</summary>
    public int Fired(string row) => Fired([.. Results.Where(result => result.IsValid)], row);

    private static int Fired(SeedResult[] results, string row) => results.Sum(result => result.Fired.GetValueOrDefault(row));
}
