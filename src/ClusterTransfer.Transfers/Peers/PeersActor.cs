using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transport.Connections;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Transfers.Peers;

/// <summary>Root of all data connections: one child for each peer, made at first need.</summary>
internal sealed class PeersActor : ReceiveActor, IWithTimers
{
    // A peer actor that fails stops with its connections, not those of other peers. After a pause a new one takes over its sessions:
    // they need not know, because each is told of every connection it lost and gained. The pause keeps a lasting failure from spinning.
    private static readonly SupervisorStrategy Peers = new OneForOneStrategy(_ => Directive.Stop);

    private readonly IDataDialer _dialer;
    private readonly SessionDirectory _directory;
    private readonly PeerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Dictionary<NodeId, PeerSlot> _slots = [];

    public PeersActor(IDataDialer dialer, SessionDirectory directory, PeerOptions options, TimeProvider time, ILogger log)
    {
        _dialer = dialer;
        _directory = directory;
        _options = options;
        _time = time;
        _log = log;
        Become(Serving);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override SupervisorStrategy SupervisorStrategy() => Peers;

    private void Serving()
    {
        Receive<PeerProtocol.Attach>(attach =>
        {
            PeerSlot slot = SlotOf(attach.Binding.Peer);
            slot.Attached[(attach.Binding.SessionId, attach.Binding.Role)] = attach;
            slot.Current?.Actor.Tell(attach);
        });
        Receive<PeerProtocol.Want>(want =>
        {
            PeerSlot slot = SlotOf(want.Peer);
            if (slot.Attached.TryGetValue((want.SessionId, want.Role), out PeerProtocol.Attach? attach))
            {
                slot.Attached[(want.SessionId, want.Role)] = new PeerProtocol.Attach(attach.Binding with { Connections = want.Connections });
                slot.Current?.Actor.Tell(want);
            }
        });
        Receive<PeerProtocol.Detach>(detach =>
        {
            PeerSlot slot = SlotOf(detach.Peer);
            slot.Attached.Remove((detach.SessionId, detach.Role));
            slot.Current?.Actor.Tell(detach);
        });
        Receive<PeerProtocol.Accepted>(OnAccepted);
        Receive<Terminated>(OnPeerStopped);
        Receive<PeerProtocol.StartAgain>(again =>
        {
            PeerSlot slot = _slots[again.Peer];
            slot.Current = Start(again.Peer);
            foreach (PeerProtocol.Attach attach in slot.Attached.Values)
            {
                slot.Current.Actor.Tell(attach);
            }
        });
    }

    private void OnAccepted(PeerProtocol.Accepted accepted)
    {
        if (SlotOf(accepted.Connection.Peer).Current is { } current)
        {
            current.Actor.Tell(new PeerProtocol.Arrived(new ConnectionInTransit(accepted.Connection, current.Stopping.Token)));
            return;
        }

        // Between two actors of the peer nobody can own it. The other end dials again after a pause of its own.
        accepted.Connection.DisposeAsync().AsTask().PipeTo(Self);
    }

    private void OnPeerStopped(Terminated terminated)
    {
        (NodeId peer, PeerSlot slot) = _slots.First(slot => terminated.ActorRef.Equals(slot.Value.Current?.Actor));

        // It has done so itself, unless it failed while it was made.
        slot.Current!.Stopping.Cancel();
        slot.Current = null;
        Timers.StartSingleTimer(peer, new PeerProtocol.StartAgain(peer), _options.RedialMax);
    }

    private PeerSlot SlotOf(NodeId peer)
    {
        if (!_slots.TryGetValue(peer, out PeerSlot? slot))
        {
            slot = new PeerSlot { Current = Start(peer) };
            _slots.Add(peer, slot);
        }

        return slot;
    }

    private RunningPeer Start(NodeId peer)
    {
        var stopping = new CancellationTokenSource();
        return new RunningPeer(
            Context.Watch(Context.ActorOf(Props.Create(() => new PeerActor(peer, _dialer, _directory, _options, _time, _log, stopping)), peer.Value)),
            stopping);
    }

    /// <summary>One peer: the sessions that are attached to it outlive its actor.</summary>
    private sealed class PeerSlot
    {
        public Dictionary<(SessionId, SessionRole), PeerProtocol.Attach> Attached { get; } = [];

        /// <summary>Null during the pause after a failure.</summary>
        public RunningPeer? Current { get; set; }
    }

    private sealed record RunningPeer(IActorRef Actor, CancellationTokenSource Stopping);
}
