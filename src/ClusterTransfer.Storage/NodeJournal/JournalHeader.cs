using System.Buffers.Binary;
using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Hashing;

namespace ClusterTransfer.Storage.NodeJournal;

/// <summary>What the start of a log says.</summary>
internal enum JournalHeaderState
{
    /// <summary>Both copies are whole and ours.</summary>
    Sound,

    /// <summary>One copy is whole and ours; the other must be healed.</summary>
    OneCopyDamaged,

    /// <summary>Neither copy says anything.</summary>
    Missing,

    /// <summary>Written by a newer version.</summary>
    Newer,

    /// <summary>Of another transfer.</summary>
    OtherTransfer,
}

/// <summary>Header of a log: fixed size, little-endian, written twice in a row.</summary>
/// <remarks>magic 8 | version u16 | complement of version u16 | transfer id 16 ASCII | salt 16 | CRC32C u32 of the 44 bytes before.</remarks>
internal static class JournalHeader
{
    /// <summary>The format this version writes.</summary>
    public const ushort Version = 1;

    /// <summary>Bytes of both copies.</summary>
    public const int Size = 2 * CopySize;

    /// <summary>Random bytes that every record's checksum starts with.</summary>
    public const int SaltSize = 16;

    private const int CopySize = 48;
    private const int IdOffset = 12;
    private const int SaltOffset = IdOffset + TransferId.Length;
    private const int ChecksumOffset = CopySize - sizeof(uint);

    private static ReadOnlySpan<byte> Magic => "CTJOURNL"u8;

    /// <summary>Both copies.</summary>
    public static byte[] ToBytes(TransferId id, ReadOnlySpan<byte> salt, ushort version = Version)
    {
        byte[] bytes = new byte[Size];
        Span<byte> copy = bytes.AsSpan(0, CopySize);
        Magic.CopyTo(copy);
        BinaryPrimitives.WriteUInt16LittleEndian(copy[8..], version);
        BinaryPrimitives.WriteUInt16LittleEndian(copy[10..], (ushort)~version);
        Encoding.ASCII.GetBytes(id.Value, copy[IdOffset..]);
        salt.CopyTo(copy[SaltOffset..]);
        BinaryPrimitives.WriteUInt32LittleEndian(copy[ChecksumOffset..], Crc32C.Compute(copy[..ChecksumOffset]));
        copy.CopyTo(bytes.AsSpan(CopySize));
        return bytes;
    }

    /// <summary>Reads the start of a log, which may be shorter than a header.</summary>
    /// <param name="start">Up to <see cref="Size"/> bytes.</param>
    /// <param name="expected">The transfer the log must be of.</param>
    /// <param name="salt">The salt, when a copy is ours.</param>
    public static JournalHeaderState Read(ReadOnlySpan<byte> start, TransferId expected, out byte[] salt)
    {
        salt = [];
        JournalHeaderState first = ReadCopy(start, expected, ref salt);
        JournalHeaderState second = start.Length < CopySize ? JournalHeaderState.Missing : ReadCopy(start[CopySize..], expected, ref salt);
        return (first, second) switch
        {
            (JournalHeaderState.Sound, JournalHeaderState.Sound) => JournalHeaderState.Sound,
            (JournalHeaderState.Newer, _) or (_, JournalHeaderState.Newer) => JournalHeaderState.Newer,
            (JournalHeaderState.Sound, _) or (_, JournalHeaderState.Sound) => JournalHeaderState.OneCopyDamaged,
            (JournalHeaderState.OtherTransfer, _) or (_, JournalHeaderState.OtherTransfer) => JournalHeaderState.OtherTransfer,
            _ => JournalHeaderState.Missing,
        };
    }

    private static JournalHeaderState ReadCopy(ReadOnlySpan<byte> copy, TransferId expected, ref byte[] salt)
    {
        const int versionEnd = IdOffset;
        if (copy.Length < versionEnd || !copy.StartsWith(Magic))
        {
            return JournalHeaderState.Missing;
        }

        // The pair is looked at before the checksum, because a newer header may be longer or end otherwise.
        ushort version = BinaryPrimitives.ReadUInt16LittleEndian(copy[8..]);
        if (version == (ushort)~BinaryPrimitives.ReadUInt16LittleEndian(copy[10..]) && version > Version)
        {
            return JournalHeaderState.Newer;
        }

        if (copy.Length < CopySize || BinaryPrimitives.ReadUInt32LittleEndian(copy[ChecksumOffset..]) != Crc32C.Compute(copy[..ChecksumOffset]))
        {
            return JournalHeaderState.Missing;
        }

        if (!copy.Slice(IdOffset, TransferId.Length).SequenceEqual(Encoding.ASCII.GetBytes(expected.Value)))
        {
            return JournalHeaderState.OtherTransfer;
        }

        salt = copy.Slice(SaltOffset, SaltSize).ToArray();
        return JournalHeaderState.Sound;
    }
}
