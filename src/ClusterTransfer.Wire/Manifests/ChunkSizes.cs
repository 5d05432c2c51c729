using System.Numerics;

namespace ClusterTransfer.Wire.Manifests;

/// <summary>The size of a file's chunks: a power of two, so that a chunk is a subtree of the file's BLAKE3 tree.</summary>
public static class ChunkSizes
{
    /// <summary>Smallest chunk size in bytes.</summary>
    public const int Min = 1024 * 1024;

    /// <summary>Largest chunk size in bytes.</summary>
    public const int Max = 16 * 1024 * 1024;

    /// <summary>Chunks of a file beyond which larger chunks are used, while there are larger ones.</summary>
    public const int ManyChunks = 16_384;

    /// <summary>Whether a size may be a page's base chunk size.</summary>
    public static bool IsValid(int chunkSize) => BitOperations.IsPow2(chunkSize) && chunkSize is >= Min and <= Max;

    /// <summary>The chunk size of a file: the base, doubled until the file has at most 16,384 chunks or chunks have 16 MiB.</summary>
    /// <param name="size">The file's size in bytes.</param>
    /// <param name="baseChunkSize">The page's base chunk size.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative or the base is not valid.</exception>
    public static int For(long size, int baseChunkSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        if (!IsValid(baseChunkSize))
        {
            throw new ArgumentOutOfRangeException(nameof(baseChunkSize), baseChunkSize, "Want a power of two from 1 to 16 MiB.");
        }

        int chunkSize = baseChunkSize;
        while (chunkSize < Max && CountOf(size, chunkSize) > ManyChunks)
        {
            chunkSize *= 2;
        }

        return chunkSize;
    }

    /// <summary>How many chunks of that size hold so many bytes.</summary>
    public static long CountOf(long size, int chunkSize) => (size / chunkSize) + (size % chunkSize == 0 ? 0 : 1);
}
