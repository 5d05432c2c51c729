using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Transfers.Compression;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Work;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Pacing;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>What every session of a node shares.</summary>
internal sealed record SessionServices
{
    /// <summary>The run of this process.</summary>
    public required Incarnation Incarnation { get; init; }

    /// <summary>The folders this node serves.</summary>
    public required LocationSet Locations { get; init; }

    /// <summary>Private folder of this node for the manifests of outgoing transfers.</summary>
    public required string OutgoingFolder { get; init; }

    /// <summary>Threads for chunks: pread, hash, pwrite.</summary>
    public required IWorkers ChunkWorkers { get; init; }

    /// <summary>Threads for the steps of sessions: scans, checkpoints, publication.</summary>
    public required IWorkers StepWorkers { get; init; }

    /// <summary>Buffers of chunks on their way out; apart from those of the receive pumps, so that two busy nodes cannot starve each other.</summary>
    public required BufferPool SendBuffers { get; init; }

    /// <summary>How fast this node sends, in all and to each peer; divided among its sessions.</summary>
    public required SendLimits Limits { get; init; }

    /// <summary>Codecs, and memory to use them in.</summary>
    public CompressionServices Compression { get; init; } = new();

    /// <summary>Destination sessions that accept connections.</summary>
    public required SessionDirectory Directory { get; init; }

    /// <summary>The actor that puts messages on the bus.</summary>
    public required IActorRef Control { get; init; }

    /// <summary>The actor that owns all data connections.</summary>
    public required IActorRef Peers { get; init; }

    /// <summary>Limits and intervals.</summary>
    public required SessionOptions Options { get; init; }

    /// <summary>Whether this process ran all the time.</summary>
    public required LifeWatch Life { get; init; }

    /// <summary>Clock of timestamps in evidence.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Where sessions log.</summary>
    public required ILogger Log { get; init; }

    /// <summary>Completes when the process must not go on.</summary>
    public TaskCompletionSource<Problem> Failed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A journal's flush failed, which is final: the node stops, and a restart reads what is really on disk.</summary>
    public void Fail(TransferId transfer, Exception error)
    {
        Log.NodeJournalLost(transfer.Value, error);
        Failed.TrySetResult(new Problem(Reason.DiskError, $"The node journal of transfer {transfer} failed: {error.Message} The node stops; start it again."));
    }
}
