using ClusterTransfer.Model;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Wire.Tests.Frames;

/// <summary>One whole frame of each kind, with values that make every field visible in the bytes.</summary>
internal static class GoldenFrames
{
    private static readonly SessionId Session = new(0xA1B2C3D4);
    private static readonly Epoch Epoch = new(0x00000002, 0x00000005);

    /// <summary>A page with each kind of entry, shared path prefixes and all three forms of identity.</summary>
    public static ManifestPage Page { get; } = new(1, 4096, 77, ChunkSizes.Min, Digest(0xC0),
    [
        new ManifestEntry(EntryKind.Folder, Path("photos"), 0, Convert.ToInt32("2755", 8), 1_700_000_000_000_000_001, default, default),
        new ManifestEntry(EntryKind.File, Path("photos/a.jpg"), 300, Convert.ToInt32("644", 8), 1_700_000_000_000_000_002,
            new FileIdentity(0xFD01, 1_234_567, 300, 1_700_000_000_000_000_002, 1_700_000_000_000_000_003), default),
        new ManifestEntry(EntryKind.File, Path("photos/a.raw"), 40_000_000_000, Convert.ToInt32("600", 8), -1,
            new FileIdentity(0xFD01, ulong.MaxValue, 40_000_000_001, -2, -3), default),
        new ManifestEntry(EntryKind.SymbolicLink, Path("photos/latest"), 5, Convert.ToInt32("777", 8), 0, default, "a.jpg"u8.ToArray()),
    ]);

    /// <summary>A page with a file that has two holes, one at its start.</summary>
    public static ManifestPage SparsePage { get; } = new(0, 0, 0, ChunkSizes.Min, default,
    [
        new ManifestEntry(EntryKind.File, Path("disk.img"), (10 * ChunkSizes.Min) + 5, Convert.ToInt32("600", 8), 1_700_000_000_000_000_004, default, default)
        {
            Holes = [new FileHole(0, 3), new FileHole(5, 4)],
        },
    ]);

    /// <summary>Name of the golden file, and the frame.</summary>
    public static IReadOnlyDictionary<string, byte[]> All { get; } = new Dictionary<string, byte[]>
    {
        ["hello"] = Connection(FrameType.Hello, FrameFlags.None, new HelloBody(
            1, 3, new NodeId("site-a"), new Incarnation(Guid.ParseExact("00112233445566778899aabbccddeeff", "N")), "0.1.0+golden",
            0x8000000000000001, ChunkSizes.Max, 16, Counting(0x20, 32))),
        ["session-proof"] = InSession(FrameType.SessionProof, FrameFlags.None, new SessionProofBody(
            new TransferId("7zk3m0q4v9x2h8ca"), SessionRole.Source, Counting(0x40, 32))),
        ["session-proof-reply"] = InSession(FrameType.SessionProof, FrameFlags.Reply, new SessionProofBody(
            new TransferId("7zk3m0q4v9x2h8ca"), SessionRole.Destination, Counting(0x60, 32))),
        ["manifest-page"] = Frame(FrameType.ManifestPage, FrameFlags.None, Session, 0, 0, 0, ManifestCodec.Encode(Page)),
        ["manifest-page-sparse"] = Frame(FrameType.ManifestPage, FrameFlags.None, Session, 0, 0, 0, ManifestCodec.Encode(SparsePage)),
        ["manifest-seal"] = InSession(FrameType.ManifestSeal, FrameFlags.None, new ManifestSealBody(
            new ManifestSeal(2, 5000, 4321, 0x01020304, 0x0102030405060708, Digest(0x80)))),
        ["have-bits"] = InSession(FrameType.HaveBits, FrameFlags.None, new HaveBitsBody(3, 0x00010002, 11, [0b10000001, 0b101])),
        ["have-bits-pages-accepted"] = InSession(FrameType.HaveBits, FrameFlags.None, HaveBitsBody.PagesAccepted(4, Digest(0xA0))),
        ["chunk"] = Frame(FrameType.Chunk, FrameFlags.None, Session, 6, 7, 5, [.. Prefix(packed: false), .. "hello"u8]),
        ["chunk-packed"] = Frame(FrameType.Chunk, FrameFlags.Packed, Session, 6, 8, 5, [.. Prefix(packed: true, 9, 0x01020304), .. "world"u8]),
        ["ack-received"] = InSession(FrameType.Ack, FrameFlags.None, new AckBody([7])),
        ["ack-durable"] = InSession(FrameType.Ack, FrameFlags.Durable, new AckBody([7, 8, 0xFFFFFFFE])),
        ["nack"] = Frame(FrameType.Nack, FrameFlags.None, Session, 0, 7, 0, new NackBody(NackReason.Corrupt, "chunk 7 of 'naïve.bin'", Digest(1), Digest(2)).ToArray()),
        ["nack-proof-refused"] = Frame(FrameType.Nack, FrameFlags.None, Session, 0, NackBody.NoChunk.Value, 0, new NackBody(NackReason.ProofRefused, string.Empty, default, default).ToArray()),
        ["file-done"] = InSession(FrameType.FileDone, FrameFlags.None, new FileDoneBody([(new EntryIndex(1), Digest(3)), (new EntryIndex(0xFF), Digest(4))])),
        ["source-changed"] = InSession(FrameType.SourceChanged, FrameFlags.None, new SourceChangedBody(
            [(new EntryIndex(5), Reason.SourceChanged, "it grew"), (new EntryIndex(6), Reason.SourceUnreadable, string.Empty)])),
        ["credit"] = InSession(FrameType.Credit, FrameFlags.None, new CreditBody(8 * 1024 * 1024)),
        ["stop"] = InSession(FrameType.Stop, FrameFlags.None, new StopBody(StopCode.Failed, Reason.NoSpace, "2 GiB are missing")),
        ["ping"] = Connection(FrameType.Ping, FrameFlags.None, new PingBody(0x1122334455667788)),
        ["ping-reply"] = Connection(FrameType.Ping, FrameFlags.Reply, new PingBody(0x1122334455667788)),
        ["goodbye"] = Connection(FrameType.Goodbye, FrameFlags.None, new GoodbyeBody(Reason.None, "node stops")),
    };

    private static byte[] Connection<T>(FrameType type, FrameFlags flags, T body)
        where T : IFrameBody => WithHeader(new FrameHeader(type, flags, SessionId.Connection, Epoch.None, default, default, 0, body.EncodedLength), body.ToArray());

    private static byte[] InSession<T>(FrameType type, FrameFlags flags, T body)
        where T : IFrameBody => Frame(type, flags, Session, 0, 0, 0, body.ToArray());

    private static byte[] Frame(FrameType type, FrameFlags flags, SessionId session, uint entry, uint chunk, int rawLength, byte[] body) =>
        WithHeader(new FrameHeader(type, flags, session, Epoch, new EntryIndex(entry), new ChunkIndex(chunk), rawLength, body.Length), body);

    private static byte[] WithHeader(FrameHeader header, byte[] body)
    {
        byte[] frame = new byte[FrameHeader.Size + body.Length];
        header.Write(frame);
        body.CopyTo(frame.AsSpan(FrameHeader.Size));
        return frame;
    }

    private static byte[] Prefix(bool packed, params uint[] absent)
    {
        byte[] prefix = new byte[ChunkPrefix.LengthOf(packed, absent.Length)];
        ChunkPrefix.Write(prefix, packed, Digest(0xE0), absent);
        return prefix;
    }

    private static Digest Digest(byte first) => new(Counting(first, 32));

    private static byte[] Counting(byte first, int count) => [.. Enumerable.Range(first, count).Select(value => (byte)value)];

    private static SafeRelativePath Path(string text) =>
        SafeRelativePath.TryParse(text, out SafeRelativePath? path, out string? problem) ? path : throw new FormatException(problem);
}
