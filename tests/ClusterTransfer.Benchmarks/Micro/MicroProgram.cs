using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace ClusterTransfer.Benchmarks.Micro;

/// <summary>The command <c>micro</c>.</summary>
internal static class MicroProgram
{
    private const int RunsAgainstB3Sum = 7;

    /// <summary>Runs it: <c>[--only TEXT]</c>. Progress goes to standard error, the table to standard output.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        string? only = args switch { [] => "", ["--only", var text] => text, _ => null };
        if (only is null)
        {
            await Console.Error.WriteLineAsync("usage: micro [--only TEXT]");
            return 2;
        }

        Console.WriteLine($"- {Report.Machine()}");
        Console.WriteLine();
        await WriteB3SumAsync();

        await using var progress = new StreamWriter(Console.OpenStandardError()) { AutoFlush = true };

        // In this process: a project of its own for each benchmark would be built by what the machine has of the SDK, and measured with the same code.
        ManualConfig config = ManualConfig.CreateEmpty()
            .AddJob(Job.Default.WithMaxIterationCount(20).WithToolchain(InProcessEmitToolchain.Instance))
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddLogger(new StreamLogger(progress))
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), $"clustertransfer-micro-{Environment.ProcessId}"))
            .WithOptions(ConfigOptions.DisableLogFile | ConfigOptions.JoinSummary)
            .AddFilter(new BenchmarkDotNet.Filters.SimpleFilter(one => one.DisplayInfo.Contains(only, StringComparison.OrdinalIgnoreCase)));
        int failed = 0;
        foreach (Summary summary in new[] { typeof(HashBenchmarks), typeof(CodecBenchmarks) }.Select(type => BenchmarkRunner.Run(type, config)))
        {
            failed += summary.Reports.Count(report => !report.Success);
            MarkdownExporter.GitHub.ExportToLog(summary, ConsoleLogger.Ascii);
        }

        return failed == 0 ? 0 : 1;
    }

    private static async Task WriteB3SumAsync()
    {
        if (await AgainstB3Sum.RunAsync(RunsAgainstB3Sum, CancellationToken.None) is not var (ours, theirs))
        {
            Console.WriteLine("BLAKE3 is not compared: there is no b3sum here (Debian package b3sum).");
            return;
        }

        double share = ours / theirs;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"BLAKE3 of 1 MiB inputs on one core: {ours / 1e9:0.00} GB per processor second, `b3sum --num-threads 1` {theirs / 1e9:0.00}, so {share:0.00} of it; bar {AgainstB3Sum.Bar}: {(share >= AgainstB3Sum.Bar ? "met" : "NOT met")}. Medians of {RunsAgainstB3Sum} runs in turns, processor time in user mode."));
        Console.WriteLine();
    }
}
