namespace ClusterTransfer.Model;

/// <summary>A file that was not delivered, and why.</summary>
/// <param name="Path">Its path in the transfer, escaped for showing.</param>
/// <param name="State"><see cref="FileState.Skipped"/> or <see cref="FileState.Parked"/>.</param>
/// <param name="Problem">Why.</param>
public sealed record FileIssue(string Path, FileState State, Problem Problem)
{
    /// <summary>The chunk that could not be moved, for a file parked because of one.</summary>
    public ParkedChunk? Chunk { get; init; }
}

/// <summary>Evidence of a chunk that was given up.</summary>
/// <param name="Index">Its place in the plan.</param>
/// <param name="FileOffset">Its first byte in the file.</param>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="Expected">Digest the source sent with it.</param>
/// <param name="Actual">Digest of what arrived the last time; empty when that was never told.</param>
/// <param name="Connection">Number of the connection it was sent over the last time, at the source's node.</param>
/// <param name="Peer">The node it was sent to.</param>
/// <param name="LastAt">When the last attempt failed.</param>
/// <param name="FirstAt">When the first one failed; null in records of before this was kept.</param>
public sealed record ParkedChunk(
    uint Index, long FileOffset, int Attempts, string Expected, string Actual, int Connection, string Peer, DateTimeOffset LastAt, DateTimeOffset? FirstAt = null);

/// <summary>How far a transfer is. Counters only grow within a session.</summary>
public sealed record TransferProgress
{
    /// <summary>Entries found by the scan so far.</summary>
    public long EntriesFound { get; init; }

    /// <summary>Files found by the scan so far.</summary>
    public long FilesFound { get; init; }

    /// <summary>Bytes in the files found so far.</summary>
    public long BytesFound { get; init; }

    /// <summary>Whether the scan is over, so that the counts above are the total.</summary>
    public bool ScanComplete { get; init; }

    /// <summary>Payload bytes sent, repeats included.</summary>
    public long BytesSent { get; init; }

    /// <summary>Payload bytes acknowledged: received at the destination and found good.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Payload bytes flushed to the destination's disk and committed.</summary>
    public long BytesDurable { get; init; }

    /// <summary>Bytes of files whose whole digest was compared with the source's; at <see cref="DurabilityLevel.Verified"/> read back from disk for it.</summary>
    public long BytesVerified { get; init; }

    /// <summary>Payload bytes in published files.</summary>
    public long BytesPublished { get; init; }

    /// <summary>Files under their final name.</summary>
    public long FilesPublished { get; init; }

    /// <summary>Files left alone by policy.</summary>
    public long FilesSkipped { get; init; }

    /// <summary>Files that were given up.</summary>
    public long FilesParked { get; init; }

    /// <summary>Chunks that the files found so far are moved in.</summary>
    public long ChunksFound { get; init; }

    /// <summary>Chunks flushed to the destination's disk and committed, or not wanted there.</summary>
    public long ChunksDurable { get; init; }

    /// <summary>Chunks sent more than once.</summary>
    public long ChunksRetried { get; init; }

    /// <summary>Chunks of the latest session that were sent as LZ4, repeats included.</summary>
    public long ChunksLz4 { get; init; }

    /// <summary>Chunks of the latest session that were sent as Zstandard, repeats included.</summary>
    public long ChunksZstandard { get; init; }

    /// <summary>Payload bytes of the latest session that compression kept off the wire.</summary>
    public long BytesSaved { get; init; }

    /// <summary>Open data connections of the session.</summary>
    public int Connections { get; init; }

    /// <summary>The file being worked on, escaped for showing.</summary>
    public string? CurrentPath { get; init; }
}
