using System.Buffers.Binary;
using System.Numerics;
using ClusterTransfer.Model;

namespace ClusterTransfer.Wire.Tests.Hashing;

/// <summary>BLAKE3 as the specification tells it: scalar, recursive, slow, sharing nothing with the code under test.</summary>
internal static class ReferenceBlake3
{
    private static readonly uint[] Iv =
        [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19];

    private static readonly int[] Permutation = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];

    public static Digest Hash(ReadOnlySpan<byte> data) => ToDigest(Node(data, 0, isRoot: true));

    public static Digest SubtreeValue(ReadOnlySpan<byte> data, long offset) => ToDigest(Node(data, (ulong)offset / 1024, isRoot: false));

    private static uint[] Node(ReadOnlySpan<byte> data, ulong counter, bool isRoot)
    {
        uint root = isRoot ? 8u : 0;
        if (data.Length <= 1024)
        {
            return Chunk(data, counter, root);
        }

        int left = 1024;
        while (left * 2 < data.Length)
        {
            left *= 2;
        }

        uint[] block = [.. Node(data[..left], counter, false), .. Node(data[left..], counter + (ulong)(left / 1024), false)];
        return Compress(Iv, block, 0, 64, 4 | root);
    }

    private static uint[] Chunk(ReadOnlySpan<byte> data, ulong counter, uint root)
    {
        uint[] value = Iv;
        int blocks = Math.Max(1, (data.Length + 63) / 64);
        for (int i = 0; i < blocks; i++)
        {
            ReadOnlySpan<byte> bytes = data[(i * 64)..Math.Min((i + 1) * 64, data.Length)];
            byte[] padded = new byte[64];
            bytes.CopyTo(padded);
            uint[] block = [.. Enumerable.Range(0, 16).Select(word => BinaryPrimitives.ReadUInt32LittleEndian(padded.AsSpan(word * 4)))];
            uint flags = (i == 0 ? 1u : 0) | (i == blocks - 1 ? 2 | root : 0);
            value = Compress(value, block, counter, (uint)bytes.Length, flags);
        }

        return value;
    }

    private static uint[] Compress(uint[] value, uint[] block, ulong counter, uint length, uint flags)
    {
        uint[] v = [.. value, .. Iv[..4], (uint)counter, (uint)(counter >> 32), length, flags];
        uint[] m = block;
        for (int round = 0; round < 7; round++)
        {
            for (int i = 0; i < 4; i++)
            {
                Mix(v, i, 4 + i, 8 + i, 12 + i, m[2 * i], m[(2 * i) + 1]);
            }

            for (int i = 0; i < 4; i++)
            {
                Mix(v, i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4), m[8 + (2 * i)], m[9 + (2 * i)]);
            }

            uint[] before = m;
            m = [.. Permutation.Select(place => before[place])];
        }

        return [.. Enumerable.Range(0, 8).Select(i => v[i] ^ v[i + 8])];
    }

    private static void Mix(uint[] v, int a, int b, int c, int d, uint x, uint y)
    {
        v[a] = v[a] + v[b] + x;
        v[d] = BitOperations.RotateRight(v[d] ^ v[a], 16);
        v[c] += v[d];
        v[b] = BitOperations.RotateRight(v[b] ^ v[c], 12);
        v[a] = v[a] + v[b] + y;
        v[d] = BitOperations.RotateRight(v[d] ^ v[a], 8);
        v[c] += v[d];
        v[b] = BitOperations.RotateRight(v[b] ^ v[c], 7);
    }

    private static Digest ToDigest(uint[] value)
    {
        byte[] bytes = new byte[32];
        for (int i = 0; i < 8; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), value[i]);
        }

        return new Digest(bytes);
    }
}
