using ClusterTransfer.Model;

namespace ClusterTransfer.Wire.Manifests;

/// <summary>One file, folder or link to deliver.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Path">Where, beneath the destination folder: the result's name, or a path beneath it. Not empty.</param>
/// <param name="Size">Bytes of a file; for others as the scanner found it, without meaning.</param>
/// <param name="Mode">The permission bits, within 07777.</param>
/// <param name="ModifiedNs">Modification time, nanoseconds since 1970 UTC.</param>
/// <param name="Identity">The source's own check; the destination passes over it.</param>
/// <param name="LinkTarget">A link's target, 1 to 4,095 bytes without NUL; empty for others.</param>
public sealed record ManifestEntry(
    EntryKind Kind,
    SafeRelativePath Path,
    long Size,
    int Mode,
    long ModifiedNs,
    FileIdentity Identity,
    ReadOnlyMemory<byte> LinkTarget)
{
    /// <summary>What a sparse file does not store, rising and not touching each other, at most <see cref="ManifestLimits.MaxHoles"/>; empty for all others.</summary>
    public IReadOnlyList<FileHole> Holes { get; init; } = [];

    /// <summary>Bytes that have to move: the size of a file without its holes; 0 for folders and links.</summary>
    /// <param name="baseChunkSize">That of the entry's page.</param>
    public long DataBytes(int baseChunkSize)
    {
        if (Kind != EntryKind.File || Holes.Count == 0)
        {
            return Kind == EntryKind.File ? Size : 0;
        }

        int piece = ChunkSizes.For(Size, baseChunkSize);
        return Size - Holes.Sum(hole => hole.Count * piece);
    }

    /// <summary>Same values, and the same bytes of the link target, wherever they are stored.</summary>
    public bool Equals(ManifestEntry? other) =>
        other is not null
        && Kind == other.Kind
        && Path.Equals(other.Path)
        && Size == other.Size
        && Mode == other.Mode
        && ModifiedNs == other.ModifiedNs
        && Identity == other.Identity
        && LinkTarget.Span.SequenceEqual(other.LinkTarget.Span)
        && Holes.SequenceEqual(other.Holes);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Path, Size, Mode, ModifiedNs);
}
