namespace ClusterTransfer.Node.Configuration;

/// <summary>How transfers retry, make bytes durable and report; section <c>transfers</c>.</summary>
public sealed record TransferOptions
{
    /// <summary>How often a chunk is sent again before it is parked, 1 to 100. Default 8.</summary>
    public int ChunkRetries { get; init; } = 8;

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

    /// <summary>See <see cref="ProgressBytes"/>, 1 s to 1 d. Default 1 min.</summary>
    public TimeSpan ProgressTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long chunks on their way may still arrive once a transfer is to hold, 0 to 60 s. Default 5 s.</summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a transfer whose disk ran full asks whether there is space again, 1 s to 1 h. Default 30 s.</summary>
    public TimeSpan SpaceRetry { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long what is durable of a failed or partly delivered transfer is kept for a retry, and what is of an unknown transfer after its last write; 1 min to 365 days. Default 7 days.</summary>
    public TimeSpan KeepFailed { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How often a node reports progress to the coordinator, 100 ms to 60 s. Default 500 ms.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromMilliseconds(500);
}
