using System.Buffers.Binary;
using System.Numerics;

namespace ClusterTransfer.Wire.Hashing;

/// <summary>CRC32C (Castagnoli), as in iSCSI and ext4. It guards headers and journal records against accidents, nothing else.</summary>
/// <remarks><see cref="BitOperations.Crc32C(uint, ulong)"/> is the SSE4.2 or ARM instruction where there is one and a table where not.</remarks>
public static class Crc32C
{
    /// <summary>Checksum of the data.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) => Append(0, data);

    /// <summary>Checksum of what <paramref name="crc"/> covers followed by the data: Append(Compute(a), b) = Compute(a + b).</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        uint state = ~crc;
        while (data.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        if (data.Length >= sizeof(uint))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt32LittleEndian(data));
            data = data[sizeof(uint)..];
        }

        foreach (byte b in data)
        {
            state = BitOperations.Crc32C(state, b);
        }

        return ~state;
    }
}
