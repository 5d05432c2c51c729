using System.Net;
using System.Numerics;
using ClusterTransfer.Transport.Records;

namespace ClusterTransfer.Node.Configuration;

/// <summary>Every key of the configuration but the locations, which have names of their own.</summary>
internal static class ConfigurationKeys
{
    /// <summary>The section that holds all keys.</summary>
    public const string Root = "cluster-transfer";

    private const long KiB = 1024;
    private const long MiB = 1024 * KiB;
    private const long GiB = 1024 * MiB;
    private const string ListenWanted = "an IP address and port such as 127.0.0.1:7400 or [::]:7400, port 0 for any free one";
    private const string AddressWanted = "host:port";

    /// <summary>The keys in the order of the reference file.</summary>
    public static readonly IReadOnlyList<ConfigurationKey> All =
    [
        new ConfigurationKey<Model.NodeId>("node.name", "1 to 63 of a-z, 0-9 and '-', the name in this node's certificate", ValueKinds.NodeName,
            o => o.Name, (o, v) => o with { Name = v }, isRequired: true),
        Required("node.state-folder", "a folder that is private to this node", o => o.StateFolder, (o, v) => o with { StateFolder = v }),

        new ConfigurationKey<bool>("hub.enabled", "true or false", ValueKinds.Switch, o => o.Hub.Enabled, (o, v) => o with { Hub = o.Hub with { Enabled = v } }),
        new ConfigurationKey<IPEndPoint>("hub.listen", ListenWanted, ValueKinds.Listen, o => o.Hub.Listen, (o, v) => o with { Hub = o.Hub with { Listen = v } }),
        new ConfigurationKey<string?>("hub.address", $"{AddressWanted} of the hub, or null on the hub", ValueKinds.OptionalAddress,
            o => o.Hub.Address, (o, v) => o with { Hub = o.Hub with { Address = v } }),

        new ConfigurationKey<IPEndPoint>("api.listen", "a loopback address and port such as 127.0.0.1:7400 or [::1]:7400, port 0 for any free one", ValueKinds.Listen,
            o => o.Api.Listen, (o, v) => o with { Api = o.Api with { Listen = v } }, v => IPAddress.IsLoopback(v.Address)),
        new ConfigurationKey<string?>("api.token-file", "a file, or null for api-token in the state folder", ValueKinds.OptionalFile,
            o => o.Api.TokenFile, (o, v) => o with { Api = o.Api with { TokenFile = v } }),

        new ConfigurationKey<IPEndPoint>("data.listen", ListenWanted, ValueKinds.Listen, o => o.Data.Listen, (o, v) => o with { Data = o.Data with { Listen = v } }),
        new ConfigurationKey<IReadOnlyList<string>>("data.advertise", $"a list of {AddressWanted}, at most 16", ValueKinds.Addresses,
            o => o.Data.Advertise, (o, v) => o with { Data = o.Data with { Advertise = v } }, v => v.Count <= 16),

        Required("tls.authority", "a PEM file with the cluster's CA certificate", o => o.Tls.Authority, (o, v) => o with { Tls = o.Tls with { Authority = v } }),
        Required("tls.certificate", "a PEM file with this node's certificate", o => o.Tls.Certificate, (o, v) => o with { Tls = o.Tls with { Certificate = v } }),
        Required("tls.key", "a PEM file with this node's private key", o => o.Tls.Key, (o, v) => o with { Tls = o.Tls with { Key = v } }),

        new ConfigurationKey<int>("data-plane.chunk-size", "a power of two, 1MiB to 16MiB", ValueKinds.IntSize, o => o.DataPlane.ChunkSizeBytes,
            (o, v) => o with { DataPlane = o.DataPlane with { ChunkSizeBytes = v } }, v => BitOperations.IsPow2(v) && v >= MiB && v <= 16 * MiB),
        new ConfigurationKey<RecordLayer>("data-plane.record-layer", "sealed or tls", ValueKinds.Records, o => o.DataPlane.RecordLayer,
            (o, v) => o with { DataPlane = o.DataPlane with { RecordLayer = v } }, v => v is RecordLayer.Sealed or RecordLayer.Tls),
        Number("data-plane.connections", 1, 16, o => o.DataPlane.Connections, (o, v) => o with { DataPlane = o.DataPlane with { Connections = v } }),
        Number("data-plane.max-connections", 1, 16, o => o.DataPlane.MaxConnections, (o, v) => o with { DataPlane = o.DataPlane with { MaxConnections = v } }),
        Number("data-plane.max-connections-per-peer", 1, 256, o => o.DataPlane.MaxConnectionsPerPeer,
            (o, v) => o with { DataPlane = o.DataPlane with { MaxConnectionsPerPeer = v } }),
        Size("data-plane.session-window", 8 * MiB, GiB, o => o.DataPlane.SessionWindowBytes, (o, v) => o with { DataPlane = o.DataPlane with { SessionWindowBytes = v } }),
        Size("data-plane.buffer-pool", 64 * MiB, 64 * GiB, o => o.DataPlane.BufferPoolBytes, (o, v) => o with { DataPlane = o.DataPlane with { BufferPoolBytes = v } }),
        new ConfigurationKey<long?>("data-plane.limit", RateKinds.Wanted, RateKinds.Rate, o => o.DataPlane.Limit,
            (o, v) => o with { DataPlane = o.DataPlane with { Limit = v } }, Model.RateLimit.IsValid),
        new ConfigurationKey<IReadOnlyDictionary<Model.NodeId, long>>("data-plane.peer-limits", RateKinds.WantedOfPeers, RateKinds.PeerRates, o => o.DataPlane.PeerLimits,
            (o, v) => o with { DataPlane = o.DataPlane with { PeerLimits = v } }, v => v.Values.All(rate => Model.RateLimit.IsValid(rate)), culprits: RateKinds.Culprits),
        Number("data-plane.workers", 1, 64, o => o.DataPlane.Workers, (o, v) => o with { DataPlane = o.DataPlane with { Workers = v } }),
        Time("data-plane.handshake-timeout", Seconds(1), Seconds(60), o => o.DataPlane.HandshakeTimeout,
            (o, v) => o with { DataPlane = o.DataPlane with { HandshakeTimeout = v } }),
        Time("data-plane.heartbeat-interval", Seconds(0.1), Seconds(60), o => o.DataPlane.HeartbeatInterval,
            (o, v) => o with { DataPlane = o.DataPlane with { HeartbeatInterval = v } }),
        Number("data-plane.heartbeat-misses", 1, 20, o => o.DataPlane.HeartbeatMisses, (o, v) => o with { DataPlane = o.DataPlane with { HeartbeatMisses = v } }),
        Time("data-plane.ack-timeout", Seconds(0.1), Seconds(600), o => o.DataPlane.AckTimeout, (o, v) => o with { DataPlane = o.DataPlane with { AckTimeout = v } }),
        Number("data-plane.ack-repeats", 1, 20, o => o.DataPlane.AckRepeats, (o, v) => o with { DataPlane = o.DataPlane with { AckRepeats = v } }),

        Number("transfers.chunk-retries", 1, 100, o => o.Transfers.ChunkRetries, (o, v) => o with { Transfers = o.Transfers with { ChunkRetries = v } }),
        Time("transfers.chunk-retry-min", Seconds(0.01), Seconds(60), o => o.Transfers.ChunkRetryMin,
            (o, v) => o with { Transfers = o.Transfers with { ChunkRetryMin = v } }),
        Time("transfers.chunk-retry-max", Seconds(0.01), Seconds(600), o => o.Transfers.ChunkRetryMax,
            (o, v) => o with { Transfers = o.Transfers with { ChunkRetryMax = v } }),
        Number("transfers.bad-chunk-limit", 1, 100, o => o.Transfers.BadChunkLimit, (o, v) => o with { Transfers = o.Transfers with { BadChunkLimit = v } }),
        new ConfigurationKey<Model.BadChunkDecay>("transfers.bad-chunk-decay", "good, time or both", ValueKinds.Decay,
            o => o.Transfers.BadChunkDecay, (o, v) => o with { Transfers = o.Transfers with { BadChunkDecay = v } }),
        Number("transfers.bad-chunk-decay-good", 1, 1000, o => o.Transfers.BadChunkDecayGood,
            (o, v) => o with { Transfers = o.Transfers with { BadChunkDecayGood = v } }),
        Time("transfers.bad-chunk-decay-time", Seconds(1), TimeSpan.FromHours(24), o => o.Transfers.BadChunkDecayTime,
            (o, v) => o with { Transfers = o.Transfers with { BadChunkDecayTime = v } }),
        new ConfigurationKey<Model.CompressionMode>("transfers.compression", "auto, none, lz4 or zstandard", ValueKinds.Compression,
            o => o.Transfers.Compression, (o, v) => o with { Transfers = o.Transfers with { Compression = v } }),
        Size("transfers.checkpoint-bytes", MiB, GiB, o => o.Transfers.CheckpointBytes, (o, v) => o with { Transfers = o.Transfers with { CheckpointBytes = v } }),
        Time("transfers.checkpoint-interval", Seconds(0.01), Seconds(60), o => o.Transfers.CheckpointInterval,
            (o, v) => o with { Transfers = o.Transfers with { CheckpointInterval = v } }),
        Time("transfers.session-retry-min", Seconds(0.01), Seconds(60), o => o.Transfers.SessionRetryMin,
            (o, v) => o with { Transfers = o.Transfers with { SessionRetryMin = v } }),
        Time("transfers.session-retry-max", Seconds(0.1), Seconds(3600), o => o.Transfers.SessionRetryMax,
            (o, v) => o with { Transfers = o.Transfers with { SessionRetryMax = v } }),
        Time("transfers.strict-connect-timeout", Seconds(0.1), Seconds(3600), o => o.Transfers.StrictConnectTimeout,
            (o, v) => o with { Transfers = o.Transfers with { StrictConnectTimeout = v } }),
        Size("transfers.progress-bytes", 1, GiB, o => o.Transfers.ProgressBytes, (o, v) => o with { Transfers = o.Transfers with { ProgressBytes = v } }),
        Time("transfers.progress-time", Seconds(1), TimeSpan.FromDays(1), o => o.Transfers.ProgressTime,
            (o, v) => o with { Transfers = o.Transfers with { ProgressTime = v } }),
        Time("transfers.drain-limit", Seconds(0.01), Seconds(60), o => o.Transfers.DrainLimit, (o, v) => o with { Transfers = o.Transfers with { DrainLimit = v } }),
        Time("transfers.space-retry", Seconds(1), Seconds(3600), o => o.Transfers.SpaceRetry, (o, v) => o with { Transfers = o.Transfers with { SpaceRetry = v } }),
        Time("transfers.keep-failed", Seconds(60), TimeSpan.FromDays(365), o => o.Transfers.KeepFailed, (o, v) => o with { Transfers = o.Transfers with { KeepFailed = v } }),
        Time("transfers.keep-ended", Seconds(60), TimeSpan.FromDays(3650), o => o.Transfers.KeepEnded, (o, v) => o with { Transfers = o.Transfers with { KeepEnded = v } }),
        Time("transfers.progress-interval", Seconds(0.1), Seconds(60), o => o.Transfers.ProgressInterval,
            (o, v) => o with { Transfers = o.Transfers with { ProgressInterval = v } }),

        Time("bus.reconnect-min", Seconds(0.01), Seconds(60), o => o.Bus.ReconnectMin, (o, v) => o with { Bus = o.Bus with { ReconnectMin = v } }),
        Time("bus.reconnect-max", Seconds(0.1), Seconds(600), o => o.Bus.ReconnectMax, (o, v) => o with { Bus = o.Bus with { ReconnectMax = v } }),
        Time("bus.heartbeat-interval", Seconds(0.1), Seconds(60), o => o.Bus.HeartbeatInterval, (o, v) => o with { Bus = o.Bus with { HeartbeatInterval = v } }),
        Number("bus.heartbeat-misses", 1, 20, o => o.Bus.HeartbeatMisses, (o, v) => o with { Bus = o.Bus with { HeartbeatMisses = v } }),

        new ConfigurationKey<Microsoft.Extensions.Logging.LogLevel>("log.level", "trace, debug, information, warning or error", ValueKinds.Level,
            o => o.Log.Level, (o, v) => o with { Log = o.Log with { Level = v } }),
    ];

    /// <summary>Options with every default and nothing where there is none: what keys are read into.</summary>
    public static NodeOptions Defaults => new() { Name = default, StateFolder = string.Empty, Tls = new TlsOptions(string.Empty, string.Empty, string.Empty) };

    /// <summary>A key without the root section, which may be left out everywhere.</summary>
    public static string Beneath(string key) => key.StartsWith(Root + ".", StringComparison.Ordinal) ? key[(Root.Length + 1)..] : key;

    private static ConfigurationKey<string> Required(string path, string wanted, Func<NodeOptions, string> get, Func<NodeOptions, string, NodeOptions> set) =>
        new(path, wanted, ValueKinds.File, get, set, isRequired: true);

    private static ConfigurationKey<int> Number(string path, int min, int max, Func<NodeOptions, int> get, Func<NodeOptions, int, NodeOptions> set) =>
        new(path, $"{min} to {max}", ValueKinds.Number, get, set, v => v >= min && v <= max);

    private static ConfigurationKey<long> Size(string path, long min, long max, Func<NodeOptions, long> get, Func<NodeOptions, long, NodeOptions> set) =>
        new(path, $"{ValueKinds.Size.Show(min)} to {ValueKinds.Size.Show(max)}", ValueKinds.Size, get, set, v => v >= min && v <= max);

    private static ConfigurationKey<TimeSpan> Time(string path, TimeSpan min, TimeSpan max, Func<NodeOptions, TimeSpan> get, Func<NodeOptions, TimeSpan, NodeOptions> set) =>
        new(path, $"{ValueKinds.Duration.Show(min)} to {ValueKinds.Duration.Show(max)}", ValueKinds.Duration, get, set, v => v >= min && v <= max);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
