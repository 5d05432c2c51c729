using ClusterTransfer.Model;
using ClusterTransfer.Transport.Records;

namespace ClusterTransfer.Node.Configuration;

/// <summary>Limits of the data plane; section <c>data-plane</c>. A peer's values may only tighten them.</summary>
public sealed record DataPlaneOptions
{
    private static readonly IReadOnlyDictionary<NodeId, long> NoPeerLimits = new Dictionary<NodeId, long>();

    /// <summary>Smallest size of a chunk in bytes, which large files double: a power of two, 1 MiB to 16 MiB. Default 4 MiB.</summary>
    public int ChunkSizeBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>What guards data once TLS has proven both nodes: sealed records (default) or those of TLS.</summary>
    public RecordLayer RecordLayer { get; init; } = RecordLayer.Sealed;

    /// <summary>Data connections wanted for a transfer that asks for no number, 1 to 16. Default 4.</summary>
    public int Connections { get; init; } = 4;

    /// <summary>Connections that such a transfer may come to use when more of them move it faster. At least <see cref="Connections"/>; as many, and it keeps to those.</summary>
    public int MaxConnections { get; init; } = 8;

    /// <summary>Data connections to one peer, shared by all its sessions, 1 to 256. Default 16.</summary>
    public int MaxConnectionsPerPeer { get; init; } = 16;

    /// <summary>Bytes of one session that may be on their way at once, 8 MiB to 1 GiB and at least two chunks. Default 64 MiB.</summary>
    public long SessionWindowBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Memory of the node for payload buffers in bytes, 8 MiB to 64 GiB and at least two chunks. Default 64 MiB.</summary>
    public long BufferPoolBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Most bytes per second that this node sends, over all transfers; null for no limit, the default. 64 KiB to 1 TiB.</summary>
    public long? Limit { get; init; }

    /// <summary>Most bytes per second that this node sends to each of these nodes. A node that is not named has no such limit.</summary>
    public IReadOnlyDictionary<NodeId, long> PeerLimits { get; init; } = NoPeerLimits;

    /// <summary>Threads for disks and hashing, 1 to 64. Default 4.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>How long TLS and the first frame of a connection may take together, 1 s to 60 s. Default 5 s.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often an idle connection is checked, 100 ms to 60 s. Default 5 s.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Checks without an answer after which a connection is given up, 1 to 20. Default 3.</summary>
    public int HeartbeatMisses { get; init; } = 3;

    /// <summary>How long a chunk may stay without acknowledgement before it is sent again, 100 ms to 10 min. Default 30 s.</summary>
    public TimeSpan AckTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Acknowledgements missing in a row after which a connection is given up, 1 to 20. Default 3.</summary>
    public int AckRepeats { get; init; } = 3;
}
