using System.Buffers.Binary;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Hashing;

namespace ClusterTransfer.Wire.Tests.Frames;

public sealed class FrameHeaderTests
{
    private static readonly FrameHeader Sample = new(
        FrameType.Chunk, FrameFlags.Packed, new SessionId(0x01020304), new Epoch(7, 9), new EntryIndex(0x0A0B0C0D), new ChunkIndex(0x11223344), 1000, 1034);

    [Fact]
    public void Write_LaysFieldsOutAsDocumented()
    {
        byte[] bytes = Written(Sample);
        Assert.Equal("4354010601000403020109000000070000000D0C0B0A44332211E80300000A040000", Convert.ToHexString(bytes[..34]));
        Assert.Equal(Crc32C.Compute(bytes.AsSpan(0, 34)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(34)));
    }

    [Fact]
    public void TryRead_OfWrittenHeader_GivesTheSameHeader()
    {
        var random = new Random(1);
        for (int round = 0; round < 2000; round++)
        {
            var type = (FrameType)random.Next(1, 15);
            var header = new FrameHeader(type, (FrameFlags)random.Next(65536), new SessionId((uint)random.NextInt64(1L << 32)),
                Epoch.FromUInt64((ulong)random.NextInt64(long.MinValue, long.MaxValue)), new EntryIndex((uint)random.NextInt64(1L << 32)),
                new ChunkIndex((uint)random.NextInt64(1L << 32)), random.Next(FrameLimits.ChunkPayload + 1), random.Next(FrameLimits.BodyOf(type) + 1));
            Assert.True(FrameHeader.TryRead(Written(header), out FrameHeader read, out FrameError error));
            Assert.Equal((header, FrameError.None), (read, error));
        }
    }

    [Fact]
    public void TryRead_OfTooFewBytes_IsTooShort()
    {
        byte[] bytes = Written(Sample);
        for (int length = 0; length < FrameHeader.Size; length++)
        {
            Assert.False(FrameHeader.TryRead(bytes.AsSpan(0, length), out _, out FrameError error));
            Assert.Equal(FrameError.TooShort, error);
        }
    }

    [Fact]
    public void TryRead_WithAnyOneOrTwoBitsFlipped_Refuses()
    {
        byte[] bytes = Written(Sample);
        int bits = FrameHeader.Size * 8;
        for (int first = 0; first < bits; first++)
        {
            Flip(bytes, first);
            Assert.False(FrameHeader.TryRead(bytes, out FrameHeader header, out FrameError error));
            Assert.True(error is FrameError.BadMagic or FrameError.BadVersion or FrameError.BadChecksum);
            Assert.Equal(default, header);
            for (int second = first + 1; second < bits; second++)
            {
                Flip(bytes, second);
                Assert.False(FrameHeader.TryRead(bytes, out _, out _));
                Flip(bytes, second);
            }

            Flip(bytes, first);
        }
    }

    [Fact]
    public void TryRead_OfAMillionRandomHeaders_RefusesEach()
    {
        // Three of four start right, so that the checks behind the magic are reached.
        var random = new Random(2);
        byte[] bytes = new byte[FrameHeader.Size];
        for (int round = 0; round < 1_000_000; round++)
        {
            random.NextBytes(bytes);
            if (round % 4 != 0)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(bytes, FrameHeader.Magic);
                bytes[2] = FrameHeader.Version;
            }

            // One in 2^32 would pass by chance; with this seed none does.
            if (FrameHeader.TryRead(bytes, out _, out FrameError error) || error == FrameError.None)
            {
                Assert.Fail($"Random header {Convert.ToHexString(bytes)} was accepted.");
            }
        }
    }

    [Fact]
    public void TryRead_OfRandomFieldsWithAGoodChecksum_RefusesOnlyForTypeOrLength()
    {
        var random = new Random(3);
        byte[] bytes = new byte[FrameHeader.Size];
        for (int round = 0; round < 100_000; round++)
        {
            random.NextBytes(bytes);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, FrameHeader.Magic);
            bytes[2] = FrameHeader.Version;
            bytes[33] &= (byte)random.Next(2);
            bytes[29] &= (byte)random.Next(2);
            bytes[3] &= 15;
            Seal(bytes);
            bool valid = FrameHeader.TryRead(bytes, out FrameHeader header, out FrameError error);
            uint wireLength = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(30));
            uint rawLength = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(26));
            FrameError expected = bytes[3] is 0 or 15 ? FrameError.UnknownType
                : wireLength > FrameLimits.BodyOf((FrameType)bytes[3]) || rawLength > FrameLimits.ChunkPayload ? FrameError.LengthOutOfRange
                : FrameError.None;
            Assert.Equal((expected, expected == FrameError.None), (error, valid));
            Assert.Equal(wireLength <= FrameLimits.AnyBody, header.CanSkip);
        }
    }

    [Theory]
    [Trait("row", "N9")]
    [InlineData(FrameType.Hello, 64 * 1024)]
    [InlineData(FrameType.ManifestPage, 1024 * 1024)]
    [InlineData(FrameType.HaveBits, 64 * 1024)]
    [InlineData(FrameType.Chunk, (16 * 1024 * 1024) + (64 * 1024))]
    [InlineData(FrameType.Goodbye, 64 * 1024)]
    public void TryRead_AtAndBeyondTheLimitOfTheType_AcceptsAndRefuses(FrameType type, int limit)
    {
        Assert.True(FrameHeader.TryRead(Written(Sample with { Type = type, WireLength = limit }), out _, out _));
        Assert.False(FrameHeader.TryRead(Written(Sample with { Type = type, WireLength = limit + 1 }), out FrameHeader header, out FrameError error));
        Assert.Equal(FrameError.LengthOutOfRange, error);
        Assert.Equal(limit + 1, header.WireLength);
    }

    [Fact]
    [Trait("row", "N9")]
    public void TryRead_OfALengthThatNoIntHolds_CannotBeSkipped()
    {
        byte[] bytes = Written(Sample);
        bytes.AsSpan(30, 4).Fill(0xFF);
        Seal(bytes);
        Assert.False(FrameHeader.TryRead(bytes, out FrameHeader header, out FrameError error));
        Assert.Equal(FrameError.LengthOutOfRange, error);
        Assert.False(header.CanSkip);
    }

    [Fact]
    public void BodyOf_EveryTypeThereIs_HasALimit() =>
        Assert.All(Enum.GetValues<FrameType>(), type => Assert.InRange(FrameLimits.BodyOf(type), 1, FrameLimits.AnyBody));

    private static byte[] Written(FrameHeader header)
    {
        byte[] bytes = new byte[FrameHeader.Size];
        header.Write(bytes);
        return bytes;
    }

    private static void Seal(byte[] bytes) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(34), Crc32C.Compute(bytes.AsSpan(0, 34)));

    private static void Flip(byte[] bytes, int bit) => bytes[bit / 8] ^= (byte)(1 << (bit % 8));
}
