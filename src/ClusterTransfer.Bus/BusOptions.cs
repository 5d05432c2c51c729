namespace ClusterTransfer.Bus;

/// <summary>Limits and times of the bus; HOCON section <c>cluster-transfer.bus</c>.</summary>
public sealed record BusOptions
{
    /// <summary>JSON of one control message in bytes. Default 64 KiB: session messages stay far below.</summary>
    public int MaxMessageBytes { get; init; } = 64 * 1024;

    /// <summary>JSON of one hub reply, and of the list of members, in bytes. Default 1 MiB: a full page of transfers with their issues.</summary>
    public int MaxReplyBytes { get; init; } = 1024 * 1024;

    /// <summary>Messages that may wait to be sent on one link, or to be delivered to the receiver. Default 1,024.</summary>
    public int QueueLength { get; init; } = 1024;

    /// <summary>Bytes that may wait in such a queue. Default 8 MiB.</summary>
    public int QueueBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Calls of <c>SendAsync</c> that may wait for room in one queue. Default 16,384; one more is refused at once.</summary>
    public int MaxWaitingSends { get; init; } = 16 * 1024;

    /// <summary>How long a full queue may stay without room before its link is closed as too slow. Default 1 s: well below the heartbeat's patience.</summary>
    public TimeSpan SlowConsumerGrace { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time between pings. Default 3 s.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Intervals without a sign of life after which a link is dead. Default 3.</summary>
    public int HeartbeatMisses { get; init; } = 3;

    /// <summary>Time for the first frame of a link, and for the answer to it. Default 5 s; the answer may take one heartbeat interval more.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>First pause before the hub is dialled again. Default 250 ms; doubled each time, with jitter.</summary>
    public TimeSpan ReconnectMin { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest such pause, and how long a link must live for the pauses to start anew. Default 10 s.</summary>
    public TimeSpan ReconnectMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Nodes that may be connected to a hub. Default 256.</summary>
    public int MaxMembers { get; init; } = 256;

    /// <summary>Members that are remembered after they left. Default 256.</summary>
    public int MaxKnownMembers { get; init; } = 256;

    /// <summary>All problems at once, each naming its key. Empty when valid.</summary>
    public IEnumerable<string> Validate()
    {
        if (MaxMessageBytes is < 1024 or > 1024 * 1024)
        {
            yield return $"bus.max-message: want 1 KiB to 1 MiB; got {MaxMessageBytes}.";
        }

        if (MaxReplyBytes < MaxMessageBytes || MaxReplyBytes > 16 * 1024 * 1024)
        {
            yield return $"bus.max-reply: want bus.max-message to 16 MiB; got {MaxReplyBytes}.";
        }

        if (QueueLength is < 1 or > 65_536)
        {
            yield return $"bus.queue-length: want 1 to 65536; got {QueueLength}.";
        }

        if (QueueBytes < MaxReplyBytes)
        {
            yield return $"bus.queue-bytes: want at least bus.max-reply; got {QueueBytes}.";
        }

        if (HeartbeatInterval <= TimeSpan.Zero || HeartbeatMisses < 1)
        {
            yield return $"bus.heartbeat-interval and bus.heartbeat-misses: want more than 0; got {HeartbeatInterval} and {HeartbeatMisses}.";
        }

        if (SlowConsumerGrace <= TimeSpan.Zero || SlowConsumerGrace >= HeartbeatInterval * HeartbeatMisses)
        {
            yield return $"bus.slow-consumer-grace: want more than 0 and less than the heartbeat's patience; got {SlowConsumerGrace}.";
        }

        if (ReconnectMin <= TimeSpan.Zero || ReconnectMax < ReconnectMin)
        {
            yield return $"bus.reconnect-min and bus.reconnect-max: want more than 0 and not descending; got {ReconnectMin} and {ReconnectMax}.";
        }

        if (HandshakeTimeout <= TimeSpan.Zero || MaxMembers < 1 || MaxKnownMembers < 1 || MaxWaitingSends < 1)
        {
            yield return "bus.handshake-timeout, bus.max-members, bus.max-known-members, bus.max-waiting-sends: want more than 0.";
        }
    }
}
