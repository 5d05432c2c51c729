using System.Diagnostics.CodeAnalysis;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Binary;

namespace ClusterTransfer.Wire.Frames;

/// <summary>From the source: these files were read to their end, unchanged, and these are their digests. From the destination, with
/// <see cref="FrameFlags.Reply"/>: they are published.</summary>
/// <param name="Files">1 to <see cref="MaxFiles"/> files with the BLAKE3 root of each.</param>
/// <remarks>count u16 | (entry u32 | root 32) each.</remarks>
public sealed record FileDoneBody(IReadOnlyList<(EntryIndex Entry, Digest Root)> Files) : IFrameBody<FileDoneBody>
{
    /// <summary>Most files in one frame.</summary>
    public const int MaxFiles = 1_800;

    private const int FileLength = sizeof(uint) + Digest.Length;

    /// <inheritdoc/>
    public int EncodedLength => sizeof(ushort) + (Files.Count * FileLength);

    /// <inheritdoc/>
    public int WriteTo(Span<byte> destination)
    {
        if (Files.Count is < 1 or > MaxFiles)
        {
            throw new ArgumentException($"FileDone names 1 to {MaxFiles} files; got {Files.Count}.");
        }

        var writer = new WireWriter(destination);
        writer.U16((ushort)Files.Count);
        foreach ((EntryIndex entry, Digest root) in Files)
        {
            writer.U32(entry.Value);
            writer.Digest(root);
        }

        return writer.Length;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> source, [NotNullWhen(true)] out FileDoneBody? body)
    {
        body = null;
        var reader = new WireReader(source);
        int count = reader.U16();
        if (reader.Failed || count is < 1 or > MaxFiles || reader.Remaining != count * FileLength)
        {
            return false;
        }

        var files = new (EntryIndex Entry, Digest Root)[count];
        for (int i = 0; i < count; i++)
        {
            files[i] = (new EntryIndex(reader.U32()), reader.Digest());
        }

        body = new FileDoneBody(files);
        return true;
    }
}
