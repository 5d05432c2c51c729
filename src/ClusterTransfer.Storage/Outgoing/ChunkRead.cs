using ClusterTransfer.Model;

namespace ClusterTransfer.Storage.Outgoing;

/// <summary>A chunk as it was read.</summary>
/// <param name="Length">Bytes of payload in the buffer; of a packed chunk, the present members one after another without gaps.</param>
/// <param name="Digest">Of the chunk: subtree value, or root of a file of one chunk, or digest of the pack.</param>
/// <param name="Absent">Members of a packed chunk that are not in the payload, in entry order, each with why; empty for others.</param>
/// <param name="Problem">Why the file of a chunk that is not packed cannot be delivered; null when the other values are good.</param>
public readonly record struct ChunkRead(int Length, Digest Digest, IReadOnlyList<EntryProblem> Absent, Problem? Problem)
{
    internal static ChunkRead Failed(Problem problem) => new(0, default, [], problem);
}

/// <summary>An entry that cannot be delivered.</summary>
/// <param name="Entry">Which.</param>
/// <param name="Problem">Why.</param>
public readonly record struct EntryProblem(EntryIndex Entry, Problem Problem);

/// <summary>The digest of a whole file.</summary>
/// <param name="Root">BLAKE3 of its bytes; without meaning when there is a problem.</param>
/// <param name="Problem">Why the file cannot be vouched for; null when it can.</param>
public readonly record struct FileRoot(Digest Root, Problem? Problem);
