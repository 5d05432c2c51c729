namespace ClusterTransfer.Transport.Connections;

/// <summary>Counters of one connection at one moment. Bytes are those of frames, without TLS.</summary>
/// <param name="BytesSent">Written to the stream.</param>
/// <param name="BytesReceived">Read from the stream.</param>
/// <param name="FramesSent">All types, each once it is written to the stream.</param>
/// <param name="FramesReceived">All types that were taken.</param>
/// <param name="FramesRefused">Skipped for their type or length.</param>
/// <param name="PingsSent">Asked by this end.</param>
/// <param name="PingsAnswered">Of them, answered by the peer.</param>
/// <param name="ControlFramesRefused">Control frames not taken because the queue was full or closed.</param>
/// <param name="ChunkWaits">Times a chunk waited for room in the queue.</param>
/// <param name="LastRoundTrip">Of the last ping that was answered; null before the first.</param>
public readonly record struct ConnectionStatistics(
    long BytesSent,
    long BytesReceived,
    long FramesSent,
    long FramesReceived,
    long FramesRefused,
    long PingsSent,
    long PingsAnswered,
    long ControlFramesRefused,
    long ChunkWaits,
    TimeSpan? LastRoundTrip)
{
    /// <summary>Time that sealing took; zero where TLS does it.</summary>
    public TimeSpan Sealing { get; init; }

    /// <summary>Time that opening took; zero where TLS does it.</summary>
    public TimeSpan Opening { get; init; }

    /// <summary>Time in which nothing was read because what had come found no buffer, or its receiver was busy.</summary>
    public TimeSpan Blocked { get; init; }
}
