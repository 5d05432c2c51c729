namespace ClusterTransfer.Wire.Manifests;

/// <summary>Pieces of a sparse file that hold nothing but zeros and are not stored at the source: they have no chunks and are never sent.</summary>
/// <remarks>A piece is as long as the file's chunks, see <see cref="ChunkSizes.For"/>, and starts at a multiple of that. The last piece of a file is never in a hole,
/// so every file has a chunk and a hole ends before the file does.</remarks>
/// <param name="First">The first piece, counted from the start of the file.</param>
/// <param name="Count">How many, at least 1.</param>
public readonly record struct FileHole(long First, long Count)
{
    /// <summary>The piece after the last one.</summary>
    public long End => First + Count;
}
