using ClusterTransfer.Model;

namespace ClusterTransfer.Node.Configuration;

/// <summary>How transfers retry, make bytes durable and report; section <c>transfers</c>.</summary>
public sealed record TransferOptions
{
    /// <summary>How often a chunk is sent, the first time included, before it is parked, 1 to 100. Default 8.</summary>
    public int ChunkRetries { get; init; } = 8;

    /// <summary>First wait before a refused chunk is sent again, doubled and jittered from refusal to refusal, 10 ms to 1 min. Default 100 ms.</summary>
    public TimeSpan ChunkRetryMin { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest such wait, 10 ms to 10 min. Default 10 s.</summary>
    public TimeSpan ChunkRetryMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Score of bad chunks and frames at which a connection is closed, 1 to 100. Default 3.</summary>
    public int BadChunkLimit { get; init; } = 3;

    /// <summary>What takes off from that score. Default good chunks.</summary>
    public BadChunkDecay BadChunkDecay { get; init; } = BadChunkDecay.Good;

    /// <summary>Good chunks that forgive a bad one, 1 to 1,000. Default 2.</summary>
    public int BadChunkDecayGood { get; init; } = 2;

    /// <summary>Time that forgives a bad chunk, 1 s to 24 h. Default 1 min.</summary>
    public TimeSpan BadChunkDecayTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether chunks are compressed on their way. Default auto: where it makes the transfer faster.</summary>
    public CompressionMode Compression { get; init; }

    /// <summary>Received bytes after which the destination flushes and commits, 1 MiB to 1 GiB. Default 64 MiB; with the windows it bounds what a crash makes us send again.</summary>
    public long CheckpointBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Time after which it does so anyway, 10 ms to 60 s. Default 1 s.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>First wait before a lost session is opened again, doubled and jittered from try to try, 10 ms to 60 s. Default 500 ms.</summary>
    public TimeSpan SessionRetryMin { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest such wait, 100 ms to 1 h. Default 30 s.</summary>
    public TimeSpan SessionRetryMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the connections of a strict transfer may be incomplete, at its start or after a loss, before it fails, 100 ms to 1 h. Default 30 s.</summary>
    public TimeSpan StrictConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes that must reach the destination within <see cref="ProgressTime"/>, else the session is opened again, 1 B to 1 GiB. Default 64 KiB.</summary>
    public long ProgressBytes { get; init; } = 64 * 1024;

    /// <summary>See <see cref="ProgressBytes"/>, 1 s to 1 d, more than the acknowledgements of a chunk may take. Default 2 min.</summary>
    public TimeSpan ProgressTime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long chunks on their way may still arrive once a transfer is to hold, 10 ms to 60 s. Default 5 s.</summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a transfer whose disk ran full asks whether there is space again, 1 s to 1 h. Default 30 s.</summary>
    public TimeSpan SpaceRetry { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long what is durable of a failed or partly delivered transfer is kept for a retry, and what is of an unknown transfer after its last write; 1 min to 365 days. Default 7 days.</summary>
    public TimeSpan KeepFailed { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long a transfer is listed after its end, with its events and idempotency key, 1 min to 3650 days and at least as long as a failed one is kept. Default 30 days.</summary>
    public TimeSpan KeepEnded { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How often a node reports progress to the coordinator, 100 ms to 60 s. Default 500 ms.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromMilliseconds(500);
}
