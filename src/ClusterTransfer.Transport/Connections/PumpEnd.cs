using ClusterTransfer.Model;

namespace ClusterTransfer.Transport.Connections;

/// <summary>Why a connection ended.</summary>
public enum PumpEndReason
{
    /// <summary>This end completed: everything queued was sent, then Goodbye.</summary>
    Drained,

    /// <summary>The peer closed between two frames, with a Goodbye or without.</summary>
    PeerClosed,

    /// <summary>The connection broke, perhaps inside a frame.</summary>
    Reset,

    /// <summary>The peer was silent, or did not read, for longer than the heartbeat budget.</summary>
    HeartbeatLost,

    /// <summary>The peer broke the protocol.</summary>
    ProtocolViolation,

    /// <summary>The owner's token fired, or it disposed the connection.</summary>
    Cancelled,

    /// <summary>The receiver threw, or a bug.</summary>
    Faulted,
}

/// <summary>How a connection ended.</summary>
/// <param name="Reason">Which kind.</param>
/// <param name="Problem">What about it is worth telling; null for an orderly end.</param>
public sealed record PumpEnd(PumpEndReason Reason, Problem? Problem);
