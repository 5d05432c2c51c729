using ClusterTransfer.Wire.Hashing;

namespace ClusterTransfer.Wire.Tests.Hashing;

public sealed class Crc32CTests
{
    /// <summary>The check value of the catalogue of CRCs, and the vectors of RFC 3720, appendix B.4.</summary>
    public static TheoryData<string, uint> Vectors => new()
    {
        { string.Empty, 0 },
        { "313233343536373839", 0xE3069283 },
        { new string('0', 64), 0x8A9136AA },
        { new string('F', 64), 0x62A8AB43 },
        { "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 0x46DD794E },
        { "1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100", 0x113FDB5C },
        {
            "01c00000000000000000000000000000140000000000040000000014000000182800000000000000" + "0200000000000000", 0xD9963A56
        },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Compute_OfKnownVectors_IsTheKnownChecksum(string hex, uint expected) =>
        Assert.Equal(expected, Crc32C.Compute(Convert.FromHexString(hex)));

    [Fact]
    public void Append_OfAnySplit_IsTheChecksumOfTheWhole()
    {
        byte[] data = TestData.Random(seed: 1, 300);
        for (int length = 0; length <= data.Length; length++)
        {
            uint expected = BitByBit(data.AsSpan(0, length));
            int split = length * 5 / 8;
            Assert.Equal(expected, Crc32C.Compute(data.AsSpan(0, length)));
            Assert.Equal(expected, Crc32C.Append(Crc32C.Compute(data.AsSpan(0, split)), data.AsSpan(split, length - split)));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    [InlineData(1_000_003)]
    public void Skip_OfSoManyZeroBytes_IsWhatStepsGive(int bytes)
    {
        uint stepped = 0xDEADBEEF;
        for (int i = 0; i < bytes; i++)
        {
            stepped = Crc32C.Step(stepped, 0);
        }

        Assert.Equal(stepped, Crc32C.Skip(0xDEADBEEF, (uint)bytes));
    }

    [Fact]
    public void Skip_OfRunningSums_GivesTheChecksumOfAnyPart()
    {
        byte[] data = TestData.Random(seed: 2, 200);
        uint[] sums = new uint[data.Length + 1];
        for (int i = 0; i < data.Length; i++)
        {
            sums[i + 1] = Crc32C.Step(sums[i], data[i]);
        }

        for (int i = 0; i <= data.Length; i++)
        {
            for (int j = i; j <= data.Length; j++)
            {
                uint before = Crc32C.Compute(data.AsSpan(0, 3));
                Assert.Equal(Crc32C.Append(before, data.AsSpan(i, j - i)), ~(Crc32C.Skip(~before ^ sums[i], (uint)(j - i)) ^ sums[j]));
            }
        }
    }

    private static uint BitByBit(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) == 0 ? 0 : 0x82F63B78);
            }
        }

        return ~crc;
    }
}
