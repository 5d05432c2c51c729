namespace ClusterTransfer.Bus;

/// <summary>Counters of a bus since its start.</summary>
public sealed record BusStatistics
{
    /// <summary>Messages accepted by <c>SendAsync</c>.</summary>
    public long Sent { get; init; }

    /// <summary>Messages given to the receiver.</summary>
    public long Delivered { get; init; }

    /// <summary>Messages passed on between other nodes; hub only.</summary>
    public long Relayed { get; init; }

    /// <summary>Messages dropped: unknown type, wrong size, no such receiver.</summary>
    public long Rejected { get; init; }

    /// <summary>Links that came up.</summary>
    public long LinksUp { get; init; }

    /// <summary>Links that were refused.</summary>
    public long LinksRefused { get; init; }

    /// <summary>Links closed because they did not take their messages in time.</summary>
    public long SlowConsumers { get; init; }

    /// <summary>Links closed after missed heartbeats.</summary>
    public long HeartbeatsLost { get; init; }

    /// <summary>Pongs received.</summary>
    public long Pongs { get; init; }

    /// <summary>How often a sender had to wait for room in a queue.</summary>
    public long QueueWaits { get; init; }
}

/// <summary>The counters behind <see cref="BusStatistics"/>; fields are changed with <see cref="Interlocked"/> only.</summary>
internal sealed class BusCounters
{
    public long Sent;
    public long Delivered;
    public long Relayed;
    public long Rejected;
    public long LinksUp;
    public long LinksRefused;
    public long SlowConsumers;
    public long HeartbeatsLost;
    public long Pongs;
    public long QueueWaits;

    public BusStatistics Snapshot() => new()
    {
        Sent = Interlocked.Read(ref Sent),
        Delivered = Interlocked.Read(ref Delivered),
        Relayed = Interlocked.Read(ref Relayed),
        Rejected = Interlocked.Read(ref Rejected),
        LinksUp = Interlocked.Read(ref LinksUp),
        LinksRefused = Interlocked.Read(ref LinksRefused),
        SlowConsumers = Interlocked.Read(ref SlowConsumers),
        HeartbeatsLost = Interlocked.Read(ref HeartbeatsLost),
        Pongs = Interlocked.Read(ref Pongs),
        QueueWaits = Interlocked.Read(ref QueueWaits),
    };
}
