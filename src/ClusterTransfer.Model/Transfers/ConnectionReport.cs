namespace ClusterTransfer.Model;

/// <summary>A live data connection of a transfer as its source sees it.</summary>
/// <param name="Number">Its number at the source's node, as in the events and in the evidence of a parked chunk.</param>
/// <param name="Peer">The node at the other end.</param>
/// <param name="RemoteAddress">Address and port of the other end.</param>
/// <param name="OpenedAt">When it stood, UTC.</param>
/// <param name="BytesSent">Payload bytes of this transfer sent over it, repeats included.</param>
/// <param name="ChunksInFlight">Chunks of this transfer that are sent and not yet answered.</param>
/// <param name="ChunksRefused">Chunks of this transfer that arrived damaged over it.</param>
public sealed record ConnectionReport(
    int Number, NodeId Peer, string RemoteAddress, DateTimeOffset OpenedAt, long BytesSent, int ChunksInFlight, long ChunksRefused);
