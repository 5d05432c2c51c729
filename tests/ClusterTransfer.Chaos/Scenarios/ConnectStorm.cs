using System.Net;
using System.Net.Sockets;
using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Chaos.Invariants;

namespace ClusterTransfer.Chaos.Scenarios;

/// <summary>N3, N12, I8: connections to the data port that come and go at once, some with a word of nonsense, some reset. Nothing of them stays, and transfers go on.</summary>
internal static class ConnectStorm
{
    private const int AtOnce = 16;
    private const int HandlesMore = 24;
    private const int ThreadsMore = 12;
    private const long BytesMore = 64L << 20;

    private static readonly GroundSettings Layout = new() { Supervised = false };

    public static Task RunAsync(ScenarioRun run) => Ground.RunAsync(Layout, async ground =>
    {
        SourceItem item = SourceItem.SixteenChunks(ground.SourceFolder, run.Seed);
        Lane lane = ground.Destinations[0];

        // Everything that is made once and kept has been made by then.
        await Round.RunAsync(ground, lane, item, new RoundSettings(), () => { });
        await StormAsync(run, lane, Math.Min(run.Count, 500));
        NodeUse before = await SettledAsync(lane.Node);
        await StormAsync(run, lane, run.Count);
        await Round.RunAsync(ground, lane, item, new RoundSettings(), () => { });
        await Patience.UntilAsync("the node holds no more than before", Patience.Process, () => Grown(before, lane.Node.Use()) is null);
        NodeUse after = lane.Node.Use();
        run.Write($"  before {before}");
        run.Write($"  after  {after}");
        if (Grown(before, after) is { } grown)
        {
            throw new ChaosException($"I8: {grown}");
        }
    });

    private static string? Grown(NodeUse before, NodeUse after) =>
        after.Handles > before.Handles + HandlesMore ? $"{after.Handles} handles, {before.Handles} before"
        : after.Threads > before.Threads + ThreadsMore ? $"{after.Threads} threads, {before.Threads} before"
        : after.ResidentBytes > before.ResidentBytes + BytesMore ? $"{after.ResidentBytes >> 20} MiB, {before.ResidentBytes >> 20} MiB before"
        : null;

    // Handshakes that were left hanging are over after their deadline of 5 s.
    private static async Task<NodeUse> SettledAsync(NodeProcess node)
    {
        NodeUse last = node.Use();
        int same = 0;
        await Patience.UntilAsync("the node has settled", Patience.Process, () =>
        {
            NodeUse now = node.Use();
            same = now.Handles <= last.Handles ? same + 1 : 0;
            last = now;
            return same > 100;
        });
        return last;
    }

    private static async Task StormAsync(ScenarioRun run, Lane lane, int cycles)
    {
        int next = 0;
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(worker => Task.Run(async () =>
        {
            Random random = run.RandomOf(worker);
            while (Interlocked.Increment(ref next) <= cycles)
            {
                run.Coverage.Fired(await CycleAsync(lane.DataPort, random));
            }
        })));
    }

    private static async Task<string> CycleAsync(int port, Random random)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        int kind = random.Next(3);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            if (kind == 1)
            {
                // The beginning of a TLS record that never ends.
                byte[] words = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, .. Guid.NewGuid().ToByteArray()];
                await socket.SendAsync(words);
            }
            else if (kind == 2)
            {
                socket.LingerState = new LingerOption(true, 0);
            }
        }
        catch (SocketException)
        {
            // Refused above a cap: that is the node's right.
            return "connection refused by the node";
        }

        return kind switch { 0 => "connected and closed", 1 => "half a handshake, then closed", _ => "connected and reset" };
    }
}
