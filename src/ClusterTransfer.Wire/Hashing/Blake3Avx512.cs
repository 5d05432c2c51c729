using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static ClusterTransfer.Wire.Hashing.Blake3Constants;

namespace ClusterTransfer.Wire.Hashing;

/// <summary>Sixteen inputs side by side, one 32-bit word of each in a vector.</summary>
/// <remarks>The state fills half of the 32 registers and the message the other half, less what the compiler spills.</remarks>
internal static class Blake3Avx512
{
    /// <summary>Inputs that are hashed side by side.</summary>
    public const int Lanes = 16;

    /// <summary>Hashes <see cref="Lanes"/> inputs that follow one another.</summary>
    /// <param name="input">The first byte of the first input.</param>
    /// <param name="blocks">Blocks of each input: 16 for chunks, 1 for parents.</param>
    /// <param name="counter">Counter of the first input.</param>
    /// <param name="step">1 when each input counts one more (chunks), 0 when all have the same (parents).</param>
    /// <param name="flags">Flags of every block, of the first and of the last.</param>
    /// <param name="values">Receives 8 words for each input. May be the memory of the input: all of it has been read before.</param>
    public static void Hash(ref readonly byte input, int blocks, ulong counter, uint step, in Blake3Flags flags, ref uint values)
    {
        Vector512<uint> h0 = Vector512.Create(Iv0);
        Vector512<uint> h1 = Vector512.Create(Iv1);
        Vector512<uint> h2 = Vector512.Create(Iv2);
        Vector512<uint> h3 = Vector512.Create(Iv3);
        Vector512<uint> h4 = Vector512.Create(Iv4);
        Vector512<uint> h5 = Vector512.Create(Iv5);
        Vector512<uint> h6 = Vector512.Create(Iv6);
        Vector512<uint> h7 = Vector512.Create(Iv7);

        // A counter that passes 2^32 within the lanes carries into the upper word: where the sum is smaller than what was added to.
        Vector512<uint> counterLow = Vector512.Create((uint)counter) + (Vector512<uint>.Indices * Vector512.Create(step));
        Vector512<uint> counterHigh = Vector512.Create((uint)(counter >> 32)) - Vector512.LessThan(counterLow, Vector512.Create((uint)counter));

        for (int block = 0; block < blocks; block++)
        {
            ref readonly byte place = ref Unsafe.Add(ref Unsafe.AsRef(in input), block * BlockLength);
            int stride = blocks * BlockLength;
            Vector512<uint> m0 = Load(in place, 0 * stride);
            Vector512<uint> m1 = Load(in place, 1 * stride);
            Vector512<uint> m2 = Load(in place, 2 * stride);
            Vector512<uint> m3 = Load(in place, 3 * stride);
            Vector512<uint> m4 = Load(in place, 4 * stride);
            Vector512<uint> m5 = Load(in place, 5 * stride);
            Vector512<uint> m6 = Load(in place, 6 * stride);
            Vector512<uint> m7 = Load(in place, 7 * stride);
            Vector512<uint> m8 = Load(in place, 8 * stride);
            Vector512<uint> m9 = Load(in place, 9 * stride);
            Vector512<uint> m10 = Load(in place, 10 * stride);
            Vector512<uint> m11 = Load(in place, 11 * stride);
            Vector512<uint> m12 = Load(in place, 12 * stride);
            Vector512<uint> m13 = Load(in place, 13 * stride);
            Vector512<uint> m14 = Load(in place, 14 * stride);
            Vector512<uint> m15 = Load(in place, 15 * stride);
            TransposeWords(ref m0, ref m1, ref m2, ref m3);
            TransposeWords(ref m4, ref m5, ref m6, ref m7);
            TransposeWords(ref m8, ref m9, ref m10, ref m11);
            TransposeWords(ref m12, ref m13, ref m14, ref m15);
            TransposeQuarters(ref m0, ref m4, ref m8, ref m12);
            TransposeQuarters(ref m1, ref m5, ref m9, ref m13);
            TransposeQuarters(ref m2, ref m6, ref m10, ref m14);
            TransposeQuarters(ref m3, ref m7, ref m11, ref m15);

            Vector512<uint> v0 = h0;
            Vector512<uint> v1 = h1;
            Vector512<uint> v2 = h2;
            Vector512<uint> v3 = h3;
            Vector512<uint> v4 = h4;
            Vector512<uint> v5 = h5;
            Vector512<uint> v6 = h6;
            Vector512<uint> v7 = h7;
            Vector512<uint> v8 = Vector512.Create(Iv0);
            Vector512<uint> v9 = Vector512.Create(Iv1);
            Vector512<uint> v10 = Vector512.Create(Iv2);
            Vector512<uint> v11 = Vector512.Create(Iv3);
            Vector512<uint> v12 = counterLow;
            Vector512<uint> v13 = counterHigh;
            Vector512<uint> v14 = Vector512.Create((uint)BlockLength);
            Vector512<uint> v15 = Vector512.Create(flags.Of(block, blocks));

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

        // The lower and the upper eight inputs are transposed apart, in halves.
        Blake3Avx2.StoreTransposed(h0.GetLower(), h1.GetLower(), h2.GetLower(), h3.GetLower(),
            h4.GetLower(), h5.GetLower(), h6.GetLower(), h7.GetLower(), ref values);
        Blake3Avx2.StoreTransposed(h0.GetUpper(), h1.GetUpper(), h2.GetUpper(), h3.GetUpper(),
            h4.GetUpper(), h5.GetUpper(), h6.GetUpper(), h7.GetUpper(), ref Unsafe.Add(ref values, Blake3Avx2.Lanes * Words));
    }

    // Columns, then diagonals. Inlined seven times with the message permuted by name, so that the schedule costs nothing at run time.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(
        ref Vector512<uint> v0, ref Vector512<uint> v1, ref Vector512<uint> v2, ref Vector512<uint> v3,
        ref Vector512<uint> v4, ref Vector512<uint> v5, ref Vector512<uint> v6, ref Vector512<uint> v7,
        ref Vector512<uint> v8, ref Vector512<uint> v9, ref Vector512<uint> v10, ref Vector512<uint> v11,
        ref Vector512<uint> v12, ref Vector512<uint> v13, ref Vector512<uint> v14, ref Vector512<uint> v15,
        Vector512<uint> m0, Vector512<uint> m1, Vector512<uint> m2, Vector512<uint> m3,
        Vector512<uint> m4, Vector512<uint> m5, Vector512<uint> m6, Vector512<uint> m7,
        Vector512<uint> m8, Vector512<uint> m9, Vector512<uint> m10, Vector512<uint> m11,
        Vector512<uint> m12, Vector512<uint> m13, Vector512<uint> m14, Vector512<uint> m15)
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
    private static void Mix(ref Vector512<uint> a, ref Vector512<uint> b, ref Vector512<uint> c, ref Vector512<uint> d, Vector512<uint> x, Vector512<uint> y)
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> RotateRight(Vector512<uint> value, [ConstantExpected] byte bits) => Avx512F.RotateRight(value, bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Load(ref readonly byte place, int offset) =>
        Vector512.LoadUnsafe(in place, (nuint)offset).AsUInt32();

    // Four inputs by four words, in each quarter of the vectors on its own.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeWords(ref Vector512<uint> a, ref Vector512<uint> b, ref Vector512<uint> c, ref Vector512<uint> d)
    {
        Vector512<ulong> abLow = Avx512F.UnpackLow(a, b).AsUInt64();
        Vector512<ulong> abHigh = Avx512F.UnpackHigh(a, b).AsUInt64();
        Vector512<ulong> cdLow = Avx512F.UnpackLow(c, d).AsUInt64();
        Vector512<ulong> cdHigh = Avx512F.UnpackHigh(c, d).AsUInt64();
        a = Avx512F.UnpackLow(abLow, cdLow).AsUInt32();
        b = Avx512F.UnpackHigh(abLow, cdLow).AsUInt32();
        c = Avx512F.UnpackLow(abHigh, cdHigh).AsUInt32();
        d = Avx512F.UnpackHigh(abHigh, cdHigh).AsUInt32();
    }

    // Four vectors by four quarters of 128 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeQuarters(ref Vector512<uint> a, ref Vector512<uint> b, ref Vector512<uint> c, ref Vector512<uint> d)
    {
        Vector512<uint> abEven = Avx512F.Shuffle4x128(a, b, 0b10_00_10_00);
        Vector512<uint> abOdd = Avx512F.Shuffle4x128(a, b, 0b11_01_11_01);
        Vector512<uint> cdEven = Avx512F.Shuffle4x128(c, d, 0b10_00_10_00);
        Vector512<uint> cdOdd = Avx512F.Shuffle4x128(c, d, 0b11_01_11_01);
        a = Avx512F.Shuffle4x128(abEven, cdEven, 0b10_00_10_00);
        b = Avx512F.Shuffle4x128(abOdd, cdOdd, 0b10_00_10_00);
        c = Avx512F.Shuffle4x128(abEven, cdEven, 0b11_01_11_01);
        d = Avx512F.Shuffle4x128(abOdd, cdOdd, 0b11_01_11_01);
    }
}
