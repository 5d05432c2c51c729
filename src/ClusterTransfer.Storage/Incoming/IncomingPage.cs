using ClusterTransfer.Model;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>What stays in memory of an accepted page: bits and one byte an entry. Its entries are read back from the journal when needed.</summary>
internal sealed class IncomingPage(ManifestPage page, int chunkCount, Digest hash, long journalOffset, int encodedLength)
{
    private readonly EntryState[] _states = new EntryState[page.Entries.Count];

    public int Number { get; } = page.Number;

    public uint FirstEntry { get; } = page.FirstEntry;

    /// <summary>Path of the first entry: pages are in the order of paths, so it says where a path belongs without reading a page.</summary>
    public SafeRelativePath FirstPath { get; } = page.Entries[0].Path;

    public int EntryCount => _states.Length;

    public uint FirstChunk { get; } = page.FirstChunk;

    public int ChunkCount { get; } = chunkCount;

    public Digest Hash { get; } = hash;

    /// <summary>Where the encoded page lies in the journal.</summary>
    public long JournalOffset { get; set; } = journalOffset;

    public int EncodedLength { get; } = encodedLength;

    /// <summary>Chunks whose bytes are flushed and journaled.</summary>
    public BitSet Durable { get; } = new(chunkCount);

    /// <summary>Chunks nobody needs any more, because their files have an outcome.</summary>
    public BitSet NotWanted { get; } = new(chunkCount);

    public ref EntryState StateOf(uint entry) => ref _states[entry - FirstEntry];
}

/// <summary>A page's entries and plan, read back.</summary>
internal sealed record LoadedPage(ManifestPage Page, PagePlan Plan)
{
    public ManifestEntry Entry(uint entry) => Page.Entries[(int)(entry - Page.FirstEntry)];

    public FileShape ShapeOf(uint entry) => new(Entry(entry), Page.BaseChunkSize);

    /// <summary>Bytes of an entry that have to move and to be stored.</summary>
    public long BytesOf(uint entry) => Page.BytesOf(Entry(entry));
}
