using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static ClusterTransfer.Wire.Hashing.Blake3Constants;

namespace ClusterTransfer.Wire.Hashing;

/// <summary>The compression function for one input at a time, its 4 x 4 state as four rows. Used where there are too few inputs
/// to fill the lanes of a wide kernel: short files, last chunks, the top of a tree.</summary>
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
        ref uint words = ref MemoryMarshal.GetReference(value[..Words]);
        Vector128<uint> a = Vector128.LoadUnsafe(ref words);
        Vector128<uint> b = Vector128.LoadUnsafe(ref words, 4);
        Vector128<uint> c = Vector128.Create(0x6A09E667u, 0xBB67AE85u, 0x3C6EF372u, 0xA54FF53Au);
        Vector128<uint> d = Vector128.Create((uint)counter, (uint)(counter >> 32), (uint)blockLength, flags);

        // The message words of each round in the order of the specification's permutation, applied 0 to 6 times.
        Round(ref a, ref b, ref c, ref d, m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8], m[9], m[10], m[11], m[12], m[13], m[14], m[15]);
        Round(ref a, ref b, ref c, ref d, m[2], m[6], m[3], m[10], m[7], m[0], m[4], m[13], m[1], m[11], m[12], m[5], m[9], m[14], m[15], m[8]);
        Round(ref a, ref b, ref c, ref d, m[3], m[4], m[10], m[12], m[13], m[2], m[7], m[14], m[6], m[5], m[9], m[0], m[11], m[15], m[8], m[1]);
        Round(ref a, ref b, ref c, ref d, m[10], m[7], m[12], m[9], m[14], m[3], m[13], m[15], m[4], m[0], m[11], m[2], m[5], m[8], m[1], m[6]);
        Round(ref a, ref b, ref c, ref d, m[12], m[13], m[9], m[11], m[15], m[10], m[14], m[8], m[7], m[2], m[5], m[3], m[0], m[1], m[6], m[4]);
        Round(ref a, ref b, ref c, ref d, m[9], m[14], m[11], m[5], m[8], m[12], m[15], m[1], m[13], m[3], m[0], m[10], m[2], m[6], m[4], m[7]);
        Round(ref a, ref b, ref c, ref d, m[11], m[15], m[5], m[0], m[1], m[9], m[8], m[6], m[14], m[10], m[2], m[12], m[3], m[4], m[7], m[13]);

        (a ^ c).StoreUnsafe(ref words);
        (b ^ d).StoreUnsafe(ref words, 4);
    }

    /// <summary>Chaining value, or root with the flag, of one chunk of 0 to 1,024 bytes.</summary>
    public static void HashChunk(ReadOnlySpan<byte> chunk, ulong counter, uint lastFlags, Span<uint> value)
    {
        InitialValue.CopyTo(value);
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
        InitialValue.CopyTo(parent);
        Compress(parent, children, 0, BlockLength, Parent | lastFlags);
        parent.CopyTo(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(
        ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d,
        uint m0, uint m1, uint m2, uint m3, uint m4, uint m5, uint m6, uint m7,
        uint m8, uint m9, uint m10, uint m11, uint m12, uint m13, uint m14, uint m15)
    {
        Mix(ref a, ref b, ref c, ref d, Vector128.Create(m0, m2, m4, m6), Vector128.Create(m1, m3, m5, m7));

        // The diagonals become columns by turning the rows, then are turned back.
        b = Vector128.Shuffle(b, Vector128.Create(1u, 2, 3, 0));
        c = Vector128.Shuffle(c, Vector128.Create(2u, 3, 0, 1));
        d = Vector128.Shuffle(d, Vector128.Create(3u, 0, 1, 2));
        Mix(ref a, ref b, ref c, ref d, Vector128.Create(m8, m10, m12, m14), Vector128.Create(m9, m11, m13, m15));
        b = Vector128.Shuffle(b, Vector128.Create(3u, 0, 1, 2));
        c = Vector128.Shuffle(c, Vector128.Create(2u, 3, 0, 1));
        d = Vector128.Shuffle(d, Vector128.Create(1u, 2, 3, 0));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(
        ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d, Vector128<uint> x, Vector128<uint> y)
    {
        a = a + b + x;
        d = RotateRight(d ^ a, 16);
        c += d;
        b = RotateRight(b ^ c, 12);
        a = a + b + y;
        d = RotateRight(d ^ a, 8);
        c += d;
        b = RotateRight(b ^ c, 7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> RotateRight(Vector128<uint> value, [ConstantExpected] byte bits) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.RotateRight(value, bits) : (value >> bits) | (value << (32 - bits));
}
