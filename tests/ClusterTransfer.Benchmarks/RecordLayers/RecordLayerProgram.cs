using System.Diagnostics;
using System.Globalization;
using ClusterTransfer.Transport.Records;

namespace ClusterTransfer.Benchmarks.RecordLayers;

/// <summary>What guarding the bytes of data connections costs: both ends in this process, over loopback, layers one after the other within each round.</summary>
internal static class RecordLayerProgram
{
    private static readonly ILayer[] s_layers =
    [
        new NodeLayer("TLS by SslStream (`record-layer = tls`)", RecordLayer.Tls),
        new LibSslLayer(),
        new NodeLayer("sealed records (`record-layer = sealed`)", RecordLayer.Sealed),
        new NodeLayer("nothing (measurements only)", RecordLayer.Plain),
    ];

    /// <summary>Runs <c>record-layer [--runs N] [--bytes N] [--only TEXT]</c>.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        int runs = 7;
        long bytes = 2L << 30;
        string only = "";
        for (int index = 0; index + 1 < args.Length; index += 2)
        {
            switch (args[index])
            {
                case "--runs": runs = Math.Clamp(int.Parse(args[index + 1], CultureInfo.InvariantCulture), 1, 1000); break;
                case "--bytes": bytes = Math.Clamp(long.Parse(args[index + 1], CultureInfo.InvariantCulture), 64L << 20, 1L << 40); break;
                case "--only": only = args[index + 1]; break;
                default:
                    Console.Error.WriteLine($"unknown option {args[index]}");
                    return 2;
            }
        }

        Console.WriteLine($"""
            - {Report.Machine()}
            - Both ends in one process over loopback; {bytes >> 20} MiB a run; median of {runs} interleaved runs after one that is not counted, lowest and highest beside it; GB = 10^9 bytes
            - Processor time is that of both ends together, kernel included: it says more than the rate on a machine with neighbours

            | Layer | Connections | GB/s | lowest | highest | CPU s/GB | lowest | highest | Allocated bytes/MB |
            | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
            """);
        using var identities = new Identities();
        foreach (int connections in (int[])[1, 4])
        {
            ILayer[] layers = [.. s_layers.Where(layer => layer.Name.Contains(only, StringComparison.OrdinalIgnoreCase))];
            List<Sample>[] samples = [.. layers.Select(_ => new List<Sample>())];
            for (int round = 0; round <= runs; round++)
            {
                for (int at = 0; at < layers.Length; at++)
                {
                    Sample sample = await MeasureAsync(layers[at], identities, connections, bytes);
                    if (round > 0)
                    {
                        samples[at].Add(sample);
                    }
                }
            }

            for (int at = 0; at < layers.Length; at++)
            {
                Console.WriteLine($"| {layers[at].Name} | {connections} | {Spread(samples[at], one => one.Rate, "0.00")} | {Spread(samples[at], one => one.Processor, "0.000")} | {Median(samples[at], one => one.Allocated):0} |");
            }
        }

        return 0;
    }

    private static async Task<Sample> MeasureAsync(ILayer layer, Identities identities, int connections, long bytes)
    {
        await using ILayerRun run = await layer.OpenAsync(identities, connections);
        await run.MoveAsync(64L << 20);   // buffers, and the network's own start
        using var process = Process.GetCurrentProcess();
        GC.Collect();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan processor = process.TotalProcessorTime;
        long start = Stopwatch.GetTimestamp();
        await run.MoveAsync(bytes);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        process.Refresh();
        double gigabytes = bytes / 1e9;
        return new Sample(gigabytes / seconds, (process.TotalProcessorTime - processor).TotalSeconds / gigabytes, (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (bytes / 1e6));
    }

    private static string Spread(List<Sample> samples, Func<Sample, double> of, string format)
    {
        double[] values = [.. samples.Select(of).Order()];
        return string.Join(" | ", ((double[])[values[values.Length / 2], values[0], values[^1]]).Select(value => value.ToString(format, CultureInfo.InvariantCulture)));
    }

    private static double Median(List<Sample> samples, Func<Sample, double> of) => samples.Select(of).Order().ElementAt(samples.Count / 2);

    private readonly record struct Sample(double Rate, double Processor, double Allocated);
}
