namespace ClusterTransfer.Transport.Quality;

/// <summary>What the system knows of the path below one connection, in the direction in which this end sends.</summary>
/// <param name="RoundTrip">Smoothed round-trip time.</param>
/// <param name="LeastRoundTrip">The shortest of the last while: the path without queues.</param>
/// <param name="BytesAcknowledged">Bytes that the other end's system has acknowledged, since the connection stands, TLS included.</param>
/// <param name="BytesPutOnWire">Bytes of segments that were sent, those that were sent again included.</param>
/// <param name="BytesSentAgain">Of them, what was sent again because it was lost or believed to be.</param>
/// <param name="DeliveryRate">Bytes a second that arrived when that was last measured; 0 when it was not yet.</param>
public readonly record struct LinkQuality(
    TimeSpan RoundTrip,
    TimeSpan LeastRoundTrip,
    long BytesAcknowledged,
    long BytesPutOnWire,
    long BytesSentAgain,
    long DeliveryRate);
