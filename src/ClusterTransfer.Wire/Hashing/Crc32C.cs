using System.Buffers.Binary;
using System.Numerics;

namespace ClusterTransfer.Wire.Hashing;

/// <summary>CRC32C (Castagnoli), as in iSCSI and ext4. It guards headers and journal records against accidents, nothing else.</summary>
/// <remarks><see cref="BitOperations.Crc32C(uint, ulong)"/> is the SSE4.2 or ARM instruction where there is one and a table where not.</remarks>
public static class Crc32C
{
    private const uint Polynomial = 0x82F63B78;

    // x to the power of 8 * 2^k, modulo the polynomial: what 2^k zero bytes multiply a register by.
    private static readonly uint[] Zeros = ZeroBytes();

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

    /// <summary>The bare register after one more byte. Without the inversions of <see cref="Append"/> checksums can be added, see <see cref="Skip"/>.</summary>
    public static uint Step(uint register, byte data) => BitOperations.Crc32C(register, data);

    /// <summary>The bare register after so many zero bytes, in a time that grows with the length of the number alone.</summary>
    /// <remarks>Registers are linear: with r(k) the register after the first k bytes of some data, the register r after the bytes i to j of it is
    /// Skip(r ^ r(i), j - i) ^ r(j). So the checksum of any part is known from sums that run over the whole once.</remarks>
    public static uint Skip(uint register, uint bytes)
    {
        for (int k = 0; bytes != 0; k++, bytes >>= 1)
        {
            if ((bytes & 1) != 0)
            {
                register = Multiply(Zeros[k], register);
            }
        }

        return register;
    }

    private static uint[] ZeroBytes()
    {
        uint[] powers = new uint[32];
        powers[0] = 1u << 23;   // the highest bit is x to the power of 0
        for (int k = 1; k < powers.Length; k++)
        {
            powers[k] = Multiply(powers[k - 1], powers[k - 1]);
        }

        return powers;
    }

    private static uint Multiply(uint left, uint right)
    {
        uint product = 0;
        for (; left != 0; left <<= 1)
        {
            product ^= (left & 0x8000_0000) != 0 ? right : 0;
            right = (right >> 1) ^ ((right & 1) != 0 ? Polynomial : 0);
        }

        return product;
    }
}
