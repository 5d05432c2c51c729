using System.Globalization;
using System.Text;

namespace ClusterTransfer.Benchmarks.Transfer.Results;

/// <summary>The report in Markdown, and its picture.</summary>
internal static class TransferReport
{
    /// <summary>Writes it.</summary>
    /// <param name="arguments">What was asked for.</param>
    /// <param name="machine">Where.</param>
    /// <param name="results">What was found.</param>
    /// <param name="picture">Name of the picture, relative to the report.</param>
    public static string Write(TransferArguments arguments, Machine machine, IReadOnlyList<ScenarioResult> results, string picture)
    {
        var text = new StringBuilder("# Transfers compared\n\n");
        text.Append(CultureInfo.InvariantCulture, $"`scripts/bench.sh transfer {arguments.Line}`\n\n");
        if (machine.IsBusy)
        {
            text.Append("**The machine was busy with other work: read nothing into these numbers.**\n\n");
        }

        foreach (string line in machine.Lines)
        {
            text.Append("- ").Append(line).Append('\n');
        }

        text.Append(CultureInfo.InvariantCulture, $"""
            - Medians of {arguments.Runs} copies by each tool, taken in turns; times are of the whole command, from its start to its end; *own clock* is from the submit to `Completed`
            - MB and GB are 10^6 and 10^9 bytes; CPU is that of all processes of both ends; memory is the highest peak in any copy; every copy was compared with its source afterwards
            - `ct` ends when every file is flushed to disk; of the others only `rsync-fsync` flushes

            ![MB/s and CPU seconds for each tool]({picture})


            """);
        foreach (ScenarioResult result in results)
        {
            Write(text, result);
        }

        return text.ToString();
    }

    /// <summary>Draws the picture: for each data set the rates, then the processor time.</summary>
    public static string Draw(IReadOnlyList<ScenarioResult> results) => SvgChart.Draw(
    [
        .. from result in results
           let measured = result.Summaries.Where(summary => summary.Good > 0).OrderBy(summary => summary.Seconds).ToArray()
           where measured.Length > 0
           from panel in (SvgPanel[])
           [
               new($"{result.Scenario.Name}: MB/s (more is better)", [.. measured.Select(summary => Bar(summary, summary.MegabytesPerSecond, "0"))]),
               new($"{result.Scenario.Name}: CPU seconds per GB, both ends (less is better)", [.. measured.Select(summary => Bar(summary, summary.CpuPerGigabyte, "0.00"))]),
           ]
           select panel,
    ]);

    /// <summary>The table of one data set.</summary>
    public static MarkdownTable Table(IReadOnlyList<Summary> summaries)
    {
        var table = new MarkdownTable("Tool", ">s", ">least – most", ">MB/s", ">ct is × as fast", ">own clock s", ">CPU s/GB", ">MiB source", ">MiB destination", "encrypted", "verified", "copies");
        double ours = summaries.FirstOrDefault(summary => summary.Tool.Name == "ct")?.Seconds ?? double.NaN;
        foreach (Summary one in summaries.OrderBy(summary => double.IsNaN(summary.Seconds)).ThenBy(summary => summary.Seconds))
        {
            table.Add(
                one.Tool.Name, Number(one.Seconds, "0.00"), double.IsNaN(one.Least) ? "" : $"{Number(one.Least, "0.00")} – {Number(one.Most, "0.00")}",
                Number(one.MegabytesPerSecond, "0"), Number(Statistics.Speedup(ours, one.Seconds), "0.00"), Number(one.OwnSeconds, "0.00"), Number(one.CpuPerGigabyte, "0.00"),
                Mebibytes(one.SourceBytes), Mebibytes(one.DestinationBytes), one.Tool.Encryption, one.Tool.Verification,
                string.Create(CultureInfo.InvariantCulture, $"{one.Good} of {one.All.Count}{(one.Trouble.Length > 0 ? "; " + one.Trouble : "")}"));
        }

        return table;
    }

    private static void Write(StringBuilder text, ScenarioResult result)
    {
        text.Append(CultureInfo.InvariantCulture, $"## {result.Scenario.Name}\n\n");
        if (result.Data is not { } data)
        {
            text.Append(CultureInfo.InvariantCulture, $"Not run: {result.Trouble}\n\n");
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"{data.Bytes:#,0} bytes in {data.Files.Count:#,0} file{(data.Files.Count == 1 ? "" : "s")}: {result.Scenario.Description}; {result.Network}.\n\n");
        text.Append(Table(result.Summaries)).Append('\n');
        foreach (Summary ours in result.Summaries.Where(summary => summary.CommandBytes > 0))
        {
            text.Append(CultureInfo.InvariantCulture, $"The command `ct cp` of {ours.Tool.Name} itself: {Mebibytes(ours.CommandBytes)} MiB.\n");
        }

        CopyResult[] all = [.. result.Summaries.SelectMany(summary => summary.All).Where(copy => copy.Outcome == Outcome.Ok)];
        double others = Statistics.Median(all.Select(copy => copy.OtherCpuSeconds / copy.Wall.TotalSeconds / Environment.ProcessorCount * 100));
        text.Append(CultureInfo.InvariantCulture, $"Everybody else on the machine, the kernel's own threads included, used {Number(others, "0")} % of the processors while these copies ran (median).\n\n");
        if (Goal.Table(result.Scenario.Name, result.Summaries) is { } goals)
        {
            text.Append(goals).Append('\n');
        }

        text.Append("<details><summary>Every copy</summary>\n\n");
        var table = new MarkdownTable("Tool", ">Round", "Outcome", ">s", ">own clock s", ">CPU s", ">CPU s of others");
        foreach (CopyResult copy in result.Summaries.SelectMany(summary => summary.All).Where(copy => copy.Outcome != Outcome.Skipped))
        {
            table.Add(
                copy.Tool, copy.Round.ToString(CultureInfo.InvariantCulture), copy.Outcome.ToString(), Number(copy.Wall.TotalSeconds, "0.000"),
                Number(copy.OwnClock?.TotalSeconds ?? double.NaN, "0.000"), Number(copy.CpuSeconds, "0.00"), Number(copy.OtherCpuSeconds, "0.00"));
        }

        text.Append(table).Append("\n</details>\n\n");
    }

    private static Bar Bar(Summary summary, double value, string format) =>
        new(summary.Tool.Name, value, Number(value, format), summary.Tool.Name is "ct" or "ct-plain");

    private static string Number(double value, string format) => double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "";

    private static string Mebibytes(long bytes) => bytes == 0 ? "" : Number(bytes / 1048576.0, "0");
}
