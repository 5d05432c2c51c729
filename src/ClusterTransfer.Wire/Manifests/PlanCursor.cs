using ClusterTransfer.Model;

namespace ClusterTransfer.Wire.Manifests;

/// <summary>The packing rule, one entry at a time: which chunks an entry starts, and whether it joins the open pack.</summary>
/// <remarks>Shared by the plan, the page builder and the decoder's count, so that they cannot disagree.</remarks>
internal struct PlanCursor(int baseChunkSize)
{
    private int _packMembers;
    private int _packLength;

    /// <summary>Chunks that the entries so far make.</summary>
    public long Chunks { get; private set; }

    /// <summary>Takes the next entry of the page.</summary>
    public PlanStep Next(ManifestEntry entry)
    {
        if (entry.Kind != EntryKind.File)
        {
            return PlanStep.NoChunks;   // a pack stays open across folders and links: they carry no bytes
        }

        if (entry.Size >= baseChunkSize)
        {
            _packMembers = 0;   // chunks stay in the order of their entries: a large file ends the open pack
            Chunks += ChunkSizes.CountOf(entry.Size, ChunkSizes.For(entry.Size, baseChunkSize));
            foreach (FileHole hole in entry.Holes)
            {
                Chunks -= hole.Count;
            }

            return PlanStep.OwnChunks;
        }

        int length = (int)entry.Size;
        if (_packMembers > 0 && _packMembers < ManifestLimits.MaxPackMembers && length <= baseChunkSize - _packLength)
        {
            _packMembers++;
            _packLength += length;
            return PlanStep.JoinsPack;
        }

        _packMembers = 1;
        _packLength = length;
        Chunks++;
        return PlanStep.StartsPack;
    }
}

/// <summary>What an entry does to the plan.</summary>
internal enum PlanStep
{
    /// <summary>A folder or link.</summary>
    NoChunks,

    /// <summary>A file with chunks of its own.</summary>
    OwnChunks,

    /// <summary>A small file that opens a new packed chunk.</summary>
    StartsPack,

    /// <summary>A small file that fits the open packed chunk.</summary>
    JoinsPack,
}
