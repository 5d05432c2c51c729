using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static ClusterTransfer.Wire.Hashing.Blake3Constants;

namespace ClusterTransfer.Wire.Hashing;

/// <summary>The compression function for one input at a time. Used where there are too few inputs to fill the lanes of a wide kernel:
/// short files, last chunks, the top of a tree.</summary>
/// <remarks>Scalar on purpose. The usual way, rows of the state in vectors of four words, is one chain of dependent operations;
/// four independent chains of plain additions and rotations were measured 1.4 to 2 times as fast.</remarks>
internal static class Blake3Compression
{
    /// <summary>Compresses one block into a chaining value, in place.</summary>
    /// <param name="value">The chaining value, 8 words.</param>
    /// <param name="block">64 bytes, padded with zeros.</param>
    /// <param name="counter">Index of the chunk; 0 for parents.</param>
    /// <param name="blockLength">Bytes of the block before padding.</param>
    /// <param name="flags">Domain flags.</param>
    public static void Compress(Span<uint> value, ReadOnlySpan<byte> block, ulong counter, int blockLength, uint flags)
    {
        ReadOnlySpan<uint> m = MemoryMarshal.Cast<byte, uint>(block)[..16];
        Span<uint> h = value[..Words];
        uint v0 = h[0];
        uint v1 = h[1];
        uint v2 = h[2];
        uint v3 = h[3];
        uint v4 = h[4];
        uint v5 = h[5];
        uint v6 = h[6];
        uint v7 = h[7];
        uint v8 = Iv0;
        uint v9 = Iv1;
        uint v10 = Iv2;
        uint v11 = Iv3;
        uint v12 = (uint)counter;
        uint v13 = (uint)(counter >> 32);
        uint v14 = (uint)blockLength;
        uint v15 = flags;

        // Seven rounds, each of columns and diagonals; the message is permuted between them, here by index.
        Mix(ref v0, ref v4, ref v8, ref v12, m[0], m[1]);
        Mix(ref v1, ref v5, ref v9, ref v13, m[2], m[3]);
        Mix(ref v2, ref v6, ref v10, ref v14, m[4], m[5]);
        Mix(ref v3, ref v7, ref v11, ref v15, m[6], m[7]);
        Mix(ref v0, ref v5, ref v10, ref v15, m[8], m[9]);
        Mix(ref v1, ref v6, ref v11, ref v12, m[10], m[11]);
        Mix(ref v2, ref v7, ref v8, ref v13, m[12], m[13]);
        Mix(ref v3, ref v4, ref v9, ref v14, m[14], m[15]);

        Mix(ref v0, ref v4, ref v8, ref v12, m[2], m[6]);
        Mix(ref v1, ref v5, ref v9, ref v13, m[3], m[10]);
        Mix(ref v2, ref v6, ref v10, ref v14, m[7], m[0]);
        Mix(ref v3, ref v7, ref v11, ref v15, m[4], m[13]);
        Mix(ref v0, ref v5, ref v10, ref v15, m[1], m[11]);
        Mix(ref v1, ref v6, ref v11, ref v12, m[12], m[5]);
        Mix(ref v2, ref v7, ref v8, ref v13, m[9], m[14]);
        Mix(ref v3, ref v4, ref v9, ref v14, m[15], m[8]);

        Mix(ref v0, ref v4, ref v8, ref v12, m[3], m[4]);
        Mix(ref v1, ref v5, ref v9, ref v13, m[10], m[12]);
        Mix(ref v2, ref v6, ref v10, ref v14, m[13], m[2]);
        Mix(ref v3, ref v7, ref v11, ref v15, m[7], m[14]);
        Mix(ref v0, ref v5, ref v10, ref v15, m[6], m[5]);
        Mix(ref v1, ref v6, ref v11, ref v12, m[9], m[0]);
        Mix(ref v2, ref v7, ref v8, ref v13, m[11], m[15]);
        Mix(ref v3, ref v4, ref v9, ref v14, m[8], m[1]);

        Mix(ref v0, ref v4, ref v8, ref v12, m[10], m[7]);
        Mix(ref v1, ref v5, ref v9, ref v13, m[12], m[9]);
        Mix(ref v2, ref v6, ref v10, ref v14, m[14], m[3]);
        Mix(ref v3, ref v7, ref v11, ref v15, m[13], m[15]);
        Mix(ref v0, ref v5, ref v10, ref v15, m[4], m[0]);
        Mix(ref v1, ref v6, ref v11, ref v12, m[11], m[2]);
        Mix(ref v2, ref v7, ref v8, ref v13, m[5], m[8]);
        Mix(ref v3, ref v4, ref v9, ref v14, m[1], m[6]);

        Mix(ref v0, ref v4, ref v8, ref v12, m[12], m[13]);
        Mix(ref v1, ref v5, ref v9, ref v13, m[9], m[11]);
        Mix(ref v2, ref v6, ref v10, ref v14, m[15], m[10]);
        Mix(ref v3, ref v7, ref v11, ref v15, m[14], m[8]);
        Mix(ref v0, ref v5, ref v10, ref v15, m[7], m[2]);
        Mix(ref v1, ref v6, ref v11, ref v12, m[5], m[3]);
        Mix(ref v2, ref v7, ref v8, ref v13, m[0], m[1]);
        Mix(ref v3, ref v4, ref v9, ref v14, m[6], m[4]);

        Mix(ref v0, ref v4, ref v8, ref v12, m[9], m[14]);
        Mix(ref v1, ref v5, ref v9, ref v13, m[11], m[5]);
        Mix(ref v2, ref v6, ref v10, ref v14, m[8], m[12]);
        Mix(ref v3, ref v7, ref v11, ref v15, m[15], m[1]);
        Mix(ref v0, ref v5, ref v10, ref v15, m[13], m[3]);
        Mix(ref v1, ref v6, ref v11, ref v12, m[0], m[10]);
        Mix(ref v2, ref v7, ref v8, ref v13, m[2], m[6]);
        Mix(ref v3, ref v4, ref v9, ref v14, m[4], m[7]);

        Mix(ref v0, ref v4, ref v8, ref v12, m[11], m[15]);
        Mix(ref v1, ref v5, ref v9, ref v13, m[5], m[0]);
        Mix(ref v2, ref v6, ref v10, ref v14, m[1], m[9]);
        Mix(ref v3, ref v7, ref v11, ref v15, m[8], m[6]);
        Mix(ref v0, ref v5, ref v10, ref v15, m[14], m[10]);
        Mix(ref v1, ref v6, ref v11, ref v12, m[2], m[12]);
        Mix(ref v2, ref v7, ref v8, ref v13, m[3], m[4]);
        Mix(ref v3, ref v4, ref v9, ref v14, m[7], m[13]);

        h[0] = v0 ^ v8;
        h[1] = v1 ^ v9;
        h[2] = v2 ^ v10;
        h[3] = v3 ^ v11;
        h[4] = v4 ^ v12;
        h[5] = v5 ^ v13;
        h[6] = v6 ^ v14;
        h[7] = v7 ^ v15;
    }

    /// <summary>Chaining value, or root with the flag, of one chunk of 0 to 1,024 bytes.</summary>
    public static void HashChunk(ReadOnlySpan<byte> chunk, ulong counter, uint lastFlags, Span<uint> value)
    {
        SetInitial(value);
        uint flags = ChunkStart;
        while (chunk.Length > BlockLength)
        {
            Compress(value, chunk[..BlockLength], counter, BlockLength, flags);
            chunk = chunk[BlockLength..];
            flags = 0;
        }

        Span<byte> last = stackalloc byte[BlockLength];
        last.Clear();
        chunk.CopyTo(last);
        Compress(value, last, counter, chunk.Length, flags | ChunkEnd | lastFlags);
    }

    /// <summary>Chaining value, or root with the flag, of a parent.</summary>
    /// <param name="children">Two chaining values, 64 bytes.</param>
    /// <param name="lastFlags">0 or <see cref="Root"/>.</param>
    /// <param name="value">Receives 8 words; may overlap the children.</param>
    public static void HashParent(ReadOnlySpan<byte> children, uint lastFlags, Span<uint> value)
    {
        Span<uint> parent = stackalloc uint[Words];
        SetInitial(parent);
        Compress(parent, children, 0, BlockLength, Parent | lastFlags);
        parent.CopyTo(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(ref uint a, ref uint b, ref uint c, ref uint d, uint x, uint y)
    {
        a = a + x + b;
        d = BitOperations.RotateRight(d ^ a, 16);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 12);
        a = a + y + b;
        d = BitOperations.RotateRight(d ^ a, 8);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 7);
    }
}
