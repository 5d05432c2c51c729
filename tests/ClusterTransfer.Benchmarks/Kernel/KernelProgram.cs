using System.Globalization;

namespace ClusterTransfer.Benchmarks.Kernel;

/// <summary>The command <c>kernel</c>.</summary>
internal static class KernelProgram
{
    /// <summary>Runs it: <c>[--runs N] [--only TEXT]</c>.</summary>
    public static int Run(string[] args)
    {
        int runs = 7;
        string only = "";
        for (int index = 0; index + 1 < args.Length; index += 2)
        {
            switch (args[index])
            {
                case "--runs": runs = Math.Clamp(int.Parse(args[index + 1], CultureInfo.InvariantCulture), 1, 1000); break;
                case "--only": only = args[index + 1]; break;
                default:
                    Console.Error.WriteLine($"unknown option {args[index]}");
                    return 2;
            }
        }

        Console.WriteLine(Report.Header(runs));
        foreach (Benchmark benchmark in KernelBenchmarks.All.Where(one => one.Name.Contains(only, StringComparison.OrdinalIgnoreCase)))
        {
            Console.WriteLine(Report.Row(Harness.Run(benchmark, runs)));
        }

        return 0;
    }
}
