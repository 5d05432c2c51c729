using ClusterTransfer.Model;
using ClusterTransfer.Transfers.Policies;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;
using SessionRole = ClusterTransfer.Model.Control.SessionRole;

namespace ClusterTransfer.Transfers.Peers;

/// <summary>Messages of <see cref="ConnectionActor"/>.</summary>
internal static class ConnectionProtocol
{
    /// <summary>Carry this source session: prove it to the other end, then tell the session that the connection joined.</summary>
    public sealed record BindSession(SessionBinding Binding);

    /// <summary>Carry that end of the session no longer, if this connection does.</summary>
    public sealed record UnbindSession(SessionId SessionId, SessionRole Role);

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

    /// <summary>A chunk or frame that came over the connection, or went over it, was looked at.</summary>
    /// <param name="Damage">What was wrong with it; null for nothing.</param>
    public sealed record Judged(string? Damage);

    /// <summary>Time may have forgiven something.</summary>
    public sealed record ForgiveByTime
    {
        public static readonly ForgiveByTime Instance = new();
    }

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

    /// <summary>The connection is gone, or about to be; nothing more comes over it, and what was in flight on it was not acknowledged.</summary>
    public sealed record ConnectionLeft(int Number, PumpEnd End);

    /// <summary>Something damaged was counted, or everything that was is forgiven.</summary>
    /// <param name="Number">The connection.</param>
    /// <param name="Health">Its counts now.</param>
    /// <param name="Limit">The score at which it is closed.</param>
    public sealed record ScoreChanged(int Number, ConnectionHealth Health, int Limit);

    /// <summary>The peer could not be dialled.</summary>
    public sealed record DialFailed(Problem Problem);

    /// <summary>The other end refuses the session for good.</summary>
    public sealed record SessionRefusedByPeer(NackReason Reason, string Detail);
}
