using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Simulation.World;

namespace ClusterTransfer.Simulation.Nodes;

/// <summary>What happens to a control message: how many copies arrive and how late.</summary>
internal readonly record struct BusFate(int Copies, TimeSpan Extra)
{
    public static readonly BusFate Fair = new(1, TimeSpan.Zero);
}

/// <summary>Carries control messages between the hub and the nodes, and tells the hub who is there.</summary>
internal sealed class SimBus(SimWorld world)
{
    private readonly Dictionary<NodeId, Port> _ports = [];
    private readonly HashSet<NodeId> _away = [];
    private Port? _hub;

    /// <summary>Asked for each message.</summary>
    public Func<SimProcess, SimProcess, BusMessage, BusFate>? OnMessage { get; set; }

    /// <summary>A process joins; the newest of a node is the one that is reached. The hub hears of it a little later.</summary>
    public IMessageBus Join(SimProcess process, Func<Member> member, IBusPeer peer)
    {
        var port = new Port(this, process, member, peer);
        _ports[process.Node] = port;
        if (peer.IsHub)
        {
            _hub = port;
            foreach (Port other in _ports.Values)
            {
                Announce(other);
            }
        }
        else
        {
            Announce(port);
        }

        return port;
    }

    /// <summary>A node's link to the hub is gone, or there again.</summary>
    public void SetAway(NodeId node, bool away)
    {
        if (away ? _away.Add(node) : _away.Remove(node))
        {
            MembersChanged();
            if (!away && _ports.TryGetValue(node, out Port? port))
            {
                Announce(port);
            }
        }
    }

    /// <summary>A process died: the hub sees its link end.</summary>
    public void Gone(SimProcess process)
    {
        if (_hub?.Process == process)
        {
            _hub = null;
        }

        MembersChanged();
    }

    /// <summary>A message arrives out of the past; false when there is nobody to get it.</summary>
    public bool Inject(NodeId from, NodeId to, BusMessage message)
    {
        if (!_ports.TryGetValue(to, out Port? target) || !IsThere(target) || target.Process.IsFrozen)
        {
            return false;
        }

        target.Process.Run(() => target.Peer.OnMessage(from, message));
        return true;
    }

    private void Announce(Port port) => world.Later(world.Between(5, 300), () =>
    {
        if (!port.Process.IsDead && _hub is not null && !_away.Contains(port.Process.Node))
        {
            port.IsLinked = true;
            MembersChanged();
            port.Process.Run(port.Peer.OnHubConnected);
        }
    });

    private void MembersChanged()
    {
        if (_hub is { } hub)
        {
            world.Later(world.Between(1, 20), () => hub.Process.Run(() => hub.Peer.OnMembersChanged(hub.Members)));
        }
    }

    private bool IsThere(Port port) => port.IsLinked && !port.Process.IsDead && !_away.Contains(port.Process.Node);

    private void Send(Port from, BusTarget to, BusMessage message)
    {
        Port? target = to is BusTarget.Node node ? _ports.GetValueOrDefault(node.Id) : _hub;
        bool fromHub = from == _hub;
        if (_hub is null || target is null || (!fromHub && target != _hub) || !IsThere(from) || !IsThere(target))
        {
            return;
        }

        BusFate fate = OnMessage?.Invoke(from.Process, target.Process, message) ?? BusFate.Fair;
        for (int copy = 0; copy < fate.Copies; copy++)
        {
            world.Later(world.Between(0.1, 4) + fate.Extra, () =>
            {
                if (IsThere(target) && _ports.GetValueOrDefault(target.Process.Node) == target)
                {
                    target.Process.Run(() => target.Peer.OnMessage(from.Process.Node, message));
                }
            });
        }
    }

    private sealed class Port(SimBus bus, SimProcess process, Func<Member> member, IBusPeer peer) : IMessageBus
    {
        public SimProcess Process => process;

        public IBusPeer Peer => peer;

        public bool IsLinked { get; set; }

        public NodeId Self => process.Node;

        public Incarnation Incarnation => process.Incarnation;

        public bool IsConnected => bus._hub is not null;

        public IReadOnlyList<Member> Members => [.. bus._ports.Values.Where(bus.IsThere).Select(port => port.Member)];

        public IReadOnlyList<KnownMember> KnownMembers => [];

        public Member Member => member();

        public Task SendAsync(BusTarget to, BusMessage message, CancellationToken cancellationToken)
        {
            bus.Send(this, to, message);
            return Task.CompletedTask;
        }

        public void Start(IBusReceiver receiver)
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>A process as the bus sees it.</summary>
internal interface IBusPeer
{
    bool IsHub { get; }

    void OnMessage(NodeId from, BusMessage message);

    void OnMembersChanged(IReadOnlyList<Member> members);

    void OnHubConnected();
}
