using ClusterTransfer.Model;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Wire.Tests.Frames;

public sealed class ChunkPrefixTests
{
    private static readonly Digest Digest = new(TestData.Random(seed: 1, 32));

    [Fact]
    public void TryRead_OfPlainChunk_FindsThePayloadBehindTheDigest()
    {
        byte[] body = new byte[32 + 5];
        Assert.Equal(32, ChunkPrefix.Write(body, packed: false, Digest, []));
        Assert.True(ChunkPrefix.TryRead(body, packed: false, out ChunkPrefix prefix));
        Assert.Equal((Digest, 32, 0), (prefix.Digest, prefix.Length, prefix.AbsentCount));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1024)]
    public void TryRead_OfPackedChunk_GivesTheAbsentMembers(int count)
    {
        uint[] absent = [.. Enumerable.Range(0, count).Select(i => (uint)((i * 3) + 7))];
        byte[] body = new byte[ChunkPrefix.MaxLength + 9];
        int length = ChunkPrefix.Write(body, packed: true, Digest, absent);
        Assert.True(ChunkPrefix.TryRead(body, packed: true, out ChunkPrefix prefix));
        uint[] read = new uint[prefix.AbsentCount];
        prefix.CopyAbsentTo(read);
        Assert.Equal((Digest, length), (prefix.Digest, prefix.Length));
        Assert.Equal(absent, read);
    }

    [Fact]
    public void TryRead_CutAnywhere_Refuses()
    {
        byte[] body = new byte[ChunkPrefix.LengthOf(packed: true, 3)];
        ChunkPrefix.Write(body, packed: true, Digest, [1, 2, 3]);
        for (int length = 0; length < body.Length; length++)
        {
            Assert.False(ChunkPrefix.TryRead(body.AsSpan(0, length), packed: true, out _));
        }
    }

    [Fact]
    public void TryRead_WithMoreAbsentThanMembers_Refuses()
    {
        byte[] body = new byte[ChunkPrefix.LengthOf(packed: true, 3)];
        ChunkPrefix.Write(body, packed: true, Digest, [1, 2, 3]);
        Assert.True(ChunkPrefix.TryRead(body, packed: true, out _, members: 3));
        Assert.False(ChunkPrefix.TryRead(body, packed: true, out _, members: 2));
    }

    [Fact]
    public void TryRead_WithMoreAbsentThanAnyPackHas_Refuses()
    {
        byte[] body = new byte[ChunkPrefix.LengthOf(packed: true, 65_535)];
        body.AsSpan(32, 2).Fill(0xFF);
        Assert.False(ChunkPrefix.TryRead(body, packed: true, out _, members: int.MaxValue));
    }

    [Fact]
    public void TryRead_WithAbsentMembersOutOfOrderOrTwice_Refuses()
    {
        byte[] body = new byte[ChunkPrefix.LengthOf(packed: true, 2)];
        ChunkPrefix.Write(body, packed: true, Digest, [1, 2]);
        body[34] = 2;
        Assert.False(ChunkPrefix.TryRead(body, packed: true, out _));
        body[34] = 3;
        Assert.False(ChunkPrefix.TryRead(body, packed: true, out _));
    }

    [Fact]
    public void Write_OfWhatNoReaderWouldTake_IsRefused()
    {
        byte[] body = new byte[8192];
        Assert.Throws<ArgumentException>(() => ChunkPrefix.Write(body, packed: false, Digest, [1]));
        Assert.Throws<ArgumentException>(() => ChunkPrefix.Write(body, packed: true, Digest, [2, 2]));
        Assert.Throws<ArgumentException>(() => ChunkPrefix.Write(body, packed: true, Digest, new uint[1025]));
    }
}
