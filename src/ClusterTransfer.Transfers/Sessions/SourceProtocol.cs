using ClusterTransfer.Model;
using ClusterTransfer.Storage.Outgoing;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>Results of the blocking steps of <see cref="SourceSession"/>.</summary>
internal static class SourceProtocol
{
    public sealed record Opened(OutgoingTransfer Outgoing);

    /// <summary>One more page is on disk, or the scan is over.</summary>
    public sealed record Scanned(bool More);

    /// <summary>Whether the pages that the destination holds are ours.</summary>
    public sealed record PagesCompared(int Pages, bool Same);

    /// <summary>A page is ready to be sent, or asked about when the destination has it.</summary>
    public sealed record PageLoaded(ManifestPage Page, PagePlan Plan, byte[] Encoded);

    /// <summary>A page with chunks of it that must be sent again, one or more.</summary>
    public sealed record PageOfLostChunks(ManifestPage Page, PagePlan Plan, IReadOnlyList<ChunkIndex> Chunks);

    /// <summary>A file turned out to have changed after its last byte was read.</summary>
    public sealed record EntryFailed(ManifestPage Page, EntryIndex Entry, Problem Problem);

    /// <summary>The digest of a file whose bytes have all been read.</summary>
    public sealed record RootKnown(EntryIndex Entry, FileRoot Root);

    /// <summary>Files given up because of a chunk are remembered with the evidence, of the first of them; the destination may hear of all.</summary>
    public sealed record ParkedOnDisk(IReadOnlyList<EntryIndex> Entries, IReadOnlyList<FileIssue> Issues);

    /// <summary>The pause of a chunk whose last attempt failed is over.</summary>
    public sealed record RetryDue(ChunkIndex Chunk);

    /// <summary>Time to judge why a connection ended under a chunk that it carried alone, at a time when others stood.</summary>
    public sealed record LossDue(ChunkInFlight Lost, IReadOnlyList<int> Standing, DateTimeOffset At);

    /// <summary>So many connections ended under a chunk that the session gives up.</summary>
    public sealed record LostTooOften(ChunkIndex Chunk, string Path);

    /// <summary>The connections of a strict transfer have not all stood for as long as that may last.</summary>
    public sealed record ConnectionsOverdue
    {
        public static readonly ConnectionsOverdue Instance = new();
    }
}
