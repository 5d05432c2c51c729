using System.Buffers.Binary;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Wire.Frames;

/// <summary>What stands before the payload in the body of a chunk frame. Reads over the frame's bytes and copies nothing.</summary>
/// <remarks>digest 32, and if <see cref="FrameFlags.Packed"/>: absent count u16 | absent entry u32 each, ascending. The payload follows;
/// that of a packed chunk holds the present members one after another, without gaps for absent ones.</remarks>
public readonly ref struct ChunkPrefix
{
    /// <summary>Bytes of the longest prefix.</summary>
    public const int MaxLength = Digest.Length + sizeof(ushort) + (ManifestLimits.MaxPackMembers * sizeof(uint));

    private readonly ReadOnlySpan<byte> _absent;

    private ChunkPrefix(Digest digest, ReadOnlySpan<byte> absent, int length)
    {
        Digest = digest;
        _absent = absent;
        Length = length;
    }

    /// <summary>The chunk's digest as the source computed it.</summary>
    public Digest Digest { get; }

    /// <summary>Length of this prefix in bytes; the payload starts there.</summary>
    public int Length { get; }

    /// <summary>How many members of the pack the payload leaves out.</summary>
    public int AbsentCount => _absent.Length / sizeof(uint);

    /// <summary>Length of a prefix in bytes.</summary>
    public static int LengthOf(bool packed, int absentCount) =>
        packed ? Digest.Length + sizeof(ushort) + (absentCount * sizeof(uint)) : Digest.Length;

    /// <summary>An absent member, ascending from index 0.</summary>
    public EntryIndex Absent(int index) => new(BinaryPrimitives.ReadUInt32LittleEndian(_absent.Slice(index * sizeof(uint), sizeof(uint))));

    /// <summary>Copies the absent members' entry indices to the first <see cref="AbsentCount"/> places.</summary>
    public void CopyAbsentTo(Span<uint> destination)
    {
        for (int i = 0; i < AbsentCount; i++)
        {
            destination[i] = Absent(i).Value;
        }
    }

    /// <summary>Writes a prefix and returns its length.</summary>
    /// <param name="destination">At least <see cref="LengthOf"/> bytes.</param>
    /// <param name="packed">Whether the frame has <see cref="FrameFlags.Packed"/>.</param>
    /// <param name="digest">The chunk's digest.</param>
    /// <param name="absent">Entry indices of absent members, strictly ascending; empty unless packed.</param>
    /// <exception cref="ArgumentException">Too many absent members, not ascending, or not packed.</exception>
    public static int Write(Span<byte> destination, bool packed, in Digest digest, ReadOnlySpan<uint> absent)
    {
        digest.CopyTo(destination);
        if (!packed)
        {
            return absent.Length == 0 ? Digest.Length : throw new ArgumentException("Only a packed chunk has absent members.", nameof(absent));
        }

        if (absent.Length > ManifestLimits.MaxPackMembers)
        {
            throw new ArgumentException($"A pack has at most {ManifestLimits.MaxPackMembers} members.", nameof(absent));
        }

        BinaryPrimitives.WriteUInt16LittleEndian(destination[Digest.Length..], (ushort)absent.Length);
        Span<byte> rest = destination[(Digest.Length + sizeof(ushort))..];
        for (int i = 0; i < absent.Length; i++)
        {
            if (i > 0 && absent[i] <= absent[i - 1])
            {
                throw new ArgumentException("Absent members are strictly ascending.", nameof(absent));
            }

            BinaryPrimitives.WriteUInt32LittleEndian(rest[(i * sizeof(uint))..], absent[i]);
        }

        return LengthOf(packed, absent.Length);
    }

    /// <summary>Reads the prefix of a chunk frame's body. Never throws.</summary>
    /// <param name="body">The whole body; must outlive the prefix.</param>
    /// <param name="packed">Whether the frame has <see cref="FrameFlags.Packed"/>.</param>
    /// <param name="prefix">The prefix when the result is true.</param>
    /// <param name="members">How many members the plan gives this pack; more absent ones are refused.</param>
    public static bool TryRead(ReadOnlySpan<byte> body, bool packed, out ChunkPrefix prefix, int members = ManifestLimits.MaxPackMembers)
    {
        prefix = default;
        if (body.Length < LengthOf(packed, 0))
        {
            return false;
        }

        var digest = new Digest(body[..Digest.Length]);
        if (!packed)
        {
            prefix = new ChunkPrefix(digest, default, Digest.Length);
            return true;
        }

        int count = BinaryPrimitives.ReadUInt16LittleEndian(body[Digest.Length..]);
        if (count > Math.Min(members, ManifestLimits.MaxPackMembers) || body.Length < LengthOf(packed, count))
        {
            return false;
        }

        var read = new ChunkPrefix(digest, body[LengthOf(packed, 0)..LengthOf(packed, count)], LengthOf(packed, count));
        for (int i = 1; i < count; i++)
        {
            if (read.Absent(i).Value <= read.Absent(i - 1).Value)
            {
                return false;
            }
        }

        prefix = read;
        return true;
    }
}
