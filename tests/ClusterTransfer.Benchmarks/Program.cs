using System.Globalization;
using ClusterTransfer.Benchmarks;
using ClusterTransfer.Benchmarks.Kernel;
using ClusterTransfer.Benchmarks.RecordLayers;

// Arguments: kernel [--runs N] [--only TEXT], or record-layer [--runs N] [--bytes N] [--only TEXT]. The table goes to standard output.
if (args is ["record-layer", .. string[] rest])
{
    return await RecordLayerProgram.RunAsync(rest);
}
if (args is not ["kernel", ..])
{
    Console.Error.WriteLine("usage: kernel [--runs N] [--only TEXT] | record-layer [--runs N] [--bytes N] [--only TEXT]");
    return 2;
}
int runs = 7;
string only = "";
for (int index = 1; index + 1 < args.Length; index += 2)
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
