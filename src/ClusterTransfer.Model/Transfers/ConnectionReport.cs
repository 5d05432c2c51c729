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
    long Forgiven = 0)
{
    // Beyond an hour it is no measurement. Other nodes say these things: what cannot be is as unknown as what was not said.
    private const double MaxRoundTripMs = 3_600_000;

    /// <summary>Whether it gets no chunks now, because more connections than are in use moved the transfer no faster.</summary>
    public bool Rests { get; init; }

    /// <summary>Round-trip time in milliseconds as the source's system has measured it; null when it does not say.</summary>
    public double? RoundTripMs { get; init => field = value is >= 0 and <= MaxRoundTripMs ? value : null; }

    /// <summary>Bytes a second that arrived when that was last measured; null when it was not.</summary>
    public long? DeliveryRate { get; init => field = value >= 0 ? value : null; }

    /// <summary>Share of the bytes on the wire that were sent again, 0 to 1; null when it is not known.</summary>
    public double? SentAgain { get; init => field = value is >= 0 and <= 1 ? value : null; }
}
