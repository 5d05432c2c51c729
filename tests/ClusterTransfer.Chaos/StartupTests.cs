using System.Diagnostics;
using System.Text.RegularExpressions;
using ClusterTransfer.Chaos.Harness;

namespace ClusterTransfer.Chaos;

/// <summary>What makes a client command start quickly: it loads nothing of the node. No time is asserted; the medians are printed.</summary>
[Trait("category", "slow")]
public sealed partial class StartupTests(SourceData data, ITestOutputHelper output)
{
    private const string Strace = "/usr/bin/strace";
    private const int Runs = 7;

    [Theory]
    [InlineData("version")]
    [InlineData("ls")]
    [InlineData("nodes", "ls")]
    public Task ClientCommand_LoadsNothingOfTheNode(params string[] command)
    {
        Assert.SkipUnless(File.Exists(Strace), "strace is not installed.");
        return Cluster.RunAsync(hubApart: false, data.Folder, async cluster =>
        {
            string trace = Path.Combine(cluster.Hub.Folder, "trace");
            await RunAsync(cluster.Hub, Strace, ["-f", "-qq", "-e", "trace=open,openat", "-o", trace, CtBinary.Find(), .. command]);
            string[] loaded = [.. File.ReadLines(trace).Select(line => OpenedAssembly().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value).Distinct()];

            Assert.Contains("ClusterTransfer.Client", loaded);   // otherwise the trace shows nothing at all
            Assert.DoesNotContain(loaded, name => OfTheNode().IsMatch(name));

            var times = new List<double>();
            for (int run = 0; run < Runs; run++)
            {
                long began = Stopwatch.GetTimestamp();
                await RunAsync(cluster.Hub, CtBinary.Find(), command);
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            times.Sort();
            output.WriteLine($"ct {string.Join(' ', command)}: {loaded.Length} assemblies, median of {Runs}: {times[Runs / 2]:0} ms");
        });
    }

    private static async Task RunAsync(NodeProcess node, string program, string[] arguments)
    {
        await using ProcessRun run = ProcessRun.Start("ct", program, arguments, ("CT_NODE", node.Address), ("CT_TOKEN_FILE", node.TokenFile));
        int code = await run.EndAsync(Patience.Process);
        Assert.True(code == 0, $"It ended with {code}:\n{run.Tail(20)}");
    }

    // A file that was looked for and not there is not loaded.
    [GeneratedRegex("""open(?:at)?\(.*/([^/"]+)\.dll".* = [0-9]+$""")]
    private static partial Regex OpenedAssembly();

    [GeneratedRegex("""^(Microsoft\.AspNetCore\..*|Microsoft\.Extensions\..*|Microsoft\.Data\..*|ClusterTransfer\.(Node|Transfers|Actors|Bus|Journal|Storage|Transport|Wire|Hocon))$""")]
    private static partial Regex OfTheNode();
}
