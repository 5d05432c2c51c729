using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterTransfer.Transfers.Tests.Peers;

/// <summary>Two nodes with real connections over loopback and actors in virtual time: a is the source, b the destination; probes are their sessions.</summary>
internal sealed class PeersBench : IAsyncDisposable
{
    public static readonly SessionId SessionId = new(7);

    private readonly TestFolder _folder = new();
    private readonly LoopbackNode _a;
    private readonly LoopbackNode _b;
    private readonly byte[] _secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private PeersBench()
    {
        Kit = new ActorTestKit();
        IReadOnlyList<LoopbackNode> nodes = LoopbackNode.Cluster(_folder, Samples.A, Samples.B);
        (_a, _b) = (nodes[0], nodes[1]);
        PeersOfA = Peers(_a, new SessionDirectory(), "peers-a");
        PeersOfB = Peers(_b, DirectoryOfB, "peers-b");
        Source = Kit.CreateTestProbe("source");
        Destination = Kit.CreateTestProbe("destination");
    }

    public ActorTestKit Kit { get; }

    public PeerOptions Options { get; } = new() { RedialMin = TimeSpan.FromSeconds(2), RedialMax = TimeSpan.FromSeconds(8), IdleClose = TimeSpan.FromMinutes(1) };

    public SessionDirectory DirectoryOfB { get; } = new();

    public IActorRef PeersOfA { get; }

    public IActorRef PeersOfB { get; }

    public TestProbe Source { get; }

    public TestProbe Destination { get; }

    public RecordingPort PortOfA { get; } = new();

    public RecordingPort PortOfB { get; } = new();

    public static async Task<PeersBench> StartAsync()
    {
        var bench = new PeersBench();
        await bench._b.ListenAsync(connection => bench.PeersOfB.Tell(new PeerProtocol.Accepted(connection), ActorRefs.NoSender));
        return bench;
    }

    public SessionBinding SourceBinding(int connections = 1, NodeId? peer = null, string? address = null) => new(
        Samples.Id, new Epoch(1, 1), SessionId, SessionRole.Source, peer ?? Samples.B, [address ?? _b.Address], _secret, connections, Source.Ref, PortOfA);

    public SessionBinding DestinationBinding(byte[]? secret = null, NodeId? peer = null, uint session = 1, TransferId? transfer = null) => new(
        transfer ?? Samples.Id, new Epoch(1, session), SessionId, SessionRole.Destination, peer ?? Samples.A, [], secret ?? _secret, 1, Destination.Ref, PortOfB);

    /// <summary>Makes the destination's session known, as its session actor does.</summary>
    public void OpenDestination(SessionBinding? binding = null)
    {
        SessionBinding opened = binding ?? DestinationBinding();
        Assert.True(DirectoryOfB.TryAdd(opened));
        PeersOfB.Tell(new PeerProtocol.Attach(opened));
    }

    public void OpenSource(SessionBinding? binding = null) => PeersOfA.Tell(new PeerProtocol.Attach(binding ?? SourceBinding()));

    /// <summary>Both ends are open and joined by so many connections; as the source sees them.</summary>
    public async Task<IReadOnlyList<ConnectionHandle>> JoinAsync(int connections = 1)
    {
        OpenDestination();
        OpenSource(SourceBinding(connections));
        List<ConnectionHandle> joined = [];
        for (int i = 0; i < connections; i++)
        {
            joined.Add((await Source.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>()).Connection);
            await Destination.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>();
        }

        return joined;
    }

    /// <summary>Lets virtual time pass step by step until the probe has a message; the network keeps its own pace.</summary>
    public async Task PassTimeUntilHeardAsync(TestProbe probe, TimeSpan step)
    {
        while (true)
        {
            Task next = Kit.Dispatcher.NextEventAsync();
            Kit.Settle();
            if (probe.HasMessages)
            {
                return;
            }

            Kit.Time.Advance(step);
            await next.WithinDeadline();
        }
    }

    public Task StopListeningAsync() => _b.StopListeningAsync();

    public async ValueTask DisposeAsync()
    {
        await Kit.DisposeAsync();
        await _a.DisposeAsync();
        await _b.DisposeAsync();
        _folder.Dispose();
    }

    private IActorRef Peers(LoopbackNode node, SessionDirectory directory, string name)
    {
        PeerOptions options = Options;
        return Kit.Sys.ActorOf(Props.Create(() => new PeersActor(node.Dialer, directory, options, NullLogger.Instance)), name);
    }
}
