using System.Buffers.Binary;
using ClusterTransfer.Fuzz.Bytes;
using ClusterTransfer.Fuzz.Manifests;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Hashing;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Fuzz.Frames;

/// <summary>Frames that are right, and frames whose numbers are wrong in every way that broke somebody's parser.</summary>
internal static class FrameSeeds
{
    public static readonly Digest SomeDigest = Blake3.Hash("some"u8);

    // Length -1, 0 with count > 0, 2^31-1, 2^32, 2^63-1: each as the field that holds it can say it.
    private static readonly uint[] Wrong32 = [0, int.MaxValue, (uint)int.MaxValue + 1, uint.MaxValue, uint.MaxValue - 1, 1 << 24, (1 << 24) + 1];
    private static readonly ulong[] Wrong64 = [0, int.MaxValue, 1UL << 32, long.MaxValue, (ulong)long.MaxValue + 1, ulong.MaxValue];

    /// <summary>One of each type, as an honest peer sends it.</summary>
    public static IEnumerable<Seed> Good()
    {
        yield return Frame("hello", FrameType.Hello, Hello().ToArray());
        yield return Frame("proof", FrameType.SessionProof, new SessionProofBody(new TransferId("0123456789abcdef"), SessionRole.Source, new byte[SessionProof.Length]).ToArray());
        yield return Frame("page", FrameType.ManifestPage, ManifestSeeds.Encoded());
        yield return Frame("seal", FrameType.ManifestSeal, new ManifestSealBody(new ManifestSeal(2, 4097, 4000, 17, 1L << 33, SomeDigest)).ToArray());
        yield return Frame("have, page", FrameType.HaveBits, new HaveBitsBody(3, 40, 11, [0xFF, 0x05]).ToArray());
        yield return Frame("have, empty page", FrameType.HaveBits, new HaveBitsBody(3, 40, 0, []).ToArray());
        yield return Frame("have, pages accepted", FrameType.HaveBits, HaveBitsBody.PagesAccepted(5, SomeDigest).ToArray());
        yield return Frame("chunk", FrameType.Chunk, Chunk(packed: false, [], 40), rawLength: 40);
        yield return Frame("chunk, packed", FrameType.Chunk, Chunk(packed: true, [3, 5, 900], 40), FrameFlags.Packed, 40);
        yield return Frame("ack", FrameType.Ack, new AckBody([1, 2, 3, uint.MaxValue]).ToArray(), FrameFlags.Durable);
        yield return Frame("nack", FrameType.Nack, new NackBody(NackReason.Corrupt, "the digest differs", SomeDigest, default).ToArray());
        yield return Frame("nack, long text", FrameType.Nack, new NackBody(NackReason.Lost, new string('ä', 512), default, default).ToArray());
        yield return Frame("file done", FrameType.FileDone, new FileDoneBody([(new EntryIndex(0), SomeDigest), (new EntryIndex(7), default)]).ToArray());
        yield return Frame("source changed", FrameType.SourceChanged,
            new SourceChangedBody([(new EntryIndex(1), Reason.SourceChanged, "a.txt"), (new EntryIndex(2), Reason.SourceUnreadable, "")]).ToArray());
        yield return Frame("credit", FrameType.Credit, new CreditBody(64L << 20).ToArray());
        yield return Frame("stop", FrameType.Stop, new StopBody(StopCode.Suspended, Reason.Cancelled, "by hand").ToArray());
        yield return Frame("ping", FrameType.Ping, new PingBody(42).ToArray(), FrameFlags.Reply);
        yield return Frame("goodbye", FrameType.Goodbye, new GoodbyeBody(Reason.ProtocolViolation, "enough").ToArray());
        yield return Frame("unknown type", (FrameType)200, [1, 2, 3]);
    }

    /// <summary>Wrong lengths, counts and indices.</summary>
    public static IEnumerable<Seed> Bad()
    {
        foreach (uint wrong in Wrong32)
        {
            yield return new Seed($"wire length {wrong}", Header(FrameType.Ping, FrameFlags.None, 0, wrong));
            yield return new Seed($"wire length of a chunk {wrong}", Header(FrameType.Chunk, FrameFlags.None, 0, wrong));
            yield return new Seed($"wire length of an unknown type {wrong}", Header((FrameType)99, FrameFlags.None, 0, wrong));
            yield return new Seed($"raw length {wrong}", [.. Header(FrameType.Chunk, FrameFlags.None, wrong, 32), .. new byte[32]]);
            yield return Frame($"have, page {wrong}", FrameType.HaveBits, [.. U32(wrong), .. U32(0), .. U32(8), 0xFF]);
            yield return Frame($"have, first chunk {wrong}", FrameType.HaveBits, [.. U32(0), .. U32(wrong), .. U32(8), 0xFF]);
            yield return Frame($"have, count {wrong}", FrameType.HaveBits, [.. U32(0), .. U32(0), .. U32(wrong), 0xFF]);
            yield return Frame($"have, pages accepted {wrong}", FrameType.HaveBits, [.. U32(uint.MaxValue), .. U32(wrong), .. U32(0), .. new byte[32]]);
            yield return Frame($"hello, chunk size {wrong}", FrameType.Hello, Patched(Hello().ToArray(), 10, U32(wrong)));
            yield return Frame($"seal, pages {wrong}", FrameType.ManifestSeal, Patched(new byte[64], 0, U32(wrong)));
            yield return Frame($"ack of chunk {wrong}", FrameType.Ack, new AckBody([wrong]).ToArray());
            yield return Frame($"absent member {wrong}", FrameType.Chunk, [.. new byte[32], 1, 0, .. U32(wrong)], FrameFlags.Packed);
        }

        foreach (ulong wrong in Wrong64)
        {
            yield return Frame($"credit {wrong}", FrameType.Credit, U64(wrong));
            yield return Frame($"seal, entries {wrong}", FrameType.ManifestSeal, Patched(Patched(new byte[64], 0, U32(int.MaxValue)), 4, U64(wrong)));
            yield return Frame($"seal, files {wrong}", FrameType.ManifestSeal, Patched(new byte[64], 12, U64(wrong)));
            yield return Frame($"seal, bytes {wrong}", FrameType.ManifestSeal, Patched(new byte[64], 24, U64(wrong)));
        }

        foreach (ushort count in (ushort[])[0, 1, 2, 60, 61, 1024, 1025, 1800, 1801, 16_000, 16_001, (ushort)short.MaxValue, ushort.MaxValue])
        {
            yield return Frame($"ack, count {count} and none there", FrameType.Ack, U16(count));
            yield return Frame($"file done, count {count} and one there", FrameType.FileDone, [.. U16(count), .. new byte[36]]);
            yield return Frame($"source changed, count {count} and one there", FrameType.SourceChanged, [.. U16(count), .. new byte[8]]);
            yield return Frame($"packed chunk, absent count {count} and one there", FrameType.Chunk, [.. new byte[32], .. U16(count), .. new byte[4]], FrameFlags.Packed);
            yield return Frame($"text of {count} bytes and none there", FrameType.Goodbye, [1, 0, .. U16(count)]);
        }

        yield return Frame("absent members twice", FrameType.Chunk, [.. new byte[32], 2, 0, .. U32(5), .. U32(5)], FrameFlags.Packed);
        yield return Frame("text that steers a terminal", FrameType.Goodbye, [1, 0, 6, 0, 0x1B, (byte)'[', (byte)'2', (byte)'J', 0xC2, 0x85]);
        yield return Frame("text that is not UTF-8", FrameType.Goodbye, [1, 0, 2, 0, 0xC3, 0x28]);
        yield return new Seed("nothing", []);
        yield return new Seed("half a header", Header(FrameType.Ping, FrameFlags.None, 0, 8)[..19]);
    }

    public static HelloBody Hello() =>
        new(1, 3, new NodeId("alpha"), new Incarnation(new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)), "1.2.3", 0, 16 << 20, 16, new byte[HelloBody.NonceLength]);

    public static byte[] Chunk(bool packed, ReadOnlySpan<uint> absent, int payload)
    {
        byte[] body = new byte[ChunkPrefix.LengthOf(packed, absent.Length) + payload];
        ChunkPrefix.Write(body, packed, SomeDigest, absent);
        return body;
    }

    /// <summary>A frame with the right header.</summary>
    public static Seed Frame(string name, FrameType type, byte[] body, FrameFlags flags = FrameFlags.None, int rawLength = 0) =>
        new(name, [.. Header(type, flags, (uint)rawLength, (uint)body.Length), .. body]);

    public static byte[] Header(FrameType type, FrameFlags flags, uint rawLength, uint wireLength)
    {
        byte[] bytes = new byte[FrameHeader.Size];
        new FrameHeader(type, flags, new SessionId(7), new Epoch(1, 2), default, default, 0, 0).Write(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(26), rawLength);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(30), wireLength);
        Seal(bytes);
        return bytes;
    }

    /// <summary>Puts a header's checksum right.</summary>
    public static void Seal(Span<byte> header) => BinaryPrimitives.WriteUInt32LittleEndian(header[34..], Crc32C.Compute(header[..34]));

    private static byte[] Patched(byte[] body, int at, byte[] value)
    {
        value.CopyTo(body, at);
        return body;
    }

    private static byte[] U16(ushort value) => BitConverter.GetBytes(value);

    private static byte[] U32(uint value) => BitConverter.GetBytes(value);

    private static byte[] U64(ulong value) => BitConverter.GetBytes(value);
}
