using System.Buffers.Binary;

namespace ClusterTransfer.Transport.Records;

/// <summary>What a sealed record is for.</summary>
internal enum RecordKind : byte
{
    /// <summary>Bytes of frames, at least one.</summary>
    Data = 1,

    /// <summary>Nothing follows in this direction: the end is no truncation. Empty.</summary>
    Close = 2,

    /// <summary>The dialler's first record: it has left TLS and has the same keys, and the acceptor may speak. Empty.</summary>
    Begin = 3,
}

/// <summary>In the clear before each sealed record, and sealed with it: fixed size, little-endian.</summary>
/// <remarks>length of the plaintext u32 | kind u8 | 0 u8 | phase u16. Ciphertext of that length and a tag of 16 bytes follow.</remarks>
internal readonly record struct RecordHeader(int Length, RecordKind Kind, ushort Phase)
{
    public const int Size = 8;

    /// <summary>Most plaintext of one record: ADR 0012.</summary>
    public const int MaxLength = 256 * 1024;

    /// <summary>What a record adds to its plaintext.</summary>
    public const int Overhead = Size + SealKeys.TagSize;

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, Length);
        destination[4] = (byte)Kind;
        destination[5] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[6..], Phase);
    }

    /// <summary>False unless a record of that length and kind may be.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out RecordHeader header)
    {
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(source);
        header = new RecordHeader((int)Math.Min(length, int.MaxValue), (RecordKind)source[4], BinaryPrimitives.ReadUInt16LittleEndian(source[6..]));
        return source[5] == 0 && header.Kind switch
        {
            RecordKind.Data => length is > 0 and <= MaxLength,
            RecordKind.Close or RecordKind.Begin => length == 0,
            _ => false,
        };
    }
}
