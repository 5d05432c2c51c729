using ClusterTransfer.Model;

namespace ClusterTransfer.Bus.Frames;

/// <summary>Why a link ended.</summary>
internal enum LinkEndReason
{
    /// <summary>The peer closed it or is gone.</summary>
    PeerClosed,

    /// <summary>The peer said why it does not want us.</summary>
    RefusedByPeer,

    /// <summary>We said why we do not want the peer: it broke the protocol or is not who it says.</summary>
    RefusedByUs,

    /// <summary>No sign of life for too long.</summary>
    HeartbeatLost,

    /// <summary>The peer did not take its messages in time.</summary>
    SlowConsumer,

    /// <summary>This end stops, or another link took its place.</summary>
    Stopped,
}

/// <summary>How a link ended.</summary>
internal sealed record LinkEnd(LinkEndReason Reason, Problem Problem);
