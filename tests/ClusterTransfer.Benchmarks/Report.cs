using System.Globalization;
using System.Runtime.InteropServices;

namespace ClusterTransfer.Benchmarks;

/// <summary>The table, as Markdown.</summary>
internal static class Report
{
    public static string Header(int runs) =>
        $"""
        - {Machine()}
        - Runtime: {RuntimeInformation.FrameworkDescription}, {(System.Runtime.GCSettings.IsServerGC ? "server" : "workstation")} collector
        - Median of {runs} runs after 3 warm-up runs; lowest and highest run beside it; bytes are those the whole process allocated for each operation

        | Benchmark | Unit | Median | Lowest | Highest | Bytes/operation | Bar | Met |
        | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |
        """;

    public static string Machine() =>
        $"Machine: {Processor()}, {Environment.ProcessorCount} logical processors, {RuntimeInformation.OSDescription}, load at the start {LoadAverage()}";

    public static string Row(Result result)
    {
        Benchmark benchmark = result.Benchmark;
        string bar = benchmark.Bar is { } value ? (benchmark.IsMemory ? "≤ " : "≥ ") + Number(value) : "";
        string met = benchmark.Bar is null ? "" : benchmark.Meets(result.Median) ? "yes" : "NO";
        string bytes = double.IsNaN(result.BytesPerOperation) ? "" : Number(result.BytesPerOperation);
        return $"| {benchmark.Name} | {benchmark.Unit} | {Number(result.Median)} | {Number(result.Lowest)} | {Number(result.Highest)} | {bytes} | {bar} | {met} |";
    }

    private static string Number(double value) => value.ToString(value < 100 ? "0.#" : "#,0", CultureInfo.InvariantCulture);

    private static string Processor() => OneLine("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static string LoadAverage() => File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]) : "unknown";

    private static string? OneLine(string file, string key) => File.Exists(file)
        ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
        : null;
}
