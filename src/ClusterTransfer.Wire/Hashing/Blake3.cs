using System.Runtime.InteropServices;
using ClusterTransfer.Model;
using static ClusterTransfer.Wire.Hashing.Blake3Constants;

namespace ClusterTransfer.Wire.Hashing;

/// <summary>BLAKE3 with 32-byte output, of data that is in memory. Allocates nothing; safe from any thread.</summary>
public static class Blake3
{
    /// <summary>The hash of the data: the root of its tree.</summary>
    public static Digest Hash(ReadOnlySpan<byte> data) => Hash(data, Blake3Kernel.Best);

    /// <summary>The chaining value, not the root, of the data as the subtree of a larger input that starts at the given offset.</summary>
    /// <param name="data">At least one byte, and not more than the largest power of two that divides the offset.</param>
    /// <param name="offset">Place of the first byte in the larger input; a multiple of 1,024.</param>
    /// <exception cref="ArgumentException">The data and offset are not those of a subtree.</exception>
    public static Digest SubtreeValue(ReadOnlySpan<byte> data, long offset) => SubtreeValue(data, offset, Blake3Kernel.Best);

    /// <summary>The root of an input whose subtrees have these values; see <see cref="Blake3Tree"/>.</summary>
    /// <exception cref="ArgumentException">Fewer than two values.</exception>
    public static Digest CombineSubtrees(ReadOnlySpan<Digest> values)
    {
        if (values.Length < 2)
        {
            throw new ArgumentException("A tree has at least two subtrees.", nameof(values));
        }

        var tree = new Blake3Tree();
        foreach (Digest value in values)
        {
            tree.Add(value);
        }

        return tree.Root();
    }

    internal static Digest Hash(ReadOnlySpan<byte> data, Blake3Kernel kernel)
    {
        Span<uint> value = stackalloc uint[Words];
        if (data.Length <= ChunkLength)
        {
            Blake3Compression.HashChunk(data, 0, Root, value);
        }
        else
        {
            Span<uint> children = stackalloc uint[2 * Words];
            Blake3Subtree.ReduceToPair(kernel, data, 0, children);
            Blake3Compression.HashParent(MemoryMarshal.AsBytes(children), Root, value);
        }

        return new Digest(MemoryMarshal.AsBytes(value));
    }

    internal static Digest SubtreeValue(ReadOnlySpan<byte> data, long offset, Blake3Kernel kernel)
    {
        if (offset < 0 || offset % ChunkLength != 0)
        {
            throw new ArgumentException($"A subtree starts at a multiple of {ChunkLength}; got {offset}.", nameof(offset));
        }

        if (data.Length == 0 || (offset > 0 && data.Length > (offset & -offset)))
        {
            throw new ArgumentException($"{data.Length} bytes at offset {offset} are not a subtree.", nameof(data));
        }

        Span<uint> value = stackalloc uint[Words];
        ulong counter = (ulong)offset / ChunkLength;
        if (data.Length <= ChunkLength)
        {
            Blake3Compression.HashChunk(data, counter, 0, value);
        }
        else
        {
            Span<uint> children = stackalloc uint[2 * Words];
            Blake3Subtree.ReduceToPair(kernel, data, counter, children);
            Blake3Compression.HashParent(MemoryMarshal.AsBytes(children), 0, value);
        }

        return new Digest(MemoryMarshal.AsBytes(value));
    }
}
