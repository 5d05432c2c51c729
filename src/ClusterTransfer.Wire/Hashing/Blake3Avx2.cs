using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static ClusterTransfer.Wire.Hashing.Blake3Constants;

namespace ClusterTransfer.Wire.Hashing;

/// <summary>Eight inputs side by side, one 32-bit word of each in a vector.</summary>
internal static class Blake3Avx2
{
    /// <summary>Inputs that are hashed side by side.</summary>
    public const int Lanes = 8;

    /// <summary>Hashes <see cref="Lanes"/> inputs that follow one another.</summary>
    /// <param name="input">The first byte of the first input.</param>
    /// <param name="blocks">Blocks of each input: 16 for chunks, 1 for parents.</param>
    /// <param name="counter">Counter of the first input.</param>
    /// <param name="step">1 when each input counts one more (chunks), 0 when all have the same (parents).</param>
    /// <param name="flags">Flags of every block, of the first and of the last.</param>
    /// <param name="values">Receives 8 words for each input. May be the memory of the input: all of it has been read before.</param>
    public static void Hash(ref readonly byte input, int blocks, ulong counter, uint step, in Blake3Flags flags, ref uint values)
    {
        Vector256<uint> h0 = Vector256.Create(Iv0);
        Vector256<uint> h1 = Vector256.Create(Iv1);
        Vector256<uint> h2 = Vector256.Create(Iv2);
        Vector256<uint> h3 = Vector256.Create(Iv3);
        Vector256<uint> h4 = Vector256.Create(Iv4);
        Vector256<uint> h5 = Vector256.Create(Iv5);
        Vector256<uint> h6 = Vector256.Create(Iv6);
        Vector256<uint> h7 = Vector256.Create(Iv7);

        // A counter that passes 2^32 within the lanes carries into the upper word: where the sum is smaller than what was added to.
        Vector256<uint> counterLow = Vector256.Create((uint)counter) + (Vector256<uint>.Indices * Vector256.Create(step));
        Vector256<uint> counterHigh = Vector256.Create((uint)(counter >> 32)) - Vector256.LessThan(counterLow, Vector256.Create((uint)counter));

        for (int block = 0; block < blocks; block++)
        {
            ref readonly byte place = ref Unsafe.Add(ref Unsafe.AsRef(in input), block * BlockLength);
            int stride = blocks * BlockLength;
            Vector256<uint> m0 = Load(in place, 0 * stride);
            Vector256<uint> m1 = Load(in place, 1 * stride);
            Vector256<uint> m2 = Load(in place, 2 * stride);
            Vector256<uint> m3 = Load(in place, 3 * stride);
            Vector256<uint> m4 = Load(in place, 4 * stride);
            Vector256<uint> m5 = Load(in place, 5 * stride);
            Vector256<uint> m6 = Load(in place, 6 * stride);
            Vector256<uint> m7 = Load(in place, 7 * stride);
            Vector256<uint> m8 = Load(in place, (0 * stride) + 32);
            Vector256<uint> m9 = Load(in place, (1 * stride) + 32);
            Vector256<uint> m10 = Load(in place, (2 * stride) + 32);
            Vector256<uint> m11 = Load(in place, (3 * stride) + 32);
            Vector256<uint> m12 = Load(in place, (4 * stride) + 32);
            Vector256<uint> m13 = Load(in place, (5 * stride) + 32);
            Vector256<uint> m14 = Load(in place, (6 * stride) + 32);
            Vector256<uint> m15 = Load(in place, (7 * stride) + 32);
            Transpose(ref m0, ref m1, ref m2, ref m3, ref m4, ref m5, ref m6, ref m7);
            Transpose(ref m8, ref m9, ref m10, ref m11, ref m12, ref m13, ref m14, ref m15);

            Vector256<uint> v0 = h0;
            Vector256<uint> v1 = h1;
            Vector256<uint> v2 = h2;
            Vector256<uint> v3 = h3;
            Vector256<uint> v4 = h4;
            Vector256<uint> v5 = h5;
            Vector256<uint> v6 = h6;
            Vector256<uint> v7 = h7;
            Vector256<uint> v8 = Vector256.Create(Iv0);
            Vector256<uint> v9 = Vector256.Create(Iv1);
            Vector256<uint> v10 = Vector256.Create(Iv2);
            Vector256<uint> v11 = Vector256.Create(Iv3);
            Vector256<uint> v12 = counterLow;
            Vector256<uint> v13 = counterHigh;
            Vector256<uint> v14 = Vector256.Create((uint)BlockLength);
            Vector256<uint> v15 = Vector256.Create(flags.Of(block, blocks));

            Round(
                ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7, ref v8, ref v9, ref v10, ref v11, ref v12, ref v13, ref v14, ref v15,
                m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15);
            Round(
                ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7, ref v8, ref v9, ref v10, ref v11, ref v12, ref v13, ref v14, ref v15,
                m2, m6, m3, m10, m7, m0, m4, m13, m1, m11, m12, m5, m9, m14, m15, m8);
            Round(
                ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7, ref v8, ref v9, ref v10, ref v11, ref v12, ref v13, ref v14, ref v15,
                m3, m4, m10, m12, m13, m2, m7, m14, m6, m5, m9, m0, m11, m15, m8, m1);
            Round(
                ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7, ref v8, ref v9, ref v10, ref v11, ref v12, ref v13, ref v14, ref v15,
                m10, m7, m12, m9, m14, m3, m13, m15, m4, m0, m11, m2, m5, m8, m1, m6);
            Round(
                ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7, ref v8, ref v9, ref v10, ref v11, ref v12, ref v13, ref v14, ref v15,
                m12, m13, m9, m11, m15, m10, m14, m8, m7, m2, m5, m3, m0, m1, m6, m4);
            Round(
                ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7, ref v8, ref v9, ref v10, ref v11, ref v12, ref v13, ref v14, ref v15,
                m9, m14, m11, m5, m8, m12, m15, m1, m13, m3, m0, m10, m2, m6, m4, m7);
            Round(
                ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7, ref v8, ref v9, ref v10, ref v11, ref v12, ref v13, ref v14, ref v15,
                m11, m15, m5, m0, m1, m9, m8, m6, m14, m10, m2, m12, m3, m4, m7, m13);

            h0 = v0 ^ v8;
            h1 = v1 ^ v9;
            h2 = v2 ^ v10;
            h3 = v3 ^ v11;
            h4 = v4 ^ v12;
            h5 = v5 ^ v13;
            h6 = v6 ^ v14;
            h7 = v7 ^ v15;
        }

        StoreTransposed(h0, h1, h2, h3, h4, h5, h6, h7, ref values);
    }

    /// <summary>Stores word i of each of eight inputs, given as vector i, as eight words for each input.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreTransposed(
        Vector256<uint> h0, Vector256<uint> h1, Vector256<uint> h2, Vector256<uint> h3,
        Vector256<uint> h4, Vector256<uint> h5, Vector256<uint> h6, Vector256<uint> h7, ref uint values)
    {
        Transpose(ref h0, ref h1, ref h2, ref h3, ref h4, ref h5, ref h6, ref h7);
        h0.StoreUnsafe(ref values);
        h1.StoreUnsafe(ref values, 1 * Words);
        h2.StoreUnsafe(ref values, 2 * Words);
        h3.StoreUnsafe(ref values, 3 * Words);
        h4.StoreUnsafe(ref values, 4 * Words);
        h5.StoreUnsafe(ref values, 5 * Words);
        h6.StoreUnsafe(ref values, 6 * Words);
        h7.StoreUnsafe(ref values, 7 * Words);
    }

    // Columns, then diagonals. Inlined seven times with the message permuted by name, so that the schedule costs nothing at run time.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(
        ref Vector256<uint> v0, ref Vector256<uint> v1, ref Vector256<uint> v2, ref Vector256<uint> v3,
        ref Vector256<uint> v4, ref Vector256<uint> v5, ref Vector256<uint> v6, ref Vector256<uint> v7,
        ref Vector256<uint> v8, ref Vector256<uint> v9, ref Vector256<uint> v10, ref Vector256<uint> v11,
        ref Vector256<uint> v12, ref Vector256<uint> v13, ref Vector256<uint> v14, ref Vector256<uint> v15,
        Vector256<uint> m0, Vector256<uint> m1, Vector256<uint> m2, Vector256<uint> m3,
        Vector256<uint> m4, Vector256<uint> m5, Vector256<uint> m6, Vector256<uint> m7,
        Vector256<uint> m8, Vector256<uint> m9, Vector256<uint> m10, Vector256<uint> m11,
        Vector256<uint> m12, Vector256<uint> m13, Vector256<uint> m14, Vector256<uint> m15)
    {
        Mix(ref v0, ref v4, ref v8, ref v12, m0, m1);
        Mix(ref v1, ref v5, ref v9, ref v13, m2, m3);
        Mix(ref v2, ref v6, ref v10, ref v14, m4, m5);
        Mix(ref v3, ref v7, ref v11, ref v15, m6, m7);
        Mix(ref v0, ref v5, ref v10, ref v15, m8, m9);
        Mix(ref v1, ref v6, ref v11, ref v12, m10, m11);
        Mix(ref v2, ref v7, ref v8, ref v13, m12, m13);
        Mix(ref v3, ref v4, ref v9, ref v14, m14, m15);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(ref Vector256<uint> a, ref Vector256<uint> b, ref Vector256<uint> c, ref Vector256<uint> d, Vector256<uint> x, Vector256<uint> y)
    {
        a = a + x + b;
        d = RotateRight(d ^ a, 16);
        c += d;
        b = RotateRight(b ^ c, 12);
        a = a + y + b;
        d = RotateRight(d ^ a, 8);
        c += d;
        b = RotateRight(b ^ c, 7);
    }

    // By 16 and by 8 whole bytes move, which is one shuffle where there is no rotate instruction.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> RotateRight(Vector256<uint> value, [ConstantExpected] byte bits)
    {
        if (Avx512F.VL.IsSupported)
        {
            return Avx512F.VL.RotateRight(value, bits);
        }

        return bits switch
        {
            16 => Avx2.Shuffle(value.AsByte(), Vector256.Create(
                (byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13,
                2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)).AsUInt32(),
            8 => Avx2.Shuffle(value.AsByte(), Vector256.Create(
                (byte)1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12,
                1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12)).AsUInt32(),
            _ => (value >>> bits) | (value << (32 - bits)),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Load(ref readonly byte place, int offset) =>
        Vector256.LoadUnsafe(in place, (nuint)offset).AsUInt32();

    // Eight inputs by eight words.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        ref Vector256<uint> a, ref Vector256<uint> b, ref Vector256<uint> c, ref Vector256<uint> d,
        ref Vector256<uint> e, ref Vector256<uint> f, ref Vector256<uint> g, ref Vector256<uint> h)
    {
        TransposeWords(ref a, ref b, ref c, ref d);
        TransposeWords(ref e, ref f, ref g, ref h);
        TransposeHalves(ref a, ref e);
        TransposeHalves(ref b, ref f);
        TransposeHalves(ref c, ref g);
        TransposeHalves(ref d, ref h);
    }

    // Four inputs by four words, in each half of the vectors on its own.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeWords(ref Vector256<uint> a, ref Vector256<uint> b, ref Vector256<uint> c, ref Vector256<uint> d)
    {
        Vector256<ulong> abLow = Avx2.UnpackLow(a, b).AsUInt64();
        Vector256<ulong> abHigh = Avx2.UnpackHigh(a, b).AsUInt64();
        Vector256<ulong> cdLow = Avx2.UnpackLow(c, d).AsUInt64();
        Vector256<ulong> cdHigh = Avx2.UnpackHigh(c, d).AsUInt64();
        a = Avx2.UnpackLow(abLow, cdLow).AsUInt32();
        b = Avx2.UnpackHigh(abLow, cdLow).AsUInt32();
        c = Avx2.UnpackLow(abHigh, cdHigh).AsUInt32();
        d = Avx2.UnpackHigh(abHigh, cdHigh).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeHalves(ref Vector256<uint> a, ref Vector256<uint> b)
    {
        Vector256<uint> lower = Avx2.Permute2x128(a, b, 0x20);
        b = Avx2.Permute2x128(a, b, 0x31);
        a = lower;
    }
}
