using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Transport.Connections;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Transfers.Peers;

/// <summary>Root of all data connections: one child for each peer, made at first need.</summary>
internal sealed class PeersActor : ReceiveActor
{
    // A peer actor that fails loses its connections, not those of other peers; its sessions re-attach when they hear of the loss.
    private static readonly SupervisorStrategy Peers = new OneForOneStrategy(10, TimeSpan.FromMinutes(1), _ => Directive.Restart);

    private readonly DataDialer _dialer;
    private readonly SessionDirectory _directory;
    private readonly PeerOptions _options;
    private readonly ILogger _log;

    public PeersActor(DataDialer dialer, SessionDirectory directory, PeerOptions options, ILogger log)
    {
        _dialer = dialer;
        _directory = directory;
        _options = options;
        _log = log;
        Become(Serving);
    }

    protected override SupervisorStrategy SupervisorStrategy() => Peers;

    private void Serving()
    {
        Receive<PeerProtocol.Attach>(attach => PeerOf(attach.Binding.Peer).Forward(attach));
        Receive<PeerProtocol.Detach>(detach => PeerOf(detach.Peer).Forward(detach));
        Receive<PeerProtocol.Accepted>(accepted => PeerOf(accepted.Connection.Peer).Forward(accepted));
    }

    private IActorRef PeerOf(NodeId peer)
    {
        IActorRef child = Context.Child(peer.Value);
        return child.IsNobody()
            ? Context.ActorOf(Props.Create(() => new PeerActor(peer, _dialer, _directory, _options, _log)), peer.Value)
            : child;
    }
}
