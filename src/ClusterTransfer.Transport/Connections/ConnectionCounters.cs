namespace ClusterTransfer.Transport.Connections;

/// <summary>What the pumps count; each field has one writer at a time or is added to atomically.</summary>
internal sealed class ConnectionCounters
{
    public long BytesSent;
    public long BytesReceived;
    public long FramesSent;
    public long FramesReceived;
    public long FramesRefused;
    public long PingsSent;
    public long PingsAnswered;
    public long ControlFramesRefused;
    public long ChunkWaits;
    public long LastRoundTripTicks = -1;

    public static void Add(ref long counter, long amount = 1) => Interlocked.Add(ref counter, amount);

    public ConnectionStatistics Snapshot()
    {
        long roundTrip = Interlocked.Read(ref LastRoundTripTicks);
        return new ConnectionStatistics(
            Interlocked.Read(ref BytesSent),
            Interlocked.Read(ref BytesReceived),
            Interlocked.Read(ref FramesSent),
            Interlocked.Read(ref FramesReceived),
            Interlocked.Read(ref FramesRefused),
            Interlocked.Read(ref PingsSent),
            Interlocked.Read(ref PingsAnswered),
            Interlocked.Read(ref ControlFramesRefused),
            Interlocked.Read(ref ChunkWaits),
            roundTrip < 0 ? null : TimeSpan.FromTicks(roundTrip));
    }
}
