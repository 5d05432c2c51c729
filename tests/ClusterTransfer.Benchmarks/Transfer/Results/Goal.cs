using System.Globalization;

namespace ClusterTransfer.Benchmarks.Transfer.Results;

/// <summary>What this project wants to reach against others on one data set.</summary>
/// <param name="Data">The data set.</param>
/// <param name="Ours">Our row.</param>
/// <param name="Factor">How many times as fast it is to be, by the whole command, as the fastest of the others.</param>
/// <param name="Others">Those it is compared with.</param>
internal sealed record Goal(string Data, string Ours, double Factor, params IReadOnlyList<string> Others)
{
    public static IReadOnlyList<Goal> All { get; } =
    [
        new("big", "ct-plain", 1.0, "rsync"),
        new("big", "ct-plain", 1.15, "rsync-fsync"),
        new("big", "ct", 1.3, "scp", "curl-tls", "rsync-ssh", "aria2-tls"),
        new("tree", "ct-plain", 1.0, "rsync"),
        new("tree", "ct", 1.3, "rsync-ssh"),
        .. from data in (string[])["wan-100m-0", "wan-100m-1", "wan-1g-0", "wan-1g-1"]
           select new Goal(data, "ct", 1.0, "rsync", "rsync-ssh", "scp", "curl", "curl-tls", "rclone-webdav", "rclone-http", "rclone-sftp", "aria2", "aria2-tls"),
    ];

    /// <summary>Processor seconds of both ends for 10^9 bytes of <c>big</c>, plain: no more than this.</summary>
    public const double PlainCpuPerGigabyte = 1.0;

    /// <summary>Resident bytes of each node: less than this.</summary>
    public const long NodeBytes = 200L << 20;

    /// <summary>A table of the goals for one data set.</summary>
    /// <returns>Null when none is about it, or nothing of them was measured.</returns>
    public static MarkdownTable? Table(string data, IReadOnlyList<Summary> summaries)
    {
        var table = new MarkdownTable("Goal", ">Measured", "Reached");
        bool isEmpty = true;
        foreach (Goal goal in All.Where(goal => goal.Data == data))
        {
            if (Measure(goal, summaries) is { } measured)
            {
                // Only those that were measured: a tool that was left out has not been beaten.
                string[] others = [.. goal.Others.Where(name => summaries.Any(summary => summary.Tool.Name == name && summary.Good > 0))];
                string against = others.Length == 1 ? measured.Against : $"the fastest of {string.Join(", ", others)} (here {measured.Against})";
                Add(Format($"{goal.Ours} at least {goal.Factor:0.##} times as fast as {against}"), Format($"{measured.Factor:0.00}"), measured.Factor >= goal.Factor);
            }
        }

        foreach (Summary ours in summaries.Where(summary => summary.Good > 0 && summary.Tool.Name is "ct" or "ct-plain"))
        {
            if (data == "big" && ours.Tool.Name == "ct-plain")
            {
                Add(Format($"{ours.Tool.Name}: at most {PlainCpuPerGigabyte:0.0} CPU s/GB"), Format($"{ours.CpuPerGigabyte:0.00}"), ours.CpuPerGigabyte <= PlainCpuPerGigabyte);
            }

            long most = Math.Max(ours.SourceBytes, ours.DestinationBytes);
            Add(Format($"{ours.Tool.Name}: each node under {NodeBytes >> 20} MiB"), Format($"{most / 1048576.0:0} MiB"), most < NodeBytes);
        }

        return isEmpty ? null : table;

        void Add(string goal, string measured, bool isReached)
        {
            isEmpty = false;
            table.Add(goal, measured, isReached ? "yes" : "**no**");
        }
    }

    /// <summary>How many times as fast we are as the fastest of the others; null when either has no number.</summary>
    public static (double Factor, string Against)? Measure(Goal goal, IReadOnlyList<Summary> summaries)
    {
        Summary? ours = summaries.FirstOrDefault(summary => summary.Tool.Name == goal.Ours && summary.Good > 0);
        Summary? other = summaries.Where(summary => goal.Others.Contains(summary.Tool.Name) && summary.Good > 0).MinBy(summary => summary.Seconds);
        return ours is null || other is null ? null : (Statistics.Speedup(ours.Seconds, other.Seconds), other.Tool.Name);
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
