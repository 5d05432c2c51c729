using System.Net;
using System.Net.Sockets;
using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Transport.Connections;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterTransfer.Transfers.Tests.Peers;

/// <summary>Two nodes with real connections over loopback and actors in virtual time: a is the source, b the destination, or a both; probes are their sessions.</summary>
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
        PeersOfA = Peers(_a, DirectoryOfA, "peers-a");
        PeersOfB = Peers(_b, DirectoryOfB, "peers-b");
        OnConnectionToB = connection => PeersOfB.Tell(new PeerProtocol.Accepted(connection), ActorRefs.NoSender);
        Source = Kit.CreateTestProbe("source");
        Destination = Kit.CreateTestProbe("destination");
    }

    public ActorTestKit Kit { get; }

    public PeerOptions Options { get; } = new() { MaxConnections = 4, RedialMin = TimeSpan.FromSeconds(2), RedialMax = TimeSpan.FromSeconds(8), IdleClose = TimeSpan.FromMinutes(1) };

    public SessionDirectory DirectoryOfA { get; } = new();

    public SessionDirectory DirectoryOfB { get; } = new();

    public IActorRef PeersOfA { get; }

    public IActorRef PeersOfB { get; }

    public TestProbe Source { get; }

    public TestProbe Destination { get; }

    public RecordingPort PortOfA { get; } = new();

    public RecordingPort PortOfB { get; } = new();

    /// <summary>Within one node: the destination's end of the connection that joined last.</summary>
    public ConnectionHandle? JoinedDestination { get; private set; }

    /// <summary>What b does with a connection that reaches it; hands it to its actors unless told otherwise.</summary>
    public Action<DataConnection> OnConnectionToB { get; set; }

    public static async Task<PeersBench> StartAsync()
    {
        var bench = new PeersBench();
        await bench._b.ListenAsync(connection => bench.OnConnectionToB(connection));
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

    /// <summary>The source wants another number of connections.</summary>
    public void Want(int connections) => PeersOfA.Tell(new PeerProtocol.Want(Samples.B, SessionId, SessionRole.Source, connections));

    /// <summary>Nobody at b reads it: what becomes of it is up to a, which has it in hand when this returns.</summary>
    public async Task<DataConnection> DialFromBAsync()
    {
        var accepted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _a.ListenAsync(connection =>
        {
            PeersOfA.Tell(new PeerProtocol.Accepted(connection), ActorRefs.NoSender);
            accepted.TrySetResult();
        });
        DataConnection dialled = await _b.Dialer.DialAsync(_a.Address, Samples.A, CancellationToken.None).WithinDeadline();
        await accepted.Task.WithinDeadline();
        await _a.StopListeningAsync();
        return dialled;
    }

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

    /// <summary>Both ends are on a, joined by so many connections of it to itself; as the source sees them.</summary>
    public async Task<IReadOnlyList<ConnectionHandle>> JoinWithinAAsync(int connections)
    {
        await _a.ListenAsync(connection => PeersOfA.Tell(new PeerProtocol.Accepted(connection), ActorRefs.NoSender));
        SessionBinding destination = DestinationBinding(peer: Samples.A);
        Assert.True(DirectoryOfA.TryAdd(destination));
        PeersOfA.Tell(new PeerProtocol.Attach(destination));
        OpenSource(SourceBinding(connections, peer: Samples.A, address: _a.Address));
        List<ConnectionHandle> joined = [];
        for (int i = 0; i < connections; i++)
        {
            joined.Add((await Source.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>()).Connection);
            JoinedDestination = (await Destination.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>()).Connection;
        }

        return joined;
    }

    /// <summary>The connection actors of both nodes.</summary>
    public IEnumerable<ActorSnapshot> Connections() => Below(Kit.Sys.Inspect()).Where(actor => actor.Type.EndsWith(nameof(ConnectionActor), StringComparison.Ordinal));

    /// <summary>The actor that a keeps for b.</summary>
    public ActorSnapshot? PeerBOfA() => Below(Kit.Sys.Inspect()).SingleOrDefault(actor => actor.Path.EndsWith($"/peers-a/{Samples.B}", StringComparison.Ordinal));

    /// <summary>A message that no peer actor can handle: it fails by it, as by a bug.</summary>
    public void FailPeerBOfA() => Kit.Sys.ActorSelection(PeersOfA.Path / Samples.B.Value).Tell(new PeerProtocol.Attach(null!), ActorRefs.NoSender);

    /// <summary>Runs the actors until that is so; virtual time stands still.</summary>
    public Task RunUntilAsync(Func<bool> condition) => WaitUntilAsync(condition, Kit.Settle);

    /// <summary>Waits for what arrives by the network while the actors stand still.</summary>
    public Task HoldUntilAsync(Func<bool> condition) => WaitUntilAsync(condition, () => { });

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

    /// <summary>Goes on to the next timer and no further, when a has nothing to say to its source before; how long that took.</summary>
    public TimeSpan PassToNextTimer()
    {
        Source.ExpectNoMsg();
        TimeSpan before = Kit.Time.Elapsed;
        Assert.True(Kit.Time.AdvanceToNextTimer());
        return Kit.Time.Elapsed - before;
    }

    /// <summary>Gives a connection up. Its sessions hear of it at once; when this returns it is gone as well, and its peer actor knows.</summary>
    public Task GiveUpAsync(ConnectionHandle connection) => GoneAsync(
        connection, () => connection.Actor.Tell(new ConnectionProtocol.GiveUp(new Problem(Reason.SessionLost, "No acknowledgement."))));

    /// <summary>Does what ends a connection; when this returns it is gone, and its peer actor knows.</summary>
    public async Task GoneAsync(ConnectionHandle connection, Action end)
    {
        TestProbe watcher = Kit.CreateTestProbe();
        watcher.Watch(connection.Actor);
        end();
        await watcher.ExpectMsgAsync<Terminated>();
        Kit.Settle();
    }

    /// <summary>An address where nobody listens.</summary>
    public static string DeadAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener.LocalEndpoint.ToString()!;
    }

    public Task StopListeningAsync() => _b.StopListeningAsync();

    public async ValueTask DisposeAsync()
    {
        await Kit.DisposeAsync();
        await _a.DisposeAsync();
        await _b.DisposeAsync();
        _folder.Dispose();
    }

    private static IEnumerable<ActorSnapshot> Below(ActorSnapshot actor) => actor.Children.SelectMany(Below).Prepend(actor);

    private async Task WaitUntilAsync(Func<bool> condition, Action run)
    {
        while (true)
        {
            Task next = Kit.Dispatcher.NextEventAsync();
            run();
            if (condition())
            {
                return;
            }

            await next.WithinDeadline();
        }
    }

    private IActorRef Peers(LoopbackNode node, SessionDirectory directory, string name)
    {
        PeerOptions options = Options;
        return Kit.Sys.ActorOf(Props.Create(() => new PeersActor(node.Dialer, directory, options, Kit.Time, NullLogger.Instance)), name);
    }
}
