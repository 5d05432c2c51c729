using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Binary;
using ClusterTransfer.Wire.Hashing;

namespace ClusterTransfer.Wire.Manifests;

/// <summary>Bytes of a manifest page. A page has exactly one encoding, and the decoder refuses every other one.</summary>
/// <remarks>version u8 | number u32 | first entry u32 | first chunk u32 | base chunk size u8 (its binary logarithm) | previous hash 32 | entry count u16 |
/// entries, each: kind and identity form u8 | mode u16 | modified i64 | size varint | shared varint | rest varint, bytes | identity | link target | holes.
/// Format 2 is that of a page with a sparse file, format 1 that of all others. See docs/protocol.md.</remarks>
public static class ManifestCodec
{
    /// <summary>Version of the encoding, the first byte, of a page without sparse files.</summary>
    public const byte FormatVersion = 1;

    /// <summary>That of a page with at least one.</summary>
    public const byte SparseFormatVersion = 2;

    private const int HeaderLength = 1 + 4 + 4 + 4 + 1 + Digest.Length + 2;

    // The low half of an entry's first byte is its kind, the high half says how its identity is written.
    private const byte KindMask = 0x0F;
    private const byte IdentityAbsent = 0x00;       // all zero
    private const byte IdentityShared = 0x10;       // size and modification time are the entry's
    private const byte IdentityWhole = 0x20;
    private const byte HasHoles = 0x40;

    // A file of 2^63 bytes in the smallest pieces.
    private const ulong MaxPieces = 1UL << 43;

    /// <summary>Bytes that an entry adds to an encoded page at most; the page itself takes at most 64 more.</summary>
    public static int MaxLengthOf(ManifestEntry entry) =>
        1 + 2 + 8 + (3 * WireWriter.MaxVarUInt) + entry.Path.Bytes.Length
        + (2 * WireWriter.MaxVarUInt) + (3 * 8)
        + WireWriter.MaxVarUInt + entry.LinkTarget.Length
        + (entry.Holes.Count == 0 ? 0 : (1 + (2 * entry.Holes.Count)) * WireWriter.MaxVarUInt);

    /// <summary>Whether an encoded page holds a sparse file, so that a peer without <see cref="Frames.HelloFeatures.SparseFiles"/> cannot read it.</summary>
    public static bool IsSparse(ReadOnlySpan<byte> encoded) => encoded.Length > 0 && encoded[0] == SparseFormatVersion;

    /// <summary>Encodes a page.</summary>
    /// <exception cref="ArgumentException">The page breaks a rule or is longer than 1 MiB; see <see cref="ManifestPageBuilder"/>.</exception>
    public static byte[] Encode(ManifestPage page)
    {
        string? problem = ManifestRules.ProblemOf(page);
        if (problem is not null)
        {
            throw new ArgumentException($"Page {page.Number} cannot be encoded: {problem}.", nameof(page));
        }

        return EncodeUnchecked(page);
    }

    /// <summary>Encodes a page without asking whether it is valid; tests make pages with it that the decoder must refuse.</summary>
    internal static byte[] EncodeUnchecked(ManifestPage page)
    {
        long bound = HeaderLength + page.Entries.Sum(entry => (long)MaxLengthOf(entry));
        int length = (int)Math.Min(bound, ManifestLimits.MaxEncodedPage);

        // Rented: the bound of a page of a thousand files is a large object, and each would ask for a whole collection sooner.
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var writer = new WireWriter(buffer.AsSpan(0, length));
            Write(ref writer, page);
            return buffer.AsSpan(0, writer.Length).ToArray();
        }
        catch (ArgumentException) when (bound > length)
        {
            throw new ArgumentException($"Page {page.Number} is longer than {ManifestLimits.MaxEncodedPage} bytes.", nameof(page));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Decodes and validates a page from a peer or a disk. Never throws.</summary>
    /// <param name="encoded">The whole encoded page; copied from.</param>
    /// <param name="page">The page when the result is true.</param>
    /// <param name="problem">What is wrong with it otherwise, as the end of a sentence.</param>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out ManifestPage? page, [NotNullWhen(false)] out string? problem)
    {
        page = null;
        if (encoded.Length > ManifestLimits.MaxEncodedPage)
        {
            problem = $"it has {encoded.Length} bytes; at most {ManifestLimits.MaxEncodedPage} are possible";
            return false;
        }

        if (encoded.Length > 0 && encoded[0] is not (FormatVersion or SparseFormatVersion))
        {
            problem = $"its format version is {encoded[0]}; this node reads {FormatVersion} and {SparseFormatVersion}";
            return false;
        }

        var reader = new WireReader(encoded);
        ManifestPage? read = Read(ref reader, out problem);
        if (read is null)
        {
            problem ??= "its bytes are malformed";
            return false;
        }

        problem = IsSparse(encoded) == HasSparseFile(read) ? ManifestRules.ProblemOf(read) : "its format version is not that of its entries";
        page = problem is null ? read : null;
        return page is not null;
    }

    /// <summary>Hash of an encoded page: what the next page and the seal refer to.</summary>
    public static Digest HashOf(ReadOnlySpan<byte> encoded) => Blake3.Hash(encoded);

    private static void Write(ref WireWriter writer, ManifestPage page)
    {
        writer.U8(HasSparseFile(page) ? SparseFormatVersion : FormatVersion);
        writer.U32((uint)page.Number);
        writer.U32(page.FirstEntry);
        writer.U32(page.FirstChunk);
        writer.U8((byte)BitOperations.Log2((uint)page.BaseChunkSize));
        writer.Digest(page.PreviousHash);
        writer.U16((ushort)page.Entries.Count);
        ReadOnlySpan<byte> previousPath = default;
        foreach (ManifestEntry entry in page.Entries)
        {
            WriteEntry(ref writer, entry, previousPath);
            previousPath = entry.Path.Bytes;
        }
    }

    private static void WriteEntry(ref WireWriter writer, ManifestEntry entry, ReadOnlySpan<byte> previousPath)
    {
        byte form = FormOf(entry);
        byte holes = entry.Holes.Count > 0 ? HasHoles : (byte)0;
        writer.U8((byte)((byte)entry.Kind | form | holes));
        writer.U16((ushort)entry.Mode);
        writer.I64(entry.ModifiedNs);
        writer.VarUInt((ulong)entry.Size);

        ReadOnlySpan<byte> path = entry.Path.Bytes;
        int shared = path.CommonPrefixLength(previousPath);
        writer.VarUInt((ulong)shared);
        writer.VarUInt((ulong)(path.Length - shared));
        writer.Bytes(path[shared..]);

        if (form != IdentityAbsent)
        {
            writer.VarUInt(entry.Identity.Device);
            writer.VarUInt(entry.Identity.Inode);
            writer.I64(entry.Identity.ChangedNs);
        }

        if (form == IdentityWhole)
        {
            writer.I64(entry.Identity.Size);
            writer.I64(entry.Identity.ModifiedNs);
        }

        if (entry.Kind == EntryKind.SymbolicLink)
        {
            writer.VarUInt((ulong)entry.LinkTarget.Length);
            writer.Bytes(entry.LinkTarget.Span);
        }

        if (holes != 0)
        {
            WriteHoles(ref writer, entry.Holes);
        }
    }

    // Each by the pieces between it and the one before, so that small numbers stay small.
    private static void WriteHoles(ref WireWriter writer, IReadOnlyList<FileHole> holes)
    {
        writer.VarUInt((ulong)holes.Count);
        long from = 0;
        foreach (FileHole hole in holes)
        {
            writer.VarUInt((ulong)(hole.First - from));
            writer.VarUInt((ulong)hole.Count);
            from = hole.End;
        }
    }

    private static List<FileHole> ReadHoles(ref WireReader reader)
    {
        ulong count = reader.VarUInt();
        var holes = new List<FileHole>();
        if (count is 0 or > ManifestLimits.MaxHoles)
        {
            reader.Fail();
            return holes;
        }

        long from = 0;
        for (ulong i = 0; i < count && !reader.Failed; i++)
        {
            ulong skip = reader.VarUInt();
            ulong length = reader.VarUInt();
            if (skip > MaxPieces || length > MaxPieces)
            {
                reader.Fail();
                break;
            }

            // At most 2,048 numbers of 44 bits: the sum cannot wrap.
            holes.Add(new FileHole(from + (long)skip, (long)length));
            from = holes[^1].End;
        }

        return holes;
    }

    private static bool HasSparseFile(ManifestPage page)
    {
        foreach (ManifestEntry entry in page.Entries)
        {
            if (entry.Holes.Count > 0)
            {
                return true;
            }
        }

        return false;
    }

    private static ManifestPage? Read(ref WireReader reader, out string? problem)
    {
        problem = null;
        reader.U8();
        int number = reader.Int31();
        uint firstEntry = reader.U32();
        uint firstChunk = reader.U32();
        int log = reader.U8();
        Digest previousHash = reader.Digest();
        int count = reader.U16();
        if (reader.Failed || log > 24 || count > ManifestLimits.MaxEntriesPerPage)
        {
            return null;
        }

        // The list grows with what is really there: a count that the bytes do not bear out costs nothing.
        var entries = new List<ManifestEntry>();
        Span<byte> path = stackalloc byte[SafeRelativePath.MaxLength];
        int pathLength = 0;
        for (int i = 0; i < count; i++)
        {
            ManifestEntry? entry = ReadEntry(ref reader, path, ref pathLength, out problem);
            if (entry is null)
            {
                return null;
            }

            entries.Add(entry);
        }

        return reader.Complete ? new ManifestPage(number, firstEntry, firstChunk, 1 << log, previousHash, entries) : null;
    }

    private static ManifestEntry? ReadEntry(ref WireReader reader, scoped Span<byte> path, ref int pathLength, out string? problem)
    {
        problem = null;
        byte first = reader.U8();
        int mode = reader.U16();
        long modifiedNs = reader.I64();
        ulong size = reader.VarUInt();
        if (!ReadPath(ref reader, path, ref pathLength) || size > long.MaxValue)
        {
            return null;
        }

        if (!SafeRelativePath.TryCreate(path[..pathLength], out SafeRelativePath? safePath, out string? pathProblem))
        {
            problem = $"the path '{PathText.Escape(path[..pathLength])}' is not valid: {pathProblem}";
            return null;
        }

        byte form = (byte)(first & ~KindMask & ~HasHoles);
        FileIdentity identity = ReadIdentity(ref reader, form, (long)size, modifiedNs);
        var kind = (EntryKind)(first & KindMask);
        ReadOnlyMemory<byte> linkTarget = default;
        if (kind == EntryKind.SymbolicLink)
        {
            ulong length = reader.VarUInt();
            linkTarget = reader.Bytes((int)Math.Min(length, int.MaxValue)).ToArray();
        }

        var entry = new ManifestEntry(kind, safePath, (long)size, mode, modifiedNs, identity, linkTarget);
        if ((first & HasHoles) != 0)
        {
            entry = entry with { Holes = ReadHoles(ref reader) };
        }

        return reader.Failed || form != FormOf(entry) ? null : entry;
    }

    // The path buffer holds the entry before, whose first bytes this one may share.
    private static bool ReadPath(ref WireReader reader, scoped Span<byte> path, ref int pathLength)
    {
        ulong shared = reader.VarUInt();
        ulong rest = reader.VarUInt();
        if (reader.Failed || shared > (ulong)pathLength || rest > (ulong)path.Length - shared)
        {
            return false;
        }

        ReadOnlySpan<byte> tail = reader.Bytes((int)rest);
        bool sharesMore = tail.Length > 0 && (int)shared < pathLength && path[(int)shared] == tail[0];
        if (reader.Failed || sharesMore)
        {
            return false;
        }

        tail.CopyTo(path[(int)shared..]);
        pathLength = (int)shared + tail.Length;
        return true;
    }

    private static FileIdentity ReadIdentity(ref WireReader reader, byte form, long size, long modifiedNs)
    {
        switch (form)
        {
            case IdentityAbsent:
                return default;
            case IdentityShared or IdentityWhole:
                ulong device = reader.VarUInt();
                ulong inode = reader.VarUInt();
                long changedNs = reader.I64();
                return form == IdentityShared
                    ? new FileIdentity(device, inode, size, modifiedNs, changedNs)
                    : new FileIdentity(device, inode, reader.I64(), reader.I64(), changedNs);
            default:
                reader.Fail();
                return default;
        }
    }

    private static byte FormOf(ManifestEntry entry)
    {
        if (entry.Identity == default)
        {
            return IdentityAbsent;
        }

        return entry.Identity.Size == entry.Size && entry.Identity.ModifiedNs == entry.ModifiedNs ? IdentityShared : IdentityWhole;
    }
}
