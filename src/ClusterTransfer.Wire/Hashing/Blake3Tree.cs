using System.Numerics;
using System.Runtime.InteropServices;
using ClusterTransfer.Model;
using static ClusterTransfer.Wire.Hashing.Blake3Constants;

namespace ClusterTransfer.Wire.Hashing;

/// <summary>The root of a file from the chaining values of its chunks, added in order of the file.</summary>
/// <remarks>All subtrees have one size, a power of two of at least 1,024 bytes; only the last may be shorter. At least two are needed:
/// a file of one chunk is hashed as a root. Holds at most 64 values, whatever the number added. Not thread-safe.</remarks>
public sealed class Blake3Tree
{
    private readonly uint[] _stack = new uint[MaxDepth * Words];
    private int _depth;

    /// <summary>How many subtrees were added.</summary>
    public long Count { get; private set; }

    /// <summary>Adds the value of the next subtree, from <see cref="Blake3.SubtreeValue(ReadOnlySpan{byte}, long)"/>.</summary>
    public void Add(Digest chunkValue)
    {
        // Merging waits until something follows: only then is it sure that no merge here makes the root.
        int complete = BitOperations.PopCount((ulong)Count);
        while (_depth > complete)
        {
            Merge(_stack, ref _depth, 0);
        }

        chunkValue.CopyTo(MemoryMarshal.AsBytes(_stack.AsSpan(_depth * Words, Words)));
        _depth++;
        Count++;
    }

    /// <summary>The root of what was added so far; more may be added afterwards.</summary>
    /// <exception cref="InvalidOperationException">Fewer than two subtrees were added.</exception>
    public Digest Root()
    {
        if (Count < 2)
        {
            throw new InvalidOperationException("A tree has at least two subtrees.");
        }

        Span<uint> stack = stackalloc uint[MaxDepth * Words];
        int depth = _depth;
        _stack.AsSpan(0, depth * Words).CopyTo(stack);
        while (depth > 1)
        {
            Merge(stack, ref depth, depth == 2 ? Blake3Constants.Root : 0);
        }

        return new Digest(MemoryMarshal.AsBytes(stack[..Words]));
    }

    private static void Merge(Span<uint> stack, ref int depth, uint flags)
    {
        Span<uint> pair = stack.Slice((depth - 2) * Words, 2 * Words);
        Blake3Compression.HashParent(MemoryMarshal.AsBytes(pair), flags, pair[..Words]);
        depth--;
    }
}
