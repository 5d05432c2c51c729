using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.Outgoing.Reading;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Outgoing.Scanning;

/// <summary>Which pieces of a source file are not stored. Found at the scan and part of the manifest; a change after it is a change of the file.</summary>
internal static class HoleMap
{
    /// <summary>The entry with its holes; without any when the file is none with chunks of its own, cannot be opened, or is not the scanned one any more:
    /// then it is read like any other, and whoever reads it says what is wrong.</summary>
    public static ManifestEntry WithHoles(ManifestEntry entry, SourceTree tree, int baseChunkSize)
    {
        if (entry.Kind != EntryKind.File || entry.Size < baseChunkSize || tree.Location.Root.TryOpenFile(tree.ToSource(entry.Path).Bytes, out FileHandle? opened) != Errno.None)
        {
            return entry;
        }

        using FileHandle file = opened!; // open when there was no error
        try
        {
            List<FileHole> holes = IsStill(file, entry) ? Find(file, entry.Size, ChunkSizes.For(entry.Size, baseChunkSize)) : [];

            // Asked again: what was written into a hole while it was looked at shows in the file's times.
            return holes.Count > 0 && IsStill(file, entry) ? entry with { Holes = holes } : entry;
        }
        catch (NativeException)
        {
            return entry;
        }
    }

    /// <summary>Whether the holes of an entry still hold nothing but zeros.</summary>
    /// <exception cref="NativeException">The file could not be read.</exception>
    public static bool AreStillEmpty(FileHandle file, ManifestEntry entry, int piece)
    {
        byte[] buffer = [];
        foreach (FileHole hole in entry.Holes)
        {
            long end = hole.End * piece;
            for (long offset = hole.First * piece; offset < end; offset += piece)
            {
                file.TryFindData(offset, out long data).OrThrow("find the data of", file);
                if (data >= end)
                {
                    break;
                }

                // Blocks may have come without a byte being written, or the file system does not tell holes any more.
                offset = data / piece * piece;
                buffer = buffer.Length == 0 ? new byte[piece] : buffer;
                if (file.Read(buffer, offset) != piece || buffer.AsSpan().ContainsAnyExcept((byte)0))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool IsStill(FileHandle file, ManifestEntry entry) => SourceIdentities.Compare(entry.Identity, file.Status()) == SourceIdentity.Same;

    private static List<FileHole> Find(FileHandle file, long size, int piece)
    {
        List<FileHole> holes = [];
        long last = (size - 1) / piece; // always sent, so that every file has a chunk
        long at = 0;
        while (at < last && holes.Count < ManifestLimits.MaxHoles)
        {
            file.TryFindData(at * piece, out long data).OrThrow("find the data of", file);
            long next = Math.Min(data / piece, last);
            if (next > at)
            {
                holes.Add(new FileHole(at, next - at));
            }

            at = next + 1;
        }

        return holes;
    }
}
