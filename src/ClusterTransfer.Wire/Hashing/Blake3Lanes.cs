using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static ClusterTransfer.Wire.Hashing.Blake3Constants;

namespace ClusterTransfer.Wire.Hashing;

/// <summary>Hashes many inputs of one length with the widest kernel that they fill, the rest with narrower ones.</summary>
internal static class Blake3Lanes
{
    /// <summary>Chaining values of whole chunks that follow one another.</summary>
    public static void HashChunks(Blake3Kernel kernel, ReadOnlySpan<byte> chunks, ulong counter, Span<uint> values)
    {
        int done = HashWide(kernel, chunks, BlocksPerChunk, counter, step: 1, Blake3Flags.Chunk, values);
        for (; done < chunks.Length / ChunkLength; done++)
        {
            Blake3Compression.HashChunk(chunks.Slice(done * ChunkLength, ChunkLength), counter + (ulong)done, 0, values.Slice(done * Words, Words));
        }
    }

    /// <summary>Chaining values of parents. The values may overwrite the children from their start.</summary>
    public static void HashParents(Blake3Kernel kernel, ReadOnlySpan<byte> children, Span<uint> values)
    {
        int done = HashWide(kernel, children, blocks: 1, counter: 0, step: 0, Blake3Flags.Parent, values);
        for (; done < children.Length / BlockLength; done++)
        {
            Blake3Compression.HashParent(children.Slice(done * BlockLength, BlockLength), 0, values.Slice(done * Words, Words));
        }
    }

    // Returns how many inputs were hashed; fewer than four are left.
    private static int HashWide(
        Blake3Kernel kernel, ReadOnlySpan<byte> inputs, int blocks, ulong counter, uint step, in Blake3Flags flags, Span<uint> values)
    {
        int stride = blocks * BlockLength;
        int count = inputs.Length / stride;
        ArgumentOutOfRangeException.ThrowIfLessThan(values.Length, count * Words);   // the kernels store without a check of their own

        ref byte input = ref MemoryMarshal.GetReference(inputs);
        ref uint output = ref MemoryMarshal.GetReference(values);
        int done = 0;
        if (kernel >= Blake3Kernel.Avx512 && Blake3Kernel.Avx512.IsSupported())
        {
            for (; count - done >= Blake3Avx512.Lanes; done += Blake3Avx512.Lanes)
            {
                Blake3Avx512.Hash(ref Unsafe.Add(ref input, done * stride), blocks, counter + ((ulong)done * step), step, flags, ref Unsafe.Add(ref output, done * Words));
            }
        }

        if (kernel >= Blake3Kernel.Avx2 && Blake3Kernel.Avx2.IsSupported())
        {
            for (; count - done >= Blake3Avx2.Lanes; done += Blake3Avx2.Lanes)
            {
                Blake3Avx2.Hash(ref Unsafe.Add(ref input, done * stride), blocks, counter + ((ulong)done * step), step, flags, ref Unsafe.Add(ref output, done * Words));
            }
        }

        for (; count - done >= Blake3Portable.Lanes; done += Blake3Portable.Lanes)
        {
            Blake3Portable.Hash(ref Unsafe.Add(ref input, done * stride), blocks, counter + ((ulong)done * step), step, flags, ref Unsafe.Add(ref output, done * Words));
        }

        return done;
    }
}
