using ClusterTransfer.Benchmarks.Transfer.Tools;

namespace ClusterTransfer.Benchmarks.Transfer.Results;

/// <summary>All copies of one data set by one tool.</summary>
internal sealed record Summary
{
    public Summary(Tool tool, long bytes, IEnumerable<CopyResult> results)
    {
        Tool = tool;
        All = [.. results];
        CopyResult[] good = [.. All.Where(result => result.Outcome == Outcome.Ok)];
        double gigabytes = bytes / 1e9;
        Good = good.Length;
        Seconds = Statistics.Median(good.Select(result => result.Wall.TotalSeconds));
        Least = good.Length == 0 ? double.NaN : good.Min(result => result.Wall.TotalSeconds);
        Most = good.Length == 0 ? double.NaN : good.Max(result => result.Wall.TotalSeconds);
        OwnSeconds = Statistics.Median(good.Where(result => result.OwnClock is not null).Select(result => result.OwnClock!.Value.TotalSeconds));
        MegabytesPerSecond = bytes / 1e6 / Seconds;
        CpuPerGigabyte = Statistics.Median(good.Select(result => result.CpuSeconds / gigabytes));
        SourceBytes = good.Select(result => result.SourceBytes).DefaultIfEmpty().Max();
        DestinationBytes = good.Select(result => result.DestinationBytes).DefaultIfEmpty().Max();
        CommandBytes = good.Select(result => result.CommandBytes).DefaultIfEmpty().Max();
    }

    public Tool Tool { get; }

    public IReadOnlyList<CopyResult> All { get; }

    /// <summary>Copies that arrived whole; all numbers are of these.</summary>
    public int Good { get; }

    /// <summary>Median time of the command; NaN when no copy arrived.</summary>
    public double Seconds { get; }

    public double Least { get; }

    public double Most { get; }

    /// <summary>Median by the tool's own clock; NaN when it has none.</summary>
    public double OwnSeconds { get; }

    /// <summary>Of 10^6 bytes, at the median.</summary>
    public double MegabytesPerSecond { get; }

    /// <summary>Median processor seconds of both ends for 10^9 bytes.</summary>
    public double CpuPerGigabyte { get; }

    /// <summary>The highest peak in any copy.</summary>
    public long SourceBytes { get; }

    /// <summary>The highest peak in any copy.</summary>
    public long DestinationBytes { get; }

    /// <summary>The highest peak in any copy.</summary>
    public long CommandBytes { get; }

    /// <summary>Why the first copy that did not arrive did not; empty when all did.</summary>
    public string Trouble => All.FirstOrDefault(result => result.Outcome != Outcome.Ok) is { } bad ? $"{Words(bad.Outcome)}: {bad.Reason}" : "";

    private static string Words(Outcome outcome) => outcome switch
    {
        Outcome.Skipped => "not run",
        Outcome.TimedOut => "too slow",
        Outcome.Different => "ARRIVED DIFFERENT",
        _ => "failed",
    };
}
