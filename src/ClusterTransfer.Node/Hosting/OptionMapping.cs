using ClusterTransfer.Node.Configuration;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;

namespace ClusterTransfer.Node.Hosting;

/// <summary>Hands each project its part of the node's options.</summary>
internal static class OptionMapping
{
    public static Transport.Connections.DataPlaneOptions DataPlane(NodeOptions options) => new()
    {
        MaxConnectionsPerPeer = options.DataPlane.MaxConnectionsPerPeer,
        HandshakeTimeout = options.DataPlane.HandshakeTimeout,
        HeartbeatInterval = options.DataPlane.HeartbeatInterval,
        HeartbeatMisses = options.DataPlane.HeartbeatMisses,
    };

    public static PeerOptions Peers(NodeOptions options) => new() { MaxConnections = options.DataPlane.MaxConnectionsPerPeer };

    public static SessionOptions Sessions(NodeOptions options) => new()
    {
        Connections = options.DataPlane.Connections,
        WindowBytes = options.DataPlane.SessionWindowBytes,
        ChunkSize = options.DataPlane.ChunkSizeBytes,
        AckTimeout = options.DataPlane.AckTimeout,
        AckTimeoutRepeats = options.DataPlane.AckRepeats,
        StrictConnectTimeout = options.Transfers.StrictConnectTimeout,
        ChunkAttempts = options.Transfers.ChunkRetries,
        CheckpointBytes = options.Transfers.CheckpointBytes,
        CheckpointInterval = options.Transfers.CheckpointInterval,
        ProgressInterval = options.Transfers.ProgressInterval,
        DrainLimit = options.Transfers.DrainLimit,
    };

    public static CoordinationOptions Coordination(NodeOptions options) => new()
    {
        RetryMin = options.Transfers.SessionRetryMin,
        RetryMax = options.Transfers.SessionRetryMax,
        SpaceRetry = options.Transfers.SpaceRetry,
        KeepFailed = options.Transfers.KeepFailed,
        ProgressBytes = options.Transfers.ProgressBytes,
        ProgressTime = options.Transfers.ProgressTime,
    };

    public static Bus.BusOptions Bus(NodeOptions options) => new()
    {
        ReconnectMin = options.Bus.ReconnectMin,
        ReconnectMax = options.Bus.ReconnectMax,
        HeartbeatInterval = options.Bus.HeartbeatInterval,
        HeartbeatMisses = options.Bus.HeartbeatMisses,
    };
}
