using System.Diagnostics;

namespace ClusterTransfer.Benchmarks;

/// <summary>Runs a benchmark several times and takes the median: on a machine with neighbours the mean says more about them.</summary>
internal static class Harness
{
    /// <summary>Runs not counted, for the just-in-time compiler to reach its last tier.</summary>
    private const int WarmUps = 3;

    /// <summary>Times an action that does so many operations.</summary>
    public static Measurement Rate(long operations, Action action)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long bytes = GC.GetTotalAllocatedBytes(precise: true);
        long start = Stopwatch.GetTimestamp();
        action();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        return new Measurement(operations / elapsed.TotalSeconds, (double)bytes / operations);
    }

    public static Result Run(Benchmark benchmark, int runs)
    {
        for (int run = 0; run < (benchmark.IsMemory ? 1 : WarmUps); run++) { benchmark.Run(); }
        Measurement[] measured = [.. Enumerable.Range(0, runs).Select(_ => benchmark.Run())];
        double[] values = [.. measured.Select(one => one.Value).Order()];
        double[] bytes = [.. measured.Select(one => one.BytesPerOperation).Order()];
        return new Result(benchmark, values[values.Length / 2], values[0], values[^1], bytes[bytes.Length / 2]);
    }
}

/// <summary>All runs of one benchmark.</summary>
internal sealed record Result(Benchmark Benchmark, double Median, double Lowest, double Highest, double BytesPerOperation);
