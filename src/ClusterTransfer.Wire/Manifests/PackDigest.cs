using System.Buffers.Binary;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Hashing;

namespace ClusterTransfer.Wire.Manifests;

/// <summary>Digest of a packed chunk: it covers its members' digests, so that each byte is hashed once.</summary>
/// <remarks>BLAKE3 of (entry u32 | length u64 | root 32) of each present member, in entry order.</remarks>
public static class PackDigest
{
    private const int MemberLength = sizeof(uint) + sizeof(ulong) + Digest.Length;

    /// <summary>Computes the digest.</summary>
    /// <param name="present">The present members in entry order, at most 1,024.</param>
    /// <exception cref="ArgumentException">More members than a pack has.</exception>
    public static Digest Compute(ReadOnlySpan<PackMemberDigest> present)
    {
        if (present.Length > ManifestLimits.MaxPackMembers)
        {
            throw new ArgumentException($"A pack has at most {ManifestLimits.MaxPackMembers} members.", nameof(present));
        }

        // At most 44 KiB: on the stack, because this runs once for each packed chunk.
        Span<byte> input = stackalloc byte[present.Length * MemberLength];
        for (int i = 0; i < present.Length; i++)
        {
            Span<byte> member = input.Slice(i * MemberLength, MemberLength);
            BinaryPrimitives.WriteUInt32LittleEndian(member, present[i].Entry.Value);
            BinaryPrimitives.WriteInt64LittleEndian(member[sizeof(uint)..], present[i].Length);
            present[i].Root.CopyTo(member[(sizeof(uint) + sizeof(ulong))..]);
        }

        return Blake3.Hash(input);
    }
}
