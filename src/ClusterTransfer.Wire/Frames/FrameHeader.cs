using System.Buffers.Binary;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Hashing;

namespace ClusterTransfer.Wire.Frames;

/// <summary>Header before every frame: 38 bytes, little-endian.</summary>
/// <param name="Type">What the frame says.</param>
/// <param name="Flags">How it is to be read.</param>
/// <param name="Session">The session it belongs to; 0 for the connection itself.</param>
/// <param name="Epoch">The session's epoch; a frame of a lower one than the highest seen is dropped.</param>
/// <param name="Entry">The entry it is about, where the type says so; else 0.</param>
/// <param name="Chunk">The chunk it is about, where the type says so; else 0.</param>
/// <param name="RawLength">Chunk: bytes of payload before compression, at most 16 MiB. Other types: 0.</param>
/// <param name="WireLength">Bytes of body that follow the header.</param>
/// <remarks>magic u16 | version u8 | type u8 | flags u16 | session u32 | epoch u64 | entry u32 | chunk u32 | raw length u32 |
/// wire length u32 | CRC32C u32 of the 34 bytes before. Golden bytes: tests/ClusterTransfer.Wire.Tests/Golden.</remarks>
public readonly record struct FrameHeader(
    FrameType Type, FrameFlags Flags, SessionId Session, Epoch Epoch, EntryIndex Entry, ChunkIndex Chunk, int RawLength, int WireLength)
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 38;

    /// <summary>The first two bytes of each frame: "CT".</summary>
    public const ushort Magic = 0x5443;

    /// <summary>Version of the header's layout. What bodies mean is agreed by Hello.</summary>
    public const byte Version = 1;

    private const int ChecksumOffset = Size - sizeof(uint);

    /// <summary>Whether a body refused for its type or length is short enough to be read past; if not, the connection must close.</summary>
    public bool CanSkip => WireLength is >= 0 and <= FrameLimits.AnyBody;

    /// <summary>Writes the header to the first <see cref="Size"/> bytes.</summary>
    /// <exception cref="ArgumentException">The destination is shorter.</exception>
    public void Write(Span<byte> destination)
    {
        if (destination.Length < Size)
        {
            throw new ArgumentException($"A header has {Size} bytes.", nameof(destination));
        }

        BinaryPrimitives.WriteUInt16LittleEndian(destination, Magic);
        destination[2] = Version;
        destination[3] = (byte)Type;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[4..], (ushort)Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[6..], Session.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[10..], Epoch.ToUInt64());
        BinaryPrimitives.WriteUInt32LittleEndian(destination[18..], Entry.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[22..], Chunk.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[26..], (uint)RawLength);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[30..], (uint)WireLength);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[ChecksumOffset..], Crc32C.Compute(destination[..ChecksumOffset]));
    }

    /// <summary>Reads and checks a header from the first <see cref="Size"/> bytes.</summary>
    /// <param name="source">Bytes from a peer; more than a header is fine.</param>
    /// <param name="header">The header. Also filled, for skipping the body, when only the type or a length was refused;
    /// a length that no int can hold reads as <see cref="int.MaxValue"/>.</param>
    /// <param name="error">Why not, when the result is false.</param>
    public static bool TryRead(ReadOnlySpan<byte> source, out FrameHeader header, out FrameError error)
    {
        header = default;
        error = CheckEnvelope(source);
        if (error != FrameError.None)
        {
            return false;
        }

        uint rawLength = BinaryPrimitives.ReadUInt32LittleEndian(source[26..]);
        uint wireLength = BinaryPrimitives.ReadUInt32LittleEndian(source[30..]);
        header = new FrameHeader(
            (FrameType)source[3],
            (FrameFlags)BinaryPrimitives.ReadUInt16LittleEndian(source[4..]),
            new SessionId(BinaryPrimitives.ReadUInt32LittleEndian(source[6..])),
            Epoch.FromUInt64(BinaryPrimitives.ReadUInt64LittleEndian(source[10..])),
            new EntryIndex(BinaryPrimitives.ReadUInt32LittleEndian(source[18..])),
            new ChunkIndex(BinaryPrimitives.ReadUInt32LittleEndian(source[22..])),
            (int)Math.Min(rawLength, int.MaxValue),
            (int)Math.Min(wireLength, int.MaxValue));

        int limit = FrameLimits.BodyOf(header.Type);
        if (limit == 0)
        {
            error = FrameError.UnknownType;
        }
        else if (wireLength > (uint)limit || rawLength > FrameLimits.ChunkPayload)
        {
            error = FrameError.LengthOutOfRange;
        }

        return error == FrameError.None;
    }

    // The version comes before the checksum: another version may keep its checksum elsewhere.
    private static FrameError CheckEnvelope(ReadOnlySpan<byte> source)
    {
        if (source.Length < Size)
        {
            return FrameError.TooShort;
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(source) != Magic)
        {
            return FrameError.BadMagic;
        }

        if (source[2] != Version)
        {
            return FrameError.BadVersion;
        }

        return BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumOffset..]) == Crc32C.Compute(source[..ChecksumOffset])
            ? FrameError.None
            : FrameError.BadChecksum;
    }
}
