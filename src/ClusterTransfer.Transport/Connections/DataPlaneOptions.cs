using ClusterTransfer.Transport.Records;

namespace ClusterTransfer.Transport.Connections;

/// <summary>Limits of data connections; HOCON section <c>cluster-transfer.data-plane</c>. What a peer announces may only tighten them.</summary>
public sealed record DataPlaneOptions
{
    /// <summary>Largest chunk payload taken, in bytes: 1 MiB to 16 MiB. Default 16 MiB.</summary>
    public int MaxChunkBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>What guards the bytes once TLS has proven both ends. Default sealed; a peer that has only TLS gets that.
    /// Plain is for measurements alone, and taken only from a peer that offers it too.</summary>
    public RecordLayer RecordLayer { get; init; } = RecordLayer.Sealed;

    /// <summary>Open connections taken from one peer, shared by all its sessions. Default 16.</summary>
    public int MaxConnectionsPerPeer { get; init; } = 16;

    /// <summary>Time for TLS handshake and Hello together. Default 5 s: a slot must not be held by silence.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time for name resolution and TCP connect. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Silence after which a sign of life is asked for and given. Default 5 s.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Intervals without progress after which the peer counts as dead. Default 3.</summary>
    public int HeartbeatMisses { get; init; } = 3;

    /// <summary>Bytes that count as progress within a frame that is still incomplete. Default 4 KiB: a trickle does not keep a connection.</summary>
    public int ProgressBytes { get; init; } = 4 * 1024;

    /// <summary>Time for a Goodbye and for the peer to close in turn. Default 1 s.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Peers that may be in their handshake at once. Default 256.</summary>
    public int MaxUnauthenticated { get; init; } = 256;

    /// <summary>The same from one address. Default 20.</summary>
    public int MaxUnauthenticatedPerAddress { get; init; } = 20;

    /// <summary>Control frames that may wait to be sent. Default 64.</summary>
    public int ControlQueueFrames { get; init; } = 64;

    /// <summary>Chunk frames that may wait to be sent, beside the one being written. Default 2.</summary>
    public int ChunkQueueFrames { get; init; } = 2;

    /// <summary>Refused frames after which a connection is closed. Default 3.</summary>
    public int MaxRefusedFrames { get; init; } = 3;

    /// <summary>Socket buffer in bytes, each direction; null (default) leaves it to the kernel, which grows it as the link needs.</summary>
    public int? SocketBufferBytes { get; init; }

    /// <summary>Time within which a silent or stalled peer is noticed.</summary>
    public TimeSpan HeartbeatBudget => HeartbeatInterval * HeartbeatMisses;

    /// <summary>All problems at once, each naming its key. Empty when valid.</summary>
    public IEnumerable<string> Validate()
    {
        foreach ((string key, long value, long min, long max) in ((string, long, long, long)[])
        [
            ("max-chunk-bytes", MaxChunkBytes, 1024 * 1024, 16 * 1024 * 1024),
            ("max-connections-per-peer", MaxConnectionsPerPeer, 1, 1024),
            ("heartbeat-misses", HeartbeatMisses, 2, 100),
            ("progress-bytes", ProgressBytes, 1, 1024 * 1024),
            ("max-unauthenticated", MaxUnauthenticated, 1, 100_000),
            ("max-unauthenticated-per-address", MaxUnauthenticatedPerAddress, 1, 100_000),
            ("control-queue-frames", ControlQueueFrames, 8, 4096),
            ("chunk-queue-frames", ChunkQueueFrames, 1, 64),
            ("max-refused-frames", MaxRefusedFrames, 1, 1000),
            ("socket-buffer", SocketBufferBytes ?? 4096, 4096, 1024 * 1024 * 1024),
        ])
        {
            if (value < min || value > max)
            {
                yield return $"data-plane.{key}: want {min} to {max}; got {value}.";
            }
        }

        foreach ((string key, TimeSpan value) in ((string, TimeSpan)[])
        [
            ("handshake-timeout", HandshakeTimeout),
            ("connect-timeout", ConnectTimeout),
            ("heartbeat-interval", HeartbeatInterval),
            ("close-timeout", CloseTimeout),
        ])
        {
            if (value < TimeSpan.FromMilliseconds(10) || value > TimeSpan.FromHours(1))
            {
                yield return $"data-plane.{key}: want 10 ms to 1 h; got {value}.";
            }
        }
    }
}
