using ClusterTransfer.Model;

namespace ClusterTransfer.Wire.Manifests;

/// <summary>What makes a page valid, for the encoder (a bug if not) and the decoder (a refused page if not).</summary>
internal static class ManifestRules
{
    /// <summary>The first rule that the page breaks, as a sentence; null when it breaks none.</summary>
    public static string? ProblemOf(ManifestPage page)
    {
        if (page.Number < 0)
        {
            return "its number is negative";
        }

        if (!ChunkSizes.IsValid(page.BaseChunkSize))
        {
            return $"its base chunk size {page.BaseChunkSize} is not a power of two from 1 to 16 MiB";
        }

        if (page.Entries.Count is < 1 or > ManifestLimits.MaxEntriesPerPage)
        {
            return $"it has {page.Entries.Count} entries; want 1 to {ManifestLimits.MaxEntriesPerPage}";
        }

        if (page.FirstEntry + (ulong)page.Entries.Count > uint.MaxValue)
        {
            return "its entries go beyond the last possible entry index";
        }

        return ProblemOfEntries(page);
    }

    private static string? ProblemOfEntries(ManifestPage page)
    {
        var paths = new HashSet<SafeRelativePath>(page.Entries.Count);
        var cursor = new PlanCursor(page.BaseChunkSize);
        for (int i = 0; i < page.Entries.Count; i++)
        {
            ManifestEntry entry = page.Entries[i];
            string? problem = ProblemOf(entry) ?? ProblemOfHoles(entry, page.BaseChunkSize);
            if (problem is null && !paths.Add(entry.Path))
            {
                problem = "its path stands in the page already";
            }

            if (problem is not null)
            {
                return $"entry {page.FirstEntry + (uint)i} is not valid: {problem}";
            }

            cursor.Next(entry);
            if (cursor.Chunks > ManifestLimits.MaxChunksPerPage || page.FirstChunk + cursor.Chunks > ManifestLimits.MaxChunks)
            {
                return $"entry {page.FirstEntry + (uint)i} takes it beyond {ManifestLimits.MaxChunksPerPage} chunks or the last possible chunk index";
            }
        }

        return null;
    }

    private static string? ProblemOfHoles(ManifestEntry entry, int baseChunkSize)
    {
        if (entry.Holes.Count == 0)
        {
            return null;
        }

        if (entry.Kind != EntryKind.File || entry.Size < baseChunkSize || entry.Holes.Count > ManifestLimits.MaxHoles)
        {
            return $"only a file with chunks of its own has holes, and at most {ManifestLimits.MaxHoles} of them";
        }

        long pieces = ChunkSizes.CountOf(entry.Size, ChunkSizes.For(entry.Size, baseChunkSize));
        long from = 0;
        foreach (FileHole hole in entry.Holes)
        {
            // No sum before its parts are known to be small: they may be anything.
            if (hole.First < from || hole.Count < 1 || hole.First > pieces || hole.Count > pieces - hole.First - 1)
            {
                return "its holes are empty, out of order, touch each other, or reach its last piece";
            }

            from = hole.End + 1;
        }

        return null;
    }

    private static string? ProblemOf(ManifestEntry entry)
    {
        bool isLink = entry.Kind == EntryKind.SymbolicLink;
        return entry switch
        {
            { Kind: < EntryKind.File or > EntryKind.SymbolicLink } => "its kind is unknown",
            { Path.IsEmpty: true } => "its path is empty",
            { Size: < 0 } => "its size is negative",
            _ when (entry.Mode & ~ManifestLimits.ModeMask) != 0 => "its mode has bits beyond 07777",
            _ when !isLink && entry.LinkTarget.Length != 0 => "it has a link target and is not a link",
            _ when isLink && entry.LinkTarget.Length is < 1 or > ManifestLimits.MaxLinkTarget =>
                $"its link target has {entry.LinkTarget.Length} bytes; want 1 to {ManifestLimits.MaxLinkTarget}",
            _ when isLink && entry.LinkTarget.Span.Contains((byte)0) => "its link target contains a NUL byte",
            _ => null,
        };
    }
}
