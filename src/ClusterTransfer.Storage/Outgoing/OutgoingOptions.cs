using ClusterTransfer.Model.Stages;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Outgoing;

/// <summary>Limits of the source side of a transfer.</summary>
public sealed record OutgoingOptions
{
    /// <summary>Smallest chunk size in bytes: a power of two, 1 MiB to 16 MiB. Fixed for a transfer by its first scan. Default 4 MiB.</summary>
    public int BaseChunkSize { get; init; } = 4 * 1024 * 1024;

    /// <summary>Large source files kept open between two chunks, 1 to 4,096. Default 64: the connections of a few sessions, far below a process's limit.</summary>
    public int MaxOpenFiles { get; init; } = 64;

    /// <summary>Decoded manifest pages kept in memory, 1 to 1,024; one is up to about 2 MiB. Default 8.</summary>
    public int CachedPages { get; init; } = 8;

    /// <summary>Scan issues listed in memory, 1 to 1,000,000; the rest are only counted and on disk. Default 10,000.</summary>
    public int ListedIssues { get; init; } = 10_000;

    /// <summary>How often the ended transfer was taken up again. It is remembered where it is higher than the one before; 0 or more.</summary>
    public int Round { get; init; }

    /// <summary>Whether that round scans anew and forgets the manifest before; without a higher round it says nothing.</summary>
    public bool Rescan { get; init; }

    /// <summary>Counts how long chunks are read and hashed; null when nobody asks.</summary>
    public StageClock? Stages { get; init; }

    /// <summary>All problems at once, each naming its option. Empty when valid.</summary>
    public IEnumerable<string> Validate()
    {
        if (!ChunkSizes.IsValid(BaseChunkSize))
        {
            yield return $"chunk-size: want a power of two, 1 MiB to 16 MiB; got {BaseChunkSize}.";
        }

        if (MaxOpenFiles is < 1 or > 4_096)
        {
            yield return $"max-open-files: want 1 to 4,096; got {MaxOpenFiles}.";
        }

        if (CachedPages is < 1 or > 1_024)
        {
            yield return $"cached-pages: want 1 to 1,024; got {CachedPages}.";
        }

        if (ListedIssues is < 1 or > 1_000_000)
        {
            yield return $"listed-issues: want 1 to 1,000,000; got {ListedIssues}.";
        }

        if (Round < 0)
        {
            yield return $"round: want 0 or more; got {Round}.";
        }
    }
}
