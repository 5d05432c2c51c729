using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using static ClusterTransfer.Wire.Hashing.Blake3Constants;

namespace ClusterTransfer.Wire.Hashing;

/// <summary>Four inputs side by side with vectors that every platform of .NET has, in hardware on x64 and ARM64.</summary>
internal static class Blake3Portable
{
    /// <summary>Inputs that are hashed side by side.</summary>
    public const int Lanes = 4;

    /// <summary>Hashes <see cref="Lanes"/> inputs that follow one another.</summary>
    /// <param name="input">The first byte of the first input.</param>
    /// <param name="blocks">Blocks of each input: 16 for chunks, 1 for parents.</param>
    /// <param name="counter">Counter of the first input.</param>
    /// <param name="step">1 when each input counts one more (chunks), 0 when all have the same (parents).</param>
    /// <param name="flags">Flags of every block, of the first and of the last.</param>
    /// <param name="values">Receives 8 words for each input. May be the memory of the input: all of it has been read before.</param>
    public static void Hash(ref readonly byte input, int blocks, ulong counter, uint step, in Blake3Flags flags, ref uint values)
    {
        Vector128<uint> h0 = Vector128.Create(Iv0);
        Vector128<uint> h1 = Vector128.Create(Iv1);
        Vector128<uint> h2 = Vector128.Create(Iv2);
        Vector128<uint> h3 = Vector128.Create(Iv3);
        Vector128<uint> h4 = Vector128.Create(Iv4);
        Vector128<uint> h5 = Vector128.Create(Iv5);
        Vector128<uint> h6 = Vector128.Create(Iv6);
        Vector128<uint> h7 = Vector128.Create(Iv7);

        // A counter that passes 2^32 within the lanes carries into the upper word: where the sum is smaller than what was added to.
        Vector128<uint> counterLow = Vector128.Create((uint)counter) + (Vector128<uint>.Indices * Vector128.Create(step));
        Vector128<uint> counterHigh = Vector128.Create((uint)(counter >> 32)) - Vector128.LessThan(counterLow, Vector128.Create((uint)counter));

        for (int block = 0; block < blocks; block++)
        {
            ref readonly byte place = ref Unsafe.Add(ref Unsafe.AsRef(in input), block * BlockLength);
            int stride = blocks * BlockLength;
            Vector128<uint> m0 = Load(in place, 0 * stride);
            Vector128<uint> m1 = Load(in place, 1 * stride);
            Vector128<uint> m2 = Load(in place, 2 * stride);
            Vector128<uint> m3 = Load(in place, 3 * stride);
            Vector128<uint> m4 = Load(in place, (0 * stride) + 16);
            Vector128<uint> m5 = Load(in place, (1 * stride) + 16);
            Vector128<uint> m6 = Load(in place, (2 * stride) + 16);
            Vector128<uint> m7 = Load(in place, (3 * stride) + 16);
            Vector128<uint> m8 = Load(in place, (0 * stride) + 32);
            Vector128<uint> m9 = Load(in place, (1 * stride) + 32);
            Vector128<uint> m10 = Load(in place, (2 * stride) + 32);
            Vector128<uint> m11 = Load(in place, (3 * stride) + 32);
            Vector128<uint> m12 = Load(in place, (0 * stride) + 48);
            Vector128<uint> m13 = Load(in place, (1 * stride) + 48);
            Vector128<uint> m14 = Load(in place, (2 * stride) + 48);
            Vector128<uint> m15 = Load(in place, (3 * stride) + 48);
            Transpose(ref m0, ref m1, ref m2, ref m3);
            Transpose(ref m4, ref m5, ref m6, ref m7);
            Transpose(ref m8, ref m9, ref m10, ref m11);
            Transpose(ref m12, ref m13, ref m14, ref m15);

            Vector128<uint> v0 = h0;
            Vector128<uint> v1 = h1;
            Vector128<uint> v2 = h2;
            Vector128<uint> v3 = h3;
            Vector128<uint> v4 = h4;
            Vector128<uint> v5 = h5;
            Vector128<uint> v6 = h6;
            Vector128<uint> v7 = h7;
            Vector128<uint> v8 = Vector128.Create(Iv0);
            Vector128<uint> v9 = Vector128.Create(Iv1);
            Vector128<uint> v10 = Vector128.Create(Iv2);
            Vector128<uint> v11 = Vector128.Create(Iv3);
            Vector128<uint> v12 = counterLow;
            Vector128<uint> v13 = counterHigh;
            Vector128<uint> v14 = Vector128.Create((uint)BlockLength);
            Vector128<uint> v15 = Vector128.Create(flags.Of(block, blocks));

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

        Transpose(ref h0, ref h1, ref h2, ref h3);
        Transpose(ref h4, ref h5, ref h6, ref h7);
        h0.StoreUnsafe(ref values, 0 * Words);
        h4.StoreUnsafe(ref values, (0 * Words) + 4);
        h1.StoreUnsafe(ref values, 1 * Words);
        h5.StoreUnsafe(ref values, (1 * Words) + 4);
        h2.StoreUnsafe(ref values, 2 * Words);
        h6.StoreUnsafe(ref values, (2 * Words) + 4);
        h3.StoreUnsafe(ref values, 3 * Words);
        h7.StoreUnsafe(ref values, (3 * Words) + 4);
    }

    // Columns, then diagonals. Inlined seven times with the message permuted by name, so that the schedule costs nothing at run time.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(
        ref Vector128<uint> v0, ref Vector128<uint> v1, ref Vector128<uint> v2, ref Vector128<uint> v3,
        ref Vector128<uint> v4, ref Vector128<uint> v5, ref Vector128<uint> v6, ref Vector128<uint> v7,
        ref Vector128<uint> v8, ref Vector128<uint> v9, ref Vector128<uint> v10, ref Vector128<uint> v11,
        ref Vector128<uint> v12, ref Vector128<uint> v13, ref Vector128<uint> v14, ref Vector128<uint> v15,
        Vector128<uint> m0, Vector128<uint> m1, Vector128<uint> m2, Vector128<uint> m3,
        Vector128<uint> m4, Vector128<uint> m5, Vector128<uint> m6, Vector128<uint> m7,
        Vector128<uint> m8, Vector128<uint> m9, Vector128<uint> m10, Vector128<uint> m11,
        Vector128<uint> m12, Vector128<uint> m13, Vector128<uint> m14, Vector128<uint> m15)
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
    private static void Mix(ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d, Vector128<uint> x, Vector128<uint> y)
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
    private static Vector128<uint> RotateRight(Vector128<uint> value, [ConstantExpected] byte bits) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.RotateRight(value, bits) : (value >>> bits) | (value << (32 - bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Load(ref readonly byte place, int offset) =>
        Vector128.LoadUnsafe(in place, (nuint)offset).AsUInt32();

    // Four inputs by four words.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d)
    {
        Vector128<ulong> abLow = UnpackLow(a, b).AsUInt64();
        Vector128<ulong> abHigh = UnpackHigh(a, b).AsUInt64();
        Vector128<ulong> cdLow = UnpackLow(c, d).AsUInt64();
        Vector128<ulong> cdHigh = UnpackHigh(c, d).AsUInt64();
        a = Vector128.Create(abLow.GetLower(), cdLow.GetLower()).AsUInt32();
        b = Vector128.Create(abLow.GetUpper(), cdLow.GetUpper()).AsUInt32();
        c = Vector128.Create(abHigh.GetLower(), cdHigh.GetLower()).AsUInt32();
        d = Vector128.Create(abHigh.GetUpper(), cdHigh.GetUpper()).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> UnpackLow(Vector128<uint> a, Vector128<uint> b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.UnpackLow(a, b);
        }

        return AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b) : Vector128.Create(a[0], b[0], a[1], b[1]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> UnpackHigh(Vector128<uint> a, Vector128<uint> b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.UnpackHigh(a, b);
        }

        return AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b) : Vector128.Create(a[2], b[2], a[3], b[3]);
    }
}
