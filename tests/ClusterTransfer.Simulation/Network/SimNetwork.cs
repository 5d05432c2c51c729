using ClusterTransfer.Model;
using ClusterTransfer.Simulation.World;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Simulation.Network;

/// <summary>What happens to a dial.</summary>
internal enum DialFate
{
    Connects,
    Refused,
    NoAnswer,
    WrongVersion,

    /// <summary>Connects, and from then on nothing passes.</summary>
    HoleAfterLogin,
}

/// <summary>All data connections of a run.</summary>
internal sealed class SimNetwork(SimWorld world)
{
    private static readonly TimeSpan HandshakeTimeout = new DataPlaneOptions().HandshakeTimeout;

    private readonly Dictionary<NodeId, (SimProcess Process, Action<IDataConnection> Accept)> _listeners = [];
    private readonly Dictionary<SimProcess, (BufferPool Pool, int LastNumber)> _processes = [];
    private readonly List<SimLink> _links = [];

    public SimWorld World => world;

    /// <summary>Whether the story names every frame.</summary>
    public bool IsVerbose { get; init; }

    /// <summary>Bytes per second of a connection.</summary>
    public double Rate { get; set; } = 20_000_000;

    /// <summary>Bytes that lie between two ends at most, beside one frame.</summary>
    public long SocketBytes { get; set; } = 512 * 1024;

    /// <summary>Share of packets that are lost on the way. TCP sends them again, and what is behind them waits.</summary>
    public double Loss { get; set; }

    /// <summary>Links that are open at one end at least.</summary>
    public IEnumerable<SimLink> Open => _links.Where(link => link.IsOpen);

    /// <summary>Asked for each dial.</summary>
    public Func<SimProcess, NodeId, DialFate>? OnDial { get; set; }

    /// <summary>Sees each frame before it leaves; true: it has dealt with it.</summary>
    public Func<SimLink, SimEnd, SimFrame, bool>? OnFrame { get; set; }

    public void Listen(SimProcess process, Action<IDataConnection> accept) => _listeners[process.Node] = (process, accept);

    /// <summary>The kernel closes the connections of a process that is gone.</summary>
    public void Gone(SimProcess process)
    {
        foreach (SimLink link in _links)
        {
            foreach (SimEnd end in (SimEnd[])[link.Dialler, link.Listener])
            {
                if (end.Process == process)
                {
                    end.Abandon();
                }
            }
        }
    }

    public void Heal()
    {
        foreach (SimLink link in _links)
        {
            link.Heal();
            link.Dialler.IsSlowReader = link.Listener.IsSlowReader = false;
            link.Dialler.ReadAgain();
            link.Listener.ReadAgain();
        }
    }

    public int NextNumber(SimProcess process)
    {
        (BufferPool pool, int last) = Entry(process);
        _processes[process] = (pool, last + 1);
        return last + 1;
    }

    /// <summary>Where the bodies go that a process receives.</summary>
    public BufferPool PoolOf(SimProcess process) => Entry(process).Pool;

    public TimeSpan TimeFor(int bytes) => TimeSpan.FromSeconds(bytes / Rate);

    public void Send(SimLink link, SimEnd from, OutgoingFrame frame)
    {
        var sent = SimFrame.Of(frame, PoolOf(link.Other(from).Process));
        if (OnFrame?.Invoke(link, from, sent) != true)
        {
            link.Carry(from, sent);
        }
    }

    public IDataDialer DialerOf(SimProcess process) => new Dialer(this, process);

    /// <summary>Returns the buffers that are on the wire, at the end of a run.</summary>
    public void Close()
    {
        foreach (SimLink link in _links)
        {
            link.DropSwallowed();
        }
    }

    private (BufferPool Pool, int LastNumber) Entry(SimProcess process)
    {
        if (!_processes.TryGetValue(process, out (BufferPool, int) entry))
        {
            _processes[process] = entry = (new BufferPool(256L * 1024 * 1024), 0);
        }

        return entry;
    }

    private void Connect(SimProcess dialler, NodeId peer, DialFate fate, TaskCompletionSource<IDataConnection> dialled, CancellationToken cancellationToken)
    {
        if (!_listeners.TryGetValue(peer, out (SimProcess Process, Action<IDataConnection> Accept) listener) || listener.Process.IsDead)
        {
            fate = DialFate.Refused;
        }
        else if (listener.Process.IsFrozen)
        {
            fate = DialFate.NoAnswer;
        }

        switch (fate)
        {
            case DialFate.Refused:
                Fail(Reason.NodeUnreachable, "connecting failed: Connection refused");
                return;
            case DialFate.WrongVersion:
                Fail(Reason.VersionMismatch, $"Node '{peer}' (2.0) speaks protocol versions 2 to 2, node '{dialler.Node}' (1.0) 1 to 1: upgrade the older one.");
                return;
            case DialFate.NoAnswer:
                world.Later(HandshakeTimeout, () => dialler.Run(() => Fail(Reason.NodeUnreachable, "no answer in time while the TLS handshake")));
                return;
            default:
                break;
        }

        if (cancellationToken.IsCancellationRequested)
        {
            dialled.TrySetCanceled(cancellationToken);
            return;
        }

        var link = new SimLink(this, dialler, listener.Process);
        _links.Add(link);
        link.Hole[0] = link.Hole[1] = fate == DialFate.HoleAfterLogin;
        world.Later(world.Between(0.1, 3), () => listener.Process.Run(() => listener.Accept(link.Listener)));
        if (!dialled.TrySetResult(link.Dialler))
        {
            link.Dialler.Complete();
        }

        void Fail(Reason reason, string detail) => dialled.TrySetException(new ClusterTransferException(reason, $"Node '{peer}': {detail}"));
    }

    private sealed class Dialer(SimNetwork network, SimProcess process) : IDataDialer
    {
        public Task<IDataConnection> DialAsync(string hostPort, NodeId expectedPeer, CancellationToken cancellationToken)
        {
            var dialled = new TaskCompletionSource<IDataConnection>();
            DialFate fate = network.OnDial?.Invoke(process, expectedPeer) ?? DialFate.Connects;
            network.World.Later(
                network.World.Between(0.5, 5),
                () => process.Run(() => network.Connect(process, expectedPeer, fate, dialled, cancellationToken)));
            return dialled.Task;
        }
    }
}
