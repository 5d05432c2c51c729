using ClusterTransfer.Benchmarks.Transfer.Results;
using ClusterTransfer.Benchmarks.Transfer.Tools;

namespace ClusterTransfer.Benchmarks.Tests;

public sealed class GoalTests
{
    private static readonly Goal Encrypted = Goal.All.First(goal => goal is { Data: "big", Ours: "ct" });

    [Fact]
    public void Measure_ComparesWithTheFastestThatArrived()
    {
        Summary[] summaries = [Of("ct", 2), Of("scp", 4), Of("curl-tls", 3), Of("curl", 1), Of("aria2-tls", 1, Outcome.Different)];

        Assert.Equal((1.5, "curl-tls"), Goal.Measure(Encrypted, summaries));
    }

    [Fact]
    public void Measure_WithoutNumbers_IsNothing()
    {
        Assert.Null(Goal.Measure(Encrypted, [Of("ct", 2)]));
        Assert.Null(Goal.Measure(Encrypted, [Of("ct", 2, Outcome.Failed), Of("scp", 1)]));
    }

    [Fact]
    public void Table_SaysWhatWasNotReached()
    {
        string table = Goal.Table("big", [Of("ct", 2), Of("scp", 2.2), Of("curl-tls", 3)])!.ToString();

        Assert.Contains("| ct at least 1.3 times as fast as the fastest of scp, curl-tls (here scp) | 1.10 | **no** |", table, StringComparison.Ordinal);
        Assert.Contains("| ct: each node under 200 MiB | 100 MiB | yes |", table, StringComparison.Ordinal);
    }

    [Fact]
    public void Goals_NameToolsThatThereAre() => Assert.Empty(Goal.All.SelectMany(goal => goal.Others.Append(goal.Ours)).Except(Catalogue.All.Select(tool => tool.Name)));

    [Fact]
    public void Summary_CountsOnlyWhatArrived()
    {
        Tool tool = Catalogue.All[0];
        Summary summary = new(tool, 1_000_000_000, [Copy(tool, 1), Copy(tool, 3), Copy(tool, 2), Copy(tool, 99, Outcome.TimedOut) with { Reason = "not done" }]);

        Assert.Equal((3, 2.0, 1.0, 3.0, 500.0, 4.0), (summary.Good, summary.Seconds, summary.Least, summary.Most, summary.MegabytesPerSecond, summary.CpuPerGigabyte));
        Assert.Equal("too slow: not done", summary.Trouble);
    }

    [Fact]
    public void Clock_IsFromTheSubmitToTheEnd()
    {
        Assert.Equal(TimeSpan.FromSeconds(1.5), CtTool.Clock("""{"createdAt":"2026-11-20T10:00:00.5Z","endedAt":"2026-11-20T10:00:02Z"}"""));
        Assert.Null(CtTool.Clock("ct: something else"));
        Assert.Null(CtTool.Clock("""{"createdAt":"2026-11-20T10:00:00.5Z"}"""));
    }

    private static Summary Of(string name, double seconds, Outcome outcome = Outcome.Ok)
    {
        Tool tool = Catalogue.All.First(tool => tool.Name == name);
        return new Summary(tool, 1_000_000_000, [Copy(tool, seconds, outcome)]);
    }

    private static CopyResult Copy(Tool tool, double seconds, Outcome outcome = Outcome.Ok) => new()
    {
        Tool = tool.Name, Round = 1, Outcome = outcome, Wall = TimeSpan.FromSeconds(seconds), CpuSeconds = seconds * 2, SourceBytes = 100 << 20, DestinationBytes = 50 << 20,
    };
}
