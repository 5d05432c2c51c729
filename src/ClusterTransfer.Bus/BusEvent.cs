using ClusterTransfer.Model;

namespace ClusterTransfer.Bus;

/// <summary>What kind of thing happened on the bus; the composition root turns it into a log line.</summary>
public enum BusEventKind
{
    /// <summary>A link is up.</summary>
    LinkUp,

    /// <summary>A link ended.</summary>
    LinkDown,

    /// <summary>A node was not let in, or the hub did not let us in.</summary>
    LinkRefused,

    /// <summary>A message was dropped, with the reason: unknown type, no such receiver.</summary>
    MessageRejected,

    /// <summary>A link was closed because it did not take its messages in time.</summary>
    SlowConsumer,

    /// <summary>The receiver threw.</summary>
    ReceiverFailed,
}

/// <summary>Something that happened on the bus.</summary>
/// <param name="Kind">Which kind.</param>
/// <param name="Peer">The node it is about; null when none is known.</param>
/// <param name="Problem">Why; null when all is well.</param>
public sealed record BusEvent(BusEventKind Kind, NodeId? Peer, Problem? Problem);
