using static ClusterTransfer.Wire.Hashing.Blake3Constants;

namespace ClusterTransfer.Wire.Hashing;

/// <summary>Hashes many inputs of one length side by side.</summary>
internal static class Blake3Lanes
{
    /// <summary>Chaining values of whole chunks that follow one another.</summary>
    public static void HashChunks(Blake3Kernel kernel, ReadOnlySpan<byte> chunks, ulong counter, Span<uint> values)
    {
        for (int done = 0; done < chunks.Length / ChunkLength; done++)
        {
            Blake3Compression.HashChunk(chunks.Slice(done * ChunkLength, ChunkLength), counter + (ulong)done, 0, values.Slice(done * Words, Words));
        }
    }

    /// <summary>Chaining values of parents. The values may overwrite the children from their start.</summary>
    public static void HashParents(Blake3Kernel kernel, ReadOnlySpan<byte> children, Span<uint> values)
    {
        for (int done = 0; done < children.Length / BlockLength; done++)
        {
            Blake3Compression.HashParent(children.Slice(done * BlockLength, BlockLength), 0, values.Slice(done * Words, Words));
        }
    }
}
