namespace ClusterTransfer.Transfers.Sessions;

/// <summary>Limits and intervals of sessions; HOCON sections <c>cluster-transfer.data-plane</c> and <c>cluster-transfer.transfers</c>.</summary>
public sealed record SessionOptions
{
    /// <summary>Data connections a session asks for when the user did not say. 1 to 16.</summary>
    public int Connections { get; init; } = 4;

    /// <summary>Connections that such a session may come to use when more of them move it faster. As many as <see cref="Connections"/>: it keeps to those.</summary>
    public int MaxConnections { get; init; } = 8;

    /// <summary>How long the connections of a strict transfer may be incomplete, at its start or after a loss, before it fails.</summary>
    public TimeSpan StrictConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Payload bytes that may be on the way in one session, sent and not yet acknowledged as received.</summary>
    public long WindowBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Smallest chunk size, a power of two from 1 MiB to 16 MiB; large files use larger ones.</summary>
    public int ChunkSize { get; init; } = 4 * 1024 * 1024;

    /// <summary>Received bytes after which they are made durable.</summary>
    public long CheckpointBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>The longest time received bytes wait to be made durable.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a session reports its progress.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often an unanswered report of a session's end is repeated.</summary>
    public TimeSpan ReportInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest time this process may not have run without asking the coordinator whether its sessions are still its own. Half the heartbeat interval of the bus: the hub
    /// lets nobody take the place of a node that answers within one.</summary>
    public TimeSpan LongestGap { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Manifest pages a source works on at the same time.</summary>
    public int ActivePages { get; init; } = 4;
}
