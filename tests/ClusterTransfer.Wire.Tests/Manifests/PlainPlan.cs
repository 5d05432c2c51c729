using ClusterTransfer.Model;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Wire.Tests.Manifests;

/// <summary>The rules of docs/protocol.md, "Chunk plan", written down a second time without regard to speed.</summary>
internal static class PlainPlan
{
    public static IReadOnlyList<Chunk> Of(ManifestPage page)
    {
        var chunks = new List<Chunk>();
        var pack = new List<PackMember>();
        for (int i = 0; i < page.Entries.Count; i++)
        {
            ManifestEntry entry = page.Entries[i];
            if (entry.Kind != EntryKind.File)
            {
                continue;
            }

            int length = pack.Sum(member => member.Length);
            bool isSmall = entry.Size < page.BaseChunkSize;
            if (pack.Count > 0 && (!isSmall || pack.Count == 1024 || length + entry.Size > page.BaseChunkSize))
            {
                chunks.Add(new Chunk(pack[0].Entry, 1, page.BaseChunkSize, [.. pack]));
                pack.Clear();
                length = 0;
            }

            var index = new EntryIndex(page.FirstEntry + (uint)i);
            if (isSmall)
            {
                pack.Add(new PackMember(index, length, (int)entry.Size));
                continue;
            }

            long size = page.BaseChunkSize;
            while (size < 16 * 1024 * 1024 && (entry.Size + size - 1) / size > 16_384)
            {
                size *= 2;
            }

            long[] pieces = [.. Pieces((entry.Size + size - 1) / size).Where(piece => !entry.Holes.Any(hole => piece >= hole.First && piece < hole.End))];
            chunks.Add(new Chunk(index, pieces.Length, (int)size, []) { Pieces = pieces });
        }

        if (pack.Count > 0)
        {
            chunks.Add(new Chunk(pack[0].Entry, 1, page.BaseChunkSize, [.. pack]));
        }

        return chunks;
    }

    private static IEnumerable<long> Pieces(long count)
    {
        for (long i = 0; i < count; i++)
        {
            yield return i;
        }
    }

    /// <summary>All chunks of one file, or one pack.</summary>
    public sealed record Chunk(EntryIndex Entry, long Count, int Size, PackMember[] Members)
    {
        public long[] Pieces { get; init; } = [];

        public PlannedChunk At(ManifestPage page, ChunkIndex index, long number)
        {
            if (Members.Length > 0)
            {
                return new PlannedChunk(index, Entry, 0, Members.Sum(member => member.Length), Size, true, Members.Length);
            }

            long offset = Pieces[number] * Size;
            long fileSize = page.Entries[(int)(Entry.Value - page.FirstEntry)].Size;
            return new PlannedChunk(index, Entry, offset, (int)Math.Min(Size, fileSize - offset), Size, false, 0);
        }
    }
}
