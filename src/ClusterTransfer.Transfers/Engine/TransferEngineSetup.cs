using ClusterTransfer.Bus;
using ClusterTransfer.Journal;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Transfers.Compression;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Work;
using ClusterTransfer.Transport.Connections;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Transfers.Engine;

/// <summary>What the transfers of a node are built from.</summary>
public sealed record TransferEngineSetup
{
    /// <summary>The run of this process.</summary>
    public required Incarnation Incarnation { get; init; }

    /// <summary>Carries control messages. The engine is its only receiver's partner: see <see cref="TransferEngine.OnMessage"/>.</summary>
    public required IMessageBus Bus { get; init; }

    /// <summary>The folders this node serves.</summary>
    public required LocationSet Locations { get; init; }

    /// <summary>Private folder on the node's own disk for the manifests of outgoing transfers.</summary>
    public required string OutgoingFolder { get; init; }

    /// <summary>Dials other nodes.</summary>
    public required IDataDialer Dialer { get; init; }

    /// <summary>Bytes of chunks that may be held on their way out.</summary>
    public long SendBufferBytes { get; init; } = 32L * 1024 * 1024;

    /// <summary>Most bytes per second that this node sends; null for no limit. A valid <see cref="RateLimit"/>.</summary>
    public long? Limit { get; init; }

    /// <summary>The same of what it sends to single nodes.</summary>
    public IReadOnlyDictionary<NodeId, long> PeerLimits { get; init; } = new Dictionary<NodeId, long>();

    /// <summary>Threads that read, hash and write chunks. 1 to 64.</summary>
    public int ChunkWorkers { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 64);

    /// <summary>Makes workers of a name, a number of threads and a queue length; a simulation runs them in its own thread.</summary>
    internal Func<string, int, int, IWorkers> Workers { get; init; } = static (name, threads, queueLength) => new WorkerPool(name, threads, queueLength);

    /// <summary>Codecs of this node and its idle processors; a simulation says what it likes.</summary>
    internal CompressionServices Compression { get; init; } = new();

    /// <summary>Limits of sessions.</summary>
    public SessionOptions Sessions { get; init; } = new();

    /// <summary>Limits of connections to peers.</summary>
    public PeerOptions Peers { get; init; } = new();

    /// <summary>Intervals of coordinators.</summary>
    public CoordinationOptions Coordination { get; init; } = new();

    /// <summary>The list of transfers and their events; given on the hub, null on the other nodes, which coordinate nothing.</summary>
    public ITransferCatalogue? Catalogue { get; init; }

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the engine logs.</summary>
    public required ILoggerFactory Logs { get; init; }
}
