using ClusterTransfer.Model;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Tests.Support;

/// <summary>Frames with recognisable content.</summary>
internal static class TestFrames
{
    public static FrameHeader Header(FrameType type, uint chunk = 0, int rawLength = 0, int wireLength = 0) =>
        new(type, FrameFlags.None, new SessionId(7), new Epoch(1, 2), new EntryIndex(3), new ChunkIndex(chunk), rawLength, wireLength);

    public static async Task<OutgoingFrame> ChunkAsync(BufferPool pool, uint chunk, int bytes)
    {
        BufferLease lease = await pool.RentAsync(bytes, CancellationToken.None);
        Fill(lease.Memory.Span, chunk);
        return OutgoingFrame.Chunk(Header(FrameType.Chunk, chunk, bytes), Prefix(chunk), lease);
    }

    public static OutgoingFrame Credit(long window) => OutgoingFrame.Control(Header(FrameType.Credit), new CreditBody(window));

    public static byte[] Prefix(uint chunk) => [.. Enumerable.Repeat((byte)chunk, 32)];

    public static void AssertChunk(byte[] body, uint chunk, int bytes)
    {
        byte[] expected = new byte[bytes];
        Fill(expected, chunk);
        Assert.Equal(32 + bytes, body.Length);
        Assert.True(body.AsSpan(0, 32).SequenceEqual(Prefix(chunk)));
        Assert.True(body.AsSpan(32).SequenceEqual(expected), $"The payload of chunk {chunk} differs.");
    }

    public static byte[] Encode(FrameHeader header, ReadOnlySpan<byte> body)
    {
        byte[] bytes = new byte[FrameHeader.Size + body.Length];
        header.Write(bytes);
        body.CopyTo(bytes.AsSpan(FrameHeader.Size));
        return bytes;
    }

    public static byte[] Encode<T>(FrameType type, T body, FrameFlags flags = FrameFlags.None)
        where T : IFrameBody => Encode(new FrameHeader(type, flags, default, default, default, default, 0, body.EncodedLength), body.ToArray());

    private static void Fill(Span<byte> bytes, uint seed) => new Random((int)seed).NextBytes(bytes);
}
