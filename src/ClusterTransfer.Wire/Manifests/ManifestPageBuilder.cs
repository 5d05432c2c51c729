using ClusterTransfer.Model;

namespace ClusterTransfer.Wire.Manifests;

/// <summary>Fills a page until it is full, so that a scanner need not know the limits.</summary>
/// <param name="number">The page's number, from 0.</param>
/// <param name="firstEntry">Number of entries in the pages before.</param>
/// <param name="firstChunk">Number of chunks in the pages before.</param>
/// <param name="baseChunkSize">A power of two from 1 to 16 MiB.</param>
/// <param name="previousHash">Hash of the page before; empty for page 0.</param>
public sealed class ManifestPageBuilder(int number, uint firstEntry, uint firstChunk, int baseChunkSize, Digest previousHash)
{
    private const int PageOverhead = 64;

    private readonly List<ManifestEntry> _entries = [];
    private PlanCursor _plan = new(baseChunkSize);
    private int _length = PageOverhead;

    /// <summary>Entries so far.</summary>
    public int Count => _entries.Count;

    /// <summary>Chunks so far.</summary>
    public int ChunkCount => (int)_plan.Chunks;

    /// <summary>Adds an entry, or says that it must go to the next page. An entry that an empty page refuses fits no page:
    /// its file is larger than 256 TiB, or the transfer has no indices left.</summary>
    public bool TryAdd(ManifestEntry entry)
    {
        int length = _length + ManifestCodec.MaxLengthOf(entry);
        PlanCursor plan = _plan;
        plan.Next(entry);
        if (_entries.Count == ManifestLimits.MaxEntriesPerPage
            || length > ManifestLimits.MaxEncodedPage
            || plan.Chunks > ManifestLimits.MaxChunksPerPage
            || firstChunk + plan.Chunks > ManifestLimits.MaxChunks
            || firstEntry + (ulong)_entries.Count + 1 > uint.MaxValue)
        {
            return false;
        }

        _entries.Add(entry);
        _plan = plan;
        _length = length;
        return true;
    }

    /// <summary>The page.</summary>
    public ManifestPage Build() => new(number, firstEntry, firstChunk, baseChunkSize, previousHash, [.. _entries]);
}
