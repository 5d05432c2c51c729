using System.Runtime.InteropServices;
using ClusterTransfer.Model;

namespace ClusterTransfer.Wire.Manifests;

/// <summary>The chunks of a page. Both ends compute it from the page alone; its memory grows with the entries, not with the chunks.</summary>
/// <remarks>Chunks stand in the order of entries. Folders and links have none. A file below the base chunk size, also an empty one, is a
/// member of a packed chunk with its neighbours, until the pack would exceed the base chunk size or 1,024 members or a larger file comes
/// between. A larger file has chunks of its own, of <see cref="ChunkSizes.For"/>, but none for its holes. Immutable, so it may be shared between threads.</remarks>
public sealed class PagePlan
{
    private readonly ManifestPage _page;
    private readonly List<Run> _runs = [];
    private readonly List<PackMember> _members = [];
    private readonly int[] _runOfEntry;

    /// <summary>Plans a page.</summary>
    /// <exception cref="ArgumentException">The page has more chunks than a page or a transfer may have.</exception>
    public PagePlan(ManifestPage page)
    {
        _page = page;
        _runOfEntry = new int[page.Entries.Count];
        var cursor = new PlanCursor(page.BaseChunkSize);
        for (int i = 0; i < _runOfEntry.Length; i++)
        {
            int firstChunk = (int)cursor.Chunks;
            PlanStep step = cursor.Next(page.Entries[i]);
            if (cursor.Chunks > ManifestLimits.MaxChunksPerPage || page.FirstChunk + cursor.Chunks > ManifestLimits.MaxChunks)
            {
                throw new ArgumentException("The page has more chunks than allowed.", nameof(page));
            }

            _runOfEntry[i] = Place(i, step, firstChunk);
        }

        ChunkCount = (int)cursor.Chunks;
    }

    /// <summary>Index of the first chunk.</summary>
    public uint FirstChunk => _page.FirstChunk;

    /// <summary>Number of chunks.</summary>
    public int ChunkCount { get; }

    /// <summary>Whether a chunk belongs to this page.</summary>
    public bool Contains(ChunkIndex chunk) => chunk.Value >= FirstChunk && chunk.Value - FirstChunk < (uint)ChunkCount;

    /// <summary>One chunk; takes a binary search.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The chunk is not of this page.</exception>
    public PlannedChunk At(ChunkIndex chunk)
    {
        if (!Contains(chunk))
        {
            throw new ArgumentOutOfRangeException(nameof(chunk), chunk, "The chunk is not of this page.");
        }

        int offset = (int)(chunk.Value - FirstChunk);
        ref readonly Run run = ref CollectionsMarshal.AsSpan(_runs)[RunAt(offset)];
        EntryIndex entry = IndexOf(run.Entry);
        if (run.IsPacked)
        {
            PackMember last = _members[run.FirstMember + run.MemberCount - 1];
            return new PlannedChunk(chunk, entry, 0, last.Offset + last.Length, _page.BaseChunkSize, true, run.MemberCount);
        }

        long fileOffset = PieceOf(offset - run.FirstChunk, _page.Entries[run.Entry].Holes) * run.ChunkSize;
        int length = (int)Math.Min(run.ChunkSize, _page.Entries[run.Entry].Size - fileOffset);
        return new PlannedChunk(chunk, entry, fileOffset, length, run.ChunkSize, false, 0);
    }

    /// <summary>The files in a packed chunk, in entry order; empty for other chunks.</summary>
    public ReadOnlySpan<PackMember> MembersOf(in PlannedChunk chunk)
    {
        if (!chunk.IsPacked || !Contains(chunk.Index))
        {
            return default;
        }

        Run run = _runs[RunAt((int)(chunk.Index.Value - FirstChunk))];
        return CollectionsMarshal.AsSpan(_members).Slice(run.FirstMember, run.MemberCount);
    }

    /// <summary>The chunks that hold a file: its own, or the one pack it is in. The count is 0 for folders and links.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The entry is not of this page.</exception>
    public (ChunkIndex First, int Count) ChunksOf(EntryIndex file)
    {
        if (file.Value < _page.FirstEntry || file.Value - _page.FirstEntry >= (uint)_runOfEntry.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(file), file, "The entry is not of this page.");
        }

        int index = _runOfEntry[(int)(file.Value - _page.FirstEntry)];
        if (index < 0)
        {
            return (new ChunkIndex(FirstChunk), 0);
        }

        int firstChunk = _runs[index].FirstChunk;
        int end = index + 1 < _runs.Count ? _runs[index + 1].FirstChunk : ChunkCount;
        return (new ChunkIndex(FirstChunk + (uint)firstChunk), end - firstChunk);
    }

    // Chunks are the pieces that are in no hole, in order.
    private static long PieceOf(long chunk, IReadOnlyList<FileHole> holes)
    {
        for (int i = 0; i < holes.Count && holes[i].First <= chunk; i++)
        {
            chunk += holes[i].Count;
        }

        return chunk;
    }

    private EntryIndex IndexOf(int entry) => new(_page.FirstEntry + (uint)entry);

    private int Place(int entry, PlanStep step, int firstChunk)
    {
        switch (step)
        {
            case PlanStep.OwnChunks:
                long size = _page.Entries[entry].Size;
                _runs.Add(new Run(entry, firstChunk, ChunkSizes.For(size, _page.BaseChunkSize), 0, 0));
                return _runs.Count - 1;
            case PlanStep.StartsPack:
                _runs.Add(new Run(entry, firstChunk, 0, _members.Count, 1));
                _members.Add(new PackMember(IndexOf(entry), 0, (int)_page.Entries[entry].Size));
                return _runs.Count - 1;
            case PlanStep.JoinsPack:
                PackMember before = _members[^1];
                _members.Add(new PackMember(IndexOf(entry), before.Offset + before.Length, (int)_page.Entries[entry].Size));
                _runs[^1] = _runs[^1] with { MemberCount = _runs[^1].MemberCount + 1 };
                return _runs.Count - 1;
            default:
                return -1;
        }
    }

    // The last run that starts at or before the chunk.
    private int RunAt(int offset)
    {
        ReadOnlySpan<Run> runs = CollectionsMarshal.AsSpan(_runs);
        int low = 0;
        int high = runs.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (runs[middle].FirstChunk <= offset)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    /// <summary>Chunks that are alike: all of one large file, or one pack. Chunk numbers count from the page's first.</summary>
    private readonly record struct Run(int Entry, int FirstChunk, int ChunkSize, int FirstMember, int MemberCount)
    {
        public bool IsPacked => MemberCount > 0;
    }
}
