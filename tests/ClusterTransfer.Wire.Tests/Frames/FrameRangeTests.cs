using System.Buffers.Binary;
using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Binary;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Wire.Tests.Frames;

/// <summary>Ranges of single fields, at and beyond their ends.</summary>
public sealed class FrameRangeTests
{
    private static readonly HelloBody Hello = new(1, 1, new NodeId("node-a"), new Incarnation(Guid.Empty), "0.1.0", 0, ChunkSizes.Max, 16, new byte[32]);

    public static TheoryData<string, HelloBody> WrongHellos => new()
    {
        { "version 0", Hello with { MinVersion = 0 } },
        { "versions reversed", Hello with { MinVersion = 3, MaxVersion = 2 } },
        { "chunk too small", Hello with { MaxChunkBytes = ChunkSizes.Min - 1 } },
        { "chunk too large", Hello with { MaxChunkBytes = ChunkSizes.Max + 1 } },
        { "no connection", Hello with { MaxConnections = 0 } },
        { "too many connections", Hello with { MaxConnections = 1025 } },
        { "control character", Hello with { SoftwareVersion = "0.1\n" } },
        { "not ASCII", Hello with { SoftwareVersion = "0.1é" } },
        { "long version", Hello with { SoftwareVersion = new string('1', 65) } },
        { "no name", Hello with { Node = default } },
        { "short nonce", Hello with { Nonce = new byte[31] } },
    };

    [Theory]
    [MemberData(nameof(WrongHellos), DisableDiscoveryEnumeration = true)]
    public void Hello_OutOfRange_IsNotWritten(string what, HelloBody body)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(body.ToArray);
        Assert.False(string.IsNullOrEmpty(error.Message), what);
    }

    [Theory]
    [Trait("row", "N9")]
    [InlineData(0, 0)]          // lowest version 0
    [InlineData(1, 0)]          // highest below lowest
    [InlineData(10, 1)]         // chunk size just above 16 MiB
    [InlineData(13, 2)]         // chunk size of 32 MiB
    [InlineData(15, 9)]         // 2,304 connections
    [InlineData(64, 0)]         // empty name, its bytes become a version text
    [InlineData(65, (byte)'A')] // capital in the name
    [InlineData(72, 10)]        // line feed in the version text
    public void Hello_WithOneByteOutOfRange_IsRefused(int at, byte value)
    {
        byte[] bytes = Hello.ToArray();
        Assert.True(HelloBody.TryRead(bytes, out _));
        bytes[at] = value;
        Assert.False(HelloBody.TryRead(bytes, out _));
    }

    [Fact]
    public void HaveBits_WithSpareBitsSet_IsRefused()
    {
        byte[] bytes = new HaveBitsBody(0, 0, 3, [0b101]).ToArray();
        bytes[^1] = 0b1101;
        Assert.False(HaveBitsBody.TryRead(bytes, out _));
    }

    [Fact]
    [Trait("row", "N9")]
    public void HaveBits_BeyondTheLastChunkIndex_IsRefused()
    {
        byte[] bytes = new HaveBitsBody(0, uint.MaxValue - 8, 8, [0]).ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), uint.MaxValue - 7);
        Assert.False(HaveBitsBody.TryRead(bytes, out _));
    }

    [Fact]
    public void HaveBits_LargestCount_FitsAControlFrameAndOneMoreIsRefused()
    {
        byte[] bytes = new HaveBitsBody(0, 0, HaveBitsBody.MaxCount, new byte[HaveBitsBody.MaxCount / 8]).ToArray();
        Assert.InRange(bytes.Length, 1, FrameLimits.ControlBody);
        Assert.True(HaveBitsBody.TryRead(bytes, out _));

        byte[] longer = [.. bytes, 0];
        BinaryPrimitives.WriteInt32LittleEndian(longer.AsSpan(8), HaveBitsBody.MaxCount + 1);
        Assert.False(HaveBitsBody.TryRead(longer, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(HaveBitsBody.MaxCount)]
    [InlineData(HaveBitsBody.MaxCount + 1)]
    [InlineData((2 * HaveBitsBody.MaxCount) + 77)]
    public void HaveBits_Split_GivesEachBitOnceInOrder(int count)
    {
        byte[] bits = TestData.Random(seed: 5, (count + 7) / 8);
        if (count % 8 != 0)
        {
            bits[^1] &= (byte)((1 << (count % 8)) - 1);
        }

        uint next = 1000;
        foreach (HaveBitsBody part in HaveBitsBody.Split(3, 1000, count, bits))
        {
            Assert.True(HaveBitsBody.TryRead(part.ToArray(), out HaveBitsBody? read));
            Assert.Equal((3, next), (read.Page, read.FirstChunk));
            for (int i = 0; i < read.Count; i += 97)
            {
                int bit = (int)(next - 1000) + i;
                Assert.Equal((bits[bit / 8] >> (bit % 8) & 1) == 1, read.IsSet(i));
            }

            next += (uint)read.Count;
        }

        Assert.Equal(1000 + (uint)count, next);
    }

    [Fact]
    public void HaveBits_OfPagesAccepted_TellsPagesAndHash()
    {
        Digest hash = new(TestData.Random(seed: 6, 32));
        Assert.True(HaveBitsBody.TryRead(HaveBitsBody.PagesAccepted(17, hash).ToArray(), out HaveBitsBody? read));
        Assert.True(read.IsPagesAccepted);
        Assert.Equal((17, hash), (read.AcceptedPages, read.LastPageHash));
    }

    [Fact]
    public void LargestBodies_FitAControlFrame()
    {
        string longest = new('x', DetailText.MaxBytes);
        Assert.InRange(new AckBody(new uint[AckBody.MaxChunks]).EncodedLength, 1, FrameLimits.ControlBody);
        Assert.InRange(new FileDoneBody(new (EntryIndex, Digest)[FileDoneBody.MaxFiles]).EncodedLength, 1, FrameLimits.ControlBody);
        Assert.InRange(
            new SourceChangedBody([.. Enumerable.Repeat((default(EntryIndex), Reason.SourceChanged, longest), SourceChangedBody.MaxEntries)]).EncodedLength,
            1,
            FrameLimits.ControlBody);
    }

    [Fact]
    public void Lists_EmptyOrTooLong_AreNotWritten()
    {
        Assert.Throws<ArgumentException>(new AckBody([]).ToArray);
        Assert.Throws<ArgumentException>(new AckBody(new uint[AckBody.MaxChunks + 1]).ToArray);
        Assert.Throws<ArgumentException>(new FileDoneBody([]).ToArray);
        Assert.Throws<ArgumentException>(new FileDoneBody(new (EntryIndex, Digest)[FileDoneBody.MaxFiles + 1]).ToArray);
        Assert.Throws<ArgumentException>(new SourceChangedBody([]).ToArray);
    }

    [Fact]
    public void Nack_WithUnknownReason_IsRefused()
    {
        byte[] bytes = new NackBody(NackReason.IntegrityFailure, "x", default, default).ToArray();
        bytes[0]++;
        Assert.False(NackBody.TryRead(bytes, out _));
    }

    [Fact]
    [Trait("row", "N15")]
    public void Reason_OfALaterVersion_ReadsAsUnclassified()
    {
        byte[] bytes = new GoodbyeBody(Reason.Cancelled, "x").ToArray();
        bytes[1] = 0x7F;
        Assert.True(GoodbyeBody.TryRead(bytes, out GoodbyeBody? read));
        Assert.Equal(Reason.Unclassified, read.Reason);
    }

    [Fact]
    public void Reasons_AllHaveANumberOfTheirOwn()
    {
        Assert.All(Enum.GetValues<Reason>(), reason => Assert.Equal(reason, ReasonNumbers.FromWire(ReasonNumbers.ToWire(reason))));
    }

    [Fact]
    public void Detail_TooLong_IsCutAtACharacter()
    {
        Assert.True(GoodbyeBody.TryRead(new GoodbyeBody(Reason.None, "a" + new string('漢', 1000)).ToArray(), out GoodbyeBody? read));
        Assert.InRange(Encoding.UTF8.GetByteCount(read.Detail), DetailText.MaxBytes - 4, DetailText.MaxBytes);
        Assert.StartsWith("a漢漢", read.Detail, StringComparison.Ordinal);
        Assert.EndsWith("漢…", read.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Detail_WithBrokenSurrogate_IsStillWritten()
    {
        Assert.True(GoodbyeBody.TryRead(new GoodbyeBody(Reason.None, "a\uD800b").ToArray(), out GoodbyeBody? read));
        Assert.Equal("a\uFFFDb", read.Detail);
    }

    [Fact]
    public void Detail_ThatSteersATerminal_IsDisarmed()
    {
        Assert.True(GoodbyeBody.TryRead(new GoodbyeBody(Reason.None, "x\u001b[2J\u202e'C:\\\\a'").ToArray(), out GoodbyeBody? read));
        Assert.Equal("x\uFFFD[2J\uFFFD'C:\\\\a'", read.Detail);
    }
}
