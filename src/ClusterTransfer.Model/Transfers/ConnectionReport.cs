namespace ClusterTransfer.Model;

/// <summary>A live data connection of a transfer as its source sees it.</summary>
/// <param name="Number">Its number at the source's node, as in the events and in the evidence of a parked chunk.</param>
/// <param name="Peer">The node at the other end.</param>
/// <param name="RemoteAddress">Address and port of the other end.</param>
/// <param name="OpenedAt">When it stood, UTC.</param>
/// <param name="BytesSent">Payload bytes of this transfer sent over it, repeats included.</param>
/// <param name="ChunksInFlight">Chunks of this transfer that are sent and not yet answered.</param>
/// <param name="ChunksRefused">Chunks of this transfer that arrived damaged over it.</param>
/// <param name="Score">Bad chunks and frames of all its transfers that are not forgiven; at the limit of the policy it is closed.</param>
/// <param name="Bad">All bad chunks and frames it brought.</param>
/// <param name="Good">Chunks of all its transfers that arrived undamaged.</param>
/// <param name="Forgiven">Of the bad ones, those forgiven.</param>
public sealed record ConnectionReport(
    int Number,
    NodeId Peer,
    string RemoteAddress,
    DateTimeOffset OpenedAt,
    long BytesSent,
    int ChunksInFlight,
    long ChunksRefused,
    int Score = 0,
    long Bad = 0,
    long Good = 0,
    long Forgiven = 0);
