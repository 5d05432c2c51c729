using ClusterTransfer.Model;
using ClusterTransfer.Node.Configuration;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transport.Records;

namespace ClusterTransfer.Node.Hosting;

/// <summary>Hands each project its part of the node's options.</summary>
internal static class OptionMapping
{
    /// <param name="options">The node's.</param>
    /// <param name="environment">Asked for <see cref="UnsafePlainData.Variable"/> alone. A node that is to speak TLS only does, whatever it says.</param>
    public static Transport.Connections.DataPlaneOptions DataPlane(NodeOptions options, Func<string, string?> environment) => new()
    {
        RecordLayer = options.DataPlane.RecordLayer switch
        {
            RecordLayer.Sealed => UnsafePlainData.IsAllowed(environment) ? RecordLayer.Plain : RecordLayer.Sealed,
            RecordLayer.Tls => RecordLayer.Tls,
            _ => throw new ArgumentException($"data-plane.record-layer: want sealed or tls; got {options.DataPlane.RecordLayer}.", nameof(options)),
        },
        MaxConnectionsPerPeer = options.DataPlane.MaxConnectionsPerPeer,
        HandshakeTimeout = options.DataPlane.HandshakeTimeout,
        HeartbeatInterval = options.DataPlane.HeartbeatInterval,
        HeartbeatMisses = options.DataPlane.HeartbeatMisses,
    };

    public static PeerOptions Peers(NodeOptions options) => new() { MaxConnections = options.DataPlane.MaxConnectionsPerPeer };

    public static SessionOptions Sessions(NodeOptions options) => new()
    {
        Connections = options.DataPlane.Connections,
        MaxConnections = options.DataPlane.MaxConnections,
        WindowBytes = options.DataPlane.SessionWindowBytes,
        ChunkSize = options.DataPlane.ChunkSizeBytes,
        StrictConnectTimeout = options.Transfers.StrictConnectTimeout,
        CheckpointBytes = options.Transfers.CheckpointBytes,
        CheckpointInterval = options.Transfers.CheckpointInterval,
        ProgressInterval = options.Transfers.ProgressInterval,
        LongestGap = options.Bus.HeartbeatInterval / 2,
    };

    public static CoordinationOptions Coordination(NodeOptions options) => new()
    {
        RetryMin = options.Transfers.SessionRetryMin,
        RetryMax = options.Transfers.SessionRetryMax,
        SpaceRetry = options.Transfers.SpaceRetry,
        KeepFailed = options.Transfers.KeepFailed,
        KeepEnded = options.Transfers.KeepEnded,
        Policies = Policies(options),
    };

    private static TransferPolicies Policies(NodeOptions options) => new()
    {
        ChunkRetry = new ChunkRetryPolicy
        {
            Attempts = options.Transfers.ChunkRetries,
            PauseMin = options.Transfers.ChunkRetryMin,
            PauseMax = options.Transfers.ChunkRetryMax,
        },
        Acknowledgement = new AcknowledgementPolicy { Timeout = options.DataPlane.AckTimeout, Repeats = options.DataPlane.AckRepeats },
        BadChunks = new BadChunkPolicy
        {
            Limit = options.Transfers.BadChunkLimit,
            Decay = options.Transfers.BadChunkDecay,
            GoodPerBad = options.Transfers.BadChunkDecayGood,
            ForgiveAfter = options.Transfers.BadChunkDecayTime,
        },
        Progress = new ProgressPolicy { Bytes = options.Transfers.ProgressBytes, Within = options.Transfers.ProgressTime },
        Drain = new DrainPolicy { Limit = options.Transfers.DrainLimit },
        Compression = options.Transfers.Compression,
        Checkpoint = new CheckpointPolicy { Bytes = options.Transfers.CheckpointBytes, Interval = options.Transfers.CheckpointInterval },
    };

    public static Bus.BusOptions Bus(NodeOptions options) => new()
    {
        ReconnectMin = options.Bus.ReconnectMin,
        ReconnectMax = options.Bus.ReconnectMax,
        HeartbeatInterval = options.Bus.HeartbeatInterval,
        HeartbeatMisses = options.Bus.HeartbeatMisses,
    };
}
