using System.Buffers.Binary;
using ClusterTransfer.Fuzz.Bytes;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Fuzz.Frames;

/// <summary>One frame, header and body: it is refused, or read, and written again it is the same frame.</summary>
public sealed class FrameTarget : ByteTarget
{
    // A text of control characters is shown character by character, and a body may hold nothing else.
    private const int PerByte = 96;
    private const int Besides = 4 * 1024;

    public override string Name => "frame";

    public override IReadOnlyList<ParserPart> Parser { get; } =
    [
        new("ClusterTransfer.Wire.Frames.FrameHeader", "TryRead", "CheckEnvelope", "get_CanSkip"),
        new("ClusterTransfer.Wire.Frames.FrameLimits"),
        new("ClusterTransfer.Wire.Binary.WireReader"),
        new("ClusterTransfer.Wire.Binary.DetailText"),
        new("ClusterTransfer.Wire.Binary.ReasonNumbers", "FromWire"),
        new("ClusterTransfer.Wire.Frames.AckBody", "TryRead"),
        new("ClusterTransfer.Wire.Frames.AckReader"),
        new("ClusterTransfer.Wire.Frames.ChunkPrefix", "TryRead", "CopyAbsentTo", "Absent"),
        new("ClusterTransfer.Wire.Frames.CreditBody", "TryRead"),
        new("ClusterTransfer.Wire.Frames.FileDoneBody", "TryRead"),
        new("ClusterTransfer.Wire.Frames.GoodbyeBody", "TryRead"),
        new("ClusterTransfer.Wire.Frames.HaveBitsBody", "TryRead", "IsValid", "BytesFor"),
        new("ClusterTransfer.Wire.Frames.HelloBody", "TryRead", "IsValid"),
        new("ClusterTransfer.Wire.Frames.ManifestSealBody", "TryRead"),
        new("ClusterTransfer.Wire.Frames.NackBody", "TryRead"),
        new("ClusterTransfer.Wire.Frames.PingBody", "TryRead"),
        new("ClusterTransfer.Wire.Frames.SessionProofBody", "TryRead"),
        new("ClusterTransfer.Wire.Frames.SourceChangedBody", "TryRead"),
        new("ClusterTransfer.Wire.Frames.StopBody", "TryRead"),
        new("ClusterTransfer.Model.TransferId", "TryParse", "IsValid"),
        new("ClusterTransfer.Model.NodeId", "TryParse"),
        new("ClusterTransfer.Model.NameRules"),
    ];

    protected override IEnumerable<Seed> Seeds => [.. FrameSeeds.Good(), .. FrameSeeds.Bad()];

    public override bool Try(byte[] input, int choice)
    {
        if (!FrameHeader.TryRead(input, out FrameHeader header, out FrameError error))
        {
            CheckRefusal(input, header, error);
            return false;
        }

        byte[] again = new byte[FrameHeader.Size];
        header.Write(again);
        Check(again.AsSpan().SequenceEqual(input.AsSpan(0, FrameHeader.Size)), "The header written again is another one.");
        Check(header.WireLength <= FrameLimits.BodyOf(header.Type) && header.RawLength is >= 0 and <= FrameLimits.ChunkPayload, "The header's lengths are beyond their limits.");
        ReadOnlySpan<byte> body = input.AsSpan(FrameHeader.Size);
        return TryBody(header, body[..Math.Min(body.Length, header.WireLength)], choice);
    }

    protected override byte[] MakeUp(Random random) => FrameMaker.Make(random);

    // Without a right checksum nothing behind it is ever read.
    protected override void Mend(Damage damage, Random random)
    {
        Span<byte> bytes = damage.Bytes;
        int choice = random.Next(8);
        if (choice == 0 || bytes.Length < FrameHeader.Size)
        {
            return;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(bytes, FrameHeader.Magic);
        bytes[2] = FrameHeader.Version;
        if (choice > 1)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[30..], (uint)(bytes.Length - FrameHeader.Size));
        }

        if (choice > 2 && bytes[3] > 14)
        {
            bytes[3] = (byte)random.Next(1, 15);
        }

        FrameSeeds.Seal(bytes);
    }

    private static void CheckRefusal(byte[] input, in FrameHeader header, FrameError error)
    {
        bool mayBeSkipped = error is FrameError.UnknownType or FrameError.LengthOutOfRange;
        Check(error != FrameError.None, "It was refused without an error.");
        Check(mayBeSkipped || header == default, "A header that cannot be believed was given out.");
        Check(!mayBeSkipped || header.CanSkip == (BinaryPrimitives.ReadUInt32LittleEndian(input.AsSpan(30)) <= FrameLimits.AnyBody), "A body was to be skipped that is longer than any may be.");
    }

    private static bool TryBody(in FrameHeader header, ReadOnlySpan<byte> body, int choice) => header.Type switch
    {
        FrameType.Hello => RoundTrip<HelloBody>(body, isExact: false),
        FrameType.SessionProof => RoundTrip<SessionProofBody>(body),
        FrameType.ManifestPage => ManifestCodec.TryDecode(body, out _, out _),
        FrameType.ManifestSeal => RoundTrip<ManifestSealBody>(body),
        FrameType.HaveBits => RoundTrip<HaveBitsBody>(body),
        FrameType.Chunk => TryChunk(header, body, choice),
        FrameType.Ack => RoundTrip<AckBody>(body),
        FrameType.Nack => RoundTrip<NackBody>(body, isExact: false),
        FrameType.FileDone => RoundTrip<FileDoneBody>(body),
        FrameType.SourceChanged => RoundTrip<SourceChangedBody>(body, isExact: false),
        FrameType.Credit => RoundTrip<CreditBody>(body),
        FrameType.Stop => RoundTrip<StopBody>(body, isExact: false),
        FrameType.Ping => RoundTrip<PingBody>(body),
        FrameType.Goodbye => RoundTrip<GoodbyeBody>(body, isExact: false),
        _ => throw new FuzzException($"A header of the unknown type {header.Type} was accepted."),
    };

    // What has texts or room for later fields may be written shorter or made safe; from then on it stays as it is.
    private static bool RoundTrip<T>(ReadOnlySpan<byte> body, bool isExact = true)
        where T : IFrameBody<T>
    {
        Allocation allocation = Allocation.Begin();
        bool good = T.TryRead(body, out T? read);
        allocation.End(body.Length, PerByte, Besides);
        if (!good)
        {
            return false;
        }

        byte[] written = read!.ToArray(); // read when it was good
        Check(!isExact || body.SequenceEqual(written), $"The {typeof(T).Name} written again has other bytes: {Convert.ToHexString(written)}.");
        Check(T.TryRead(written, out T? second), $"The {typeof(T).Name} written again is refused.");
        Check(second!.ToArray().AsSpan().SequenceEqual(written), $"The {typeof(T).Name} read and written twice is not the same.");
        return true;
    }

    private static bool TryChunk(in FrameHeader header, ReadOnlySpan<byte> body, int choice)
    {
        bool packed = (header.Flags & FrameFlags.Packed) != 0;
        int members = choice % 4 == 0 ? choice % 7 : ManifestLimits.MaxPackMembers;
        Allocation allocation = Allocation.Begin();
        bool good = ChunkPrefix.TryRead(body, packed, out ChunkPrefix prefix, members);
        allocation.End(0, 0, 0);
        if (!good)
        {
            return false;
        }

        uint[] absent = new uint[prefix.AbsentCount];
        prefix.CopyAbsentTo(absent);
        byte[] again = new byte[prefix.Length];
        int length = ChunkPrefix.Write(again, packed, prefix.Digest, absent);
        Check(prefix.AbsentCount <= members && length == prefix.Length && body.StartsWith(again), "The prefix of the chunk written again is another one.");
        return true;
    }

    private static void Check(bool holds, string problem)
    {
        if (!holds)
        {
            throw new FuzzException(problem);
        }
    }
}
