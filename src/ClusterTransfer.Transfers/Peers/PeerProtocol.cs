using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transport.Connections;

namespace ClusterTransfer.Transfers.Peers;

/// <summary>Messages of <see cref="PeersActor"/> and <see cref="PeerActor"/>.</summary>
internal static class PeerProtocol
{
    /// <summary>A session of this node wants connections to the peer; it hears of each that is proven.</summary>
    public sealed record Attach(SessionBinding Binding);

    /// <summary>It wants another number of them from now on. Those beyond are left open.</summary>
    public sealed record Want(NodeId Peer, SessionId SessionId, SessionRole Role, int Connections);

    /// <summary>It wants none any more.</summary>
    public sealed record Detach(NodeId Peer, SessionId SessionId, SessionRole Role);

    /// <summary>A peer dialled this node; to <see cref="PeersActor"/>.</summary>
    public sealed record Accepted(IDataConnection Connection);

    /// <summary>The peer dialled us; to its <see cref="PeerActor"/>.</summary>
    public sealed record Arrived(ConnectionInTransit Connection);

    public sealed record Dialled(ConnectionInTransit Connection);

    public sealed record DialFailed(Problem Problem);

    /// <summary>A connection carries a session: both ends want it. To its <see cref="PeerActor"/>.</summary>
    public sealed record Proven
    {
        public static readonly Proven Instance = new();
    }

    public sealed record DialAgain
    {
        public static readonly DialAgain Instance = new();
    }

    /// <summary>The peer's actor failed and had its pause: its sessions get a new one.</summary>
    public sealed record StartAgain(NodeId Peer);

    public sealed record CloseIdle
    {
        public static readonly CloseIdle Instance = new();
    }
}
