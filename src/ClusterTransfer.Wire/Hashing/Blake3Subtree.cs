using System.Numerics;
using System.Runtime.InteropServices;
using static ClusterTransfer.Wire.Hashing.Blake3Constants;

namespace ClusterTransfer.Wire.Hashing;

/// <summary>Reduces whole subtrees so that the wide kernels always have many inputs, for chunks and for parents.</summary>
internal static class Blake3Subtree
{
    /// <summary>Chaining values that one level of the recursion hands up at most: one for each lane of the widest kernel.</summary>
    private const int MaxLanes = 16;

    /// <summary>Length of the left subtree of an input of more than one chunk: the largest power of two that leaves something to the right.</summary>
    public static int LeftLength(int length) => (int)BitOperations.RoundUpToPowerOf2((uint)length) / 2;

    /// <summary>The two chaining values below the top node of a subtree.</summary>
    /// <param name="kernel">The instructions to use.</param>
    /// <param name="data">More than one chunk.</param>
    /// <param name="counter">Index of its first chunk.</param>
    /// <param name="pair">Receives 16 words.</param>
    public static void ReduceToPair(Blake3Kernel kernel, ReadOnlySpan<byte> data, ulong counter, Span<uint> pair)
    {
        Span<uint> values = stackalloc uint[MaxLanes * Words];
        int count = Reduce(kernel, data, counter, values);
        while (count > 2)
        {
            count = ReduceParents(kernel, values[..(count * Words)], values);
        }

        values[..(2 * Words)].CopyTo(pair);
    }

    /// <summary>Chaining values of a subtree, as few as still fill the lanes, at least two for more than one chunk; returns how many.</summary>
    private static int Reduce(Blake3Kernel kernel, ReadOnlySpan<byte> data, ulong counter, Span<uint> values)
    {
        if (data.Length <= MaxLanes * ChunkLength)
        {
            return HashChunks(kernel, data, counter, values);
        }

        int left = LeftLength(data.Length);
        Span<uint> both = stackalloc uint[2 * MaxLanes * Words];
        int leftCount = Reduce(kernel, data[..left], counter, both);
        int rightCount = Reduce(kernel, data[left..], counter + (ulong)(left / ChunkLength), both[(leftCount * Words)..]);
        return ReduceParents(kernel, both[..((leftCount + rightCount) * Words)], values);
    }

    private static int HashChunks(Blake3Kernel kernel, ReadOnlySpan<byte> data, ulong counter, Span<uint> values)
    {
        int whole = data.Length / ChunkLength;
        if (whole > 0)
        {
            Blake3Lanes.HashChunks(kernel, data[..(whole * ChunkLength)], counter, values);
        }

        if (data.Length % ChunkLength == 0)
        {
            return whole;
        }

        Blake3Compression.HashChunk(data[(whole * ChunkLength)..], counter + (ulong)whole, 0, values.Slice(whole * Words, Words));
        return whole + 1;
    }

    // A value without a neighbour goes up as it is: the tree's left side is always complete.
    private static int ReduceParents(Blake3Kernel kernel, ReadOnlySpan<uint> children, Span<uint> values)
    {
        int count = children.Length / Words;
        int parents = count / 2;
        Blake3Lanes.HashParents(kernel, MemoryMarshal.AsBytes(children[..(parents * 2 * Words)]), values);
        if (count % 2 == 1)
        {
            children[((count - 1) * Words)..].CopyTo(values[(parents * Words)..]);
        }

        return count - parents;
    }
}
