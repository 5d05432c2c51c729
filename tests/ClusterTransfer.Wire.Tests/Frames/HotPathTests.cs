using ClusterTransfer.Model;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Hashing;

namespace ClusterTransfer.Wire.Tests.Frames;

/// <summary>What runs for each chunk must leave the collector alone.</summary>
public sealed class HotPathTests
{
    // Not literals in the loop: an unoptimised build makes those on the heap.
    private static readonly uint[] Absent = [3, 4];
    private static readonly uint[] Acknowledged = [1, 2, 3];

    [Fact]
    public void FramingAndHashingAChunk_AllocateNothing()
    {
        byte[] bytes = new byte[4096];
        byte[] payload = TestData.Random(seed: 1, 100_000);
        RunOnce(bytes, payload);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
        {
            RunOnce(bytes, payload);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void RunOnce(byte[] bytes, byte[] payload)
    {
        var header = new FrameHeader(FrameType.Chunk, FrameFlags.Packed, new SessionId(1), new Epoch(1, 1), default, new ChunkIndex(5), 10, 52);
        header.Write(bytes);
        bool good = FrameHeader.TryRead(bytes, out FrameHeader read, out _) && read == header;

        int length = ChunkPrefix.Write(bytes, packed: true, Blake3.Hash(payload), Absent);
        good &= ChunkPrefix.TryRead(bytes.AsSpan(0, length), packed: true, out ChunkPrefix prefix) && prefix.Absent(1).Value == 4;
        good &= prefix.Digest != Blake3.SubtreeValue(payload, 1 << 20);

        length = AckBody.Write(bytes, Acknowledged);
        good &= AckReader.TryRead(bytes.AsSpan(0, length), out AckReader ack) && ack[2].Value == 3;
        good &= new CreditBody(99).WriteTo(bytes) == 8 && CreditBody.TryRead(bytes.AsSpan(0, 8), out CreditBody credit) && credit.WindowBytes == 99;
        if (!good)
        {
            throw new InvalidOperationException("The hot path does not give back what it wrote.");
        }
    }
}
