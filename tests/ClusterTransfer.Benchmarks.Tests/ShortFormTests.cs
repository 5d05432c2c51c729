using ClusterTransfer.Benchmarks.Transfer;
using ClusterTransfer.Benchmarks.Transfer.Results;
using ClusterTransfer.Benchmarks.Transfer.Tools;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Benchmarks.Tests;

/// <summary>The runner itself, with data of a few megabytes.</summary>
public sealed class ShortFormTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Run_CopiesByTurnsAndReports()
    {
        TransferArguments arguments = Arguments("big,tree", new CopyTool(), new ManualTool("again", "cp -r \"$0\" \"$1\""));

        IReadOnlyList<ScenarioResult> results = await RunAsync(arguments);

        Assert.Equal(["big", "tree"], results.Select(result => result.Scenario.Name));
        Assert.All(results.SelectMany(result => result.Summaries), summary => Assert.Equal((2, ""), (summary.Good, summary.Trouble)));
        Assert.All(results.SelectMany(result => result.Summaries), summary => Assert.True(summary.Seconds > 0));
        string report = TransferReport.Write(arguments, new Machine(["somewhere"], IsBusy: false), results, "x.svg");
        Assert.Contains("3,000,000 bytes in 1 file", report, StringComparison.Ordinal);
        Assert.Contains("| cp | 2 | Ok |", report, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", report, StringComparison.Ordinal);
        Assert.Contains("tree: MB/s", TransferReport.Draw(results), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "copy-*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Run_WhereAnotherOneWas_TakesItsDataAndLeavesItsCopies()
    {
        TransferArguments arguments = Arguments("big", new CopyTool()) with { Runs = 1 };
        await RunAsync(arguments);
        int kept = Directory.EnumerateFiles(_folder.Path, "*.bin", SearchOption.AllDirectories).Count();

        ScenarioResult again = Assert.Single(await RunAsync(arguments));

        Assert.Equal(1, again.Summaries[0].Good);
        Assert.Equal((2 * kept) - 1, Directory.EnumerateFiles(_folder.Path, "*.bin", SearchOption.AllDirectories).Count());
    }

    [Fact]
    public async Task Tools_ThatFail_AreRows()
    {
        Tool[] tools =
        [
            new ManualTool("failing", "echo broken >&2; exit 7"),
            new ManualTool("lying", "true"),
            new ManualTool("spoiling", "cp \"$0\" \"$1\" && printf x | dd of=\"$1/$(basename \"$0\")\" conv=notrunc status=none"),
            new ManualTool("absent", "true", new Need("no-such-program-here", "some-package")),
            new ManualTool("no-server", "true"),
            new CopyTool(),
        ];
        TransferArguments arguments = Arguments("big", tools) with { Runs = 1 };

        ScenarioResult result = Assert.Single(await RunAsync(arguments));

        Dictionary<string, CopyResult> rows = result.Summaries.SelectMany(summary => summary.All).ToDictionary(copy => copy.Tool);
        Assert.Equal((Outcome.Failed, "exit code 7: broken"), (rows["failing"].Outcome, rows["failing"].Reason));
        Assert.Equal(Outcome.Different, rows["lying"].Outcome);
        Assert.Contains("has other bytes", rows["spoiling"].Reason, StringComparison.Ordinal);
        Assert.Equal((Outcome.Skipped, "no-such-program-here is missing: apt-get install some-package"), (rows["absent"].Outcome, rows["absent"].Reason));
        Assert.Equal((Outcome.Skipped, "the server does not start"), (rows["no-server"].Outcome, rows["no-server"].Reason));
        Assert.Equal(Outcome.Ok, rows["cp"].Outcome);
        Assert.Contains("failed: exit code 7: broken", TransferReport.Table(result.Summaries).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tool_ThatHangs_IsEndedAndARow()
    {
        TransferArguments arguments = Arguments("big", new ManualTool("hanging", "sleep 600")) with { Runs = 1, TimeLimit = TimeSpan.FromMilliseconds(50) };

        ScenarioResult result = Assert.Single(await RunAsync(arguments));

        Assert.Equal(Outcome.TimedOut, Assert.Single(result.Summaries[0].All).Outcome);
        Assert.Equal(0, result.Summaries[0].Good);
    }

    [Fact]
    [Trait("category", "slow")]
    public async Task Nodes_AreMeasuredAndGone()
    {
        string ct = TransferArguments.Parse([]).Ct;
        Assert.SkipUnless(File.Exists(ct), $"There is no {ct}; scripts/test.sh builds it, or set CT_CLIENT.");

        ScenarioResult result = Assert.Single(await RunAsync(Arguments("tree", new CtTool(plain: false), new CopyTool()) with { Runs = 1, Ct = ct }));

        Summary ours = result.Summaries[0];
        Assert.Equal(("ct", 1, ""), (ours.Tool.Name, ours.Good, ours.Trouble));
        Assert.InRange(ours.OwnSeconds, double.Epsilon, ours.Seconds);
        Assert.True(ours.CpuPerGigabyte > 0 && ours.SourceBytes > 0 && ours.DestinationBytes > 0 && ours.CommandBytes > 0);
        Assert.DoesNotContain(Directory.EnumerateDirectories("/proc"), process => CommandLine(process).Contains(ct + "\0node\0run", StringComparison.Ordinal) && IsOurChild(process));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<IReadOnlyList<ScenarioResult>> RunAsync(TransferArguments arguments) =>
        await new TransferBenchmark(arguments, line => TestContext.Current.TestOutputHelper?.WriteLine(line)).RunAsync(TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);

    private TransferArguments Arguments(string data, params Tool[] tools) =>
        TransferArguments.Parse(["--data", data, "--size", "3MB", "--files", "50", "--runs", "2", "--touch", "1MiB", "--work", _folder.Path]) with { Tools = tools, Flushes = false };

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static bool IsOurChild(string process) =>
        int.TryParse(Path.GetFileName(process), out int id) && Transfer.Processes.ProcessStat.Read(id) is { } stat && stat.Parent == Environment.ProcessId;
}
