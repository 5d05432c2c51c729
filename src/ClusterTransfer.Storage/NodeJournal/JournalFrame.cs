using System.Buffers.Binary;
using ClusterTransfer.Wire.Hashing;

namespace ClusterTransfer.Storage.NodeJournal;

/// <summary>The frame of one record: length u32 (type and payload) | type u8 | payload | CRC32C u32, little-endian.</summary>
/// <remarks>The checksum runs over salt, offset of the record in the log as u64, length, type and payload: no bytes inside a payload, at another place or of
/// another log can pass for a record.</remarks>
internal static class JournalFrame
{
    /// <summary>Longest type and payload: a manifest page of 1 MiB and some room.</summary>
    public const int MaxLength = (1024 + 64) * 1024;

    /// <summary>Bytes around a payload.</summary>
    public const int Overhead = sizeof(uint) + 1 + sizeof(uint);

    /// <summary>Bytes of a whole record.</summary>
    public static int SizeOf(int payloadLength) => payloadLength + Overhead;

    /// <summary>Whether these first five bytes can begin a record with so many bytes left in the log.</summary>
    public static bool IsPlausible(ReadOnlySpan<byte> start, long left, out int size)
    {
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(start);
        size = 0;
        if (length is < 1 or > MaxLength || start[4] == 0 || length + sizeof(uint) + sizeof(uint) > left)
        {
            return false;
        }

        size = (int)length + sizeof(uint) + sizeof(uint);
        return true;
    }

    /// <summary>Writes a record that will lie at the offset.</summary>
    public static void Write(Span<byte> destination, ReadOnlySpan<byte> salt, long offset, JournalRecordType type, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)payload.Length + 1);
        destination[4] = (byte)type;
        payload.CopyTo(destination[5..]);
        int end = 5 + payload.Length;
        BinaryPrimitives.WriteUInt32LittleEndian(destination[end..], Checksum(salt, offset, destination[..end]));
    }

    /// <summary>Whether a record that lies at the offset is whole.</summary>
    public static bool IsSound(ReadOnlySpan<byte> record, ReadOnlySpan<byte> salt, long offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(record[^sizeof(uint)..]) == Checksum(salt, offset, record[..^sizeof(uint)]);

    /// <summary>What the checksum of a record at the offset covers before its first byte.</summary>
    /// <param name="salted">The checksum of the log's salt.</param>
    /// <param name="offset">Where the record lies.</param>
    public static uint ChecksumBefore(uint salted, long offset)
    {
        Span<byte> place = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(place, offset);
        return Crc32C.Append(salted, place);
    }

    private static uint Checksum(ReadOnlySpan<byte> salt, long offset, ReadOnlySpan<byte> body) =>
        Crc32C.Append(ChecksumBefore(Crc32C.Compute(salt), offset), body);
}
