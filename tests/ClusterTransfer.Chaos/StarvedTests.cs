using System.Globalization;
using System.Runtime.InteropServices;
using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Chaos.Invariants;
using ClusterTransfer.Model;

namespace ClusterTransfer.Chaos;

/// <summary>Nodes that get too little of something: descriptors, processor. They refuse clearly, are slower, and are not taken for dead.</summary>
[Trait("category", "slow")]
public sealed class StarvedTests(ITestOutputHelper output)
{
    private const string TooMany = "Too many open files";
    private const int ProcessorPercent = 10;

    // What it had open stays usable; but for a few numbers, anything new is refused by the kernel until the limit is raised again. The node must not die of it.
    // With none at all it is the .NET runtime that ends ("Out of memory"), and the node is started again as after any crash.
    [Fact]
    [Trait("row", "R2")]
    public Task Destination_WithoutDescriptors_SaysSoAndRecoversWhenItGetsThem() => Ground.RunAsync(new GroundSettings { HubApart = true, Supervised = false }, async ground =>
    {
        SourceItem item = SourceItem.ManyFolders(ground.SourceFolder, seed: 1);
        Lane lane = ground.Destinations[0];
        NodeProcess starved = lane.Node;
        ByteRelay relay = lane.Relay!; // the layout has it
        bool isTold = false;
        relay.HoldAt(relay.BytesForward + (64 << 10));
        var settings = new RoundSettings
        {
            MayFailFor = [Reason.LimitReached],
            Meanwhile = async follower =>
            {
                await follower.WhenAsync("its connections stand", now => now.Progress.BytesSent > 0);
                string before = SoftLimit(starved);
                await LimitAsync(starved, HighestDescriptor(starved) + 1);
                relay.HoldAt(long.MaxValue);
                try
                {
                    await Patience.UntilAsync("the lack of descriptors is told, or was not felt", Patience.Transfer, async () =>
                    {
                        isTold |= follower.Story().Contains(TooMany, StringComparison.Ordinal) || starved.Run.Lines.Any(line => line.Contains(TooMany, StringComparison.Ordinal));
                        return isTold || (await ground.Hub.Node.Client.GetAsync(follower.Id.Value, TestContext.Current.CancellationToken)).State.IsTerminal();
                    });
                }
                finally
                {
                    await LimitAsync(starved, before);
                }
            },
        };
        RoundOutcome outcome = await Round.RunAsync(ground, lane, item, settings, () => { });
        output.WriteLine($"{outcome.First.State} after {outcome.First.Sessions} sessions: {outcome.First.Problem}");

        // A transfer that ended of it may have ended before the follower read so.
        isTold |= outcome.First.Issues.Any(issue => issue.Problem.Detail.Contains(TooMany, StringComparison.Ordinal));
        Assert.True(isTold, "I12: nobody missed a descriptor"); // Round has seen that it came to a good end
        Assert.All(ground.Lanes, each => Assert.False(each.Node.Run.HasExited, $"{each.Node.Name} died of it"));
    });

    // Slower, and nothing else: one session, no node is missed.
    [Theory]
    [Trait("row", "R3")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Node_WithATenthOfAProcessor_IsSlowerAndNotMissed(bool atTheSource)
    {
        using ControlGroup? group = ControlGroup.TryProcessor(ProcessorPercent);
        await Ground.RunAsync(new GroundSettings { HubApart = true, Supervised = false }, async ground =>
        {
            SourceItem item = SourceItem.OfFile(ground.SourceFolder, "large", 64 << 20, seed: 1);
            Lane lane = ground.Destinations[0];
            NodeProcess starved = atTheSource ? ground.Source.Node : lane.Node;
            await using DutyCycle? cycle = group is null ? new DutyCycle(starved, ProcessorPercent) : null;
            group?.Add(starved);
            RoundOutcome outcome = await Round.RunAsync(ground, lane, item, new RoundSettings(), () => { });
            Assert.Equal(1, outcome.First.Sessions);
            Assert.DoesNotContain(ground.Hub.Node.Run.Lines, line => line.Contains("LinkDown", StringComparison.Ordinal));

            // I12: it was held back.
            long held = cycle?.Stops ?? group!.Number("cpu.stat", "nr_throttled ");
            output.WriteLine($"{starved.Name} was held back {held} times");
            Assert.True(held > 10, $"It was held back {held} times only.");
            group?.Lift();
        });
    }

    private static string SoftLimit(NodeProcess node) => File.ReadLines($"/proc/{node.Run.Id}/limits")
        .Single(line => line.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];

    private static async Task LimitAsync(NodeProcess node, object count) => await ProcessRun.CallAsync(
        "prlimit", "--pid", node.Run.Id.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"--nofile={count}:"));

    // The kernel gives the lowest free number, and refuses those from the limit on.
    private static int HighestDescriptor(NodeProcess node) =>
        new DirectoryInfo($"/proc/{node.Run.Id}/fd").EnumerateFileSystemInfos().Max(entry => int.Parse(entry.Name, CultureInfo.InvariantCulture));

    /// <summary>Where no control group can be made: the process is stopped and let go on, so that it runs for a part of the time.</summary>
    private sealed class DutyCycle : IAsyncDisposable
    {
        private const int Stop = 19;
        private const int Continue = 18;
        private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);
        private readonly NodeProcess _node;
        private readonly CancellationTokenSource _over = new();
        private readonly Task _running;

        public DutyCycle(NodeProcess node, int percent)
        {
            _node = node;
            _running = RunAsync(percent);
        }

        public int Stops { get; private set; }

        public async ValueTask DisposeAsync()
        {
            await _over.CancelAsync();
            await _running;
            _over.Dispose();
        }

        private async Task RunAsync(int percent)
        {
            TimeSpan runs = Period * (percent / 100.0);
            while (!_over.IsCancellationRequested && !_node.Run.HasExited)
            {
                _ = Kill(_node.Run.Id, Stop);
                Stops++;
                await Task.Delay(Period - runs, CancellationToken.None);
                _ = Kill(_node.Run.Id, Continue);
                await Task.Delay(runs, CancellationToken.None);
            }
        }

        [DllImport("libc", EntryPoint = "kill")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern int Kill(int process, int signal);
    }
}
