using ClusterTransfer.Model;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Peers;

/// <summary>Messages of <see cref="ConnectionActor"/>.</summary>
internal static class ConnectionProtocol
{
    /// <summary>Carry this source session: prove it to the other end, then tell the session that the connection joined.</summary>
    public sealed record BindSession(SessionBinding Binding);

    /// <summary>Carry it no longer.</summary>
    public sealed record UnbindSession(SessionId SessionId);

    /// <summary>A proof arrived: a request at the destination, the answer to ours at the source.</summary>
    /// <param name="Header">Names the session.</param>
    /// <param name="Proof">What was proven.</param>
    /// <param name="Handled">To be completed when the proof has had its effect: the frames behind it wait for that.</param>
    public sealed record ProofReceived(FrameHeader Header, SessionProofBody Proof, TaskCompletionSource Handled);

    /// <summary>The other end does not accept the proof of a session, or does not know the session yet.</summary>
    public sealed record ProofRefused(SessionId SessionId, Epoch Epoch, NackReason Reason, string Detail);

    /// <summary>Time to offer the proof of a session once more.</summary>
    public sealed record ProveAgain(SessionId SessionId);

    /// <summary>Both pumps have ended; the socket is closed.</summary>
    public sealed record PumpsEnded(PumpEnd End);

    /// <summary>A session gives this connection up, for example after acknowledgements stayed away.</summary>
    public sealed record GiveUp(Problem Problem);

    /// <summary>The bounded queue of control frames is full: the peer does not read.</summary>
    public sealed record QueueFull
    {
        public static readonly QueueFull Instance = new();
    }
}

/// <summary>What a connection tells the sessions it carries.</summary>
internal static class ConnectionFacts
{
    /// <summary>The session is proven at both ends of the connection.</summary>
    public sealed record ConnectionJoined(ConnectionHandle Connection);

    /// <summary>The connection is gone; what was in flight on it was not acknowledged.</summary>
    public sealed record ConnectionLeft(int Number, PumpEnd End);

    /// <summary>The peer could not be dialled.</summary>
    public sealed record DialFailed(Problem Problem);

    /// <summary>The other end refuses the session for good.</summary>
    public sealed record SessionRefusedByPeer(NackReason Reason, string Detail);
}
