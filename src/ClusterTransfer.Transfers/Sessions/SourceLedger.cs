using ClusterTransfer.Model;
using ClusterTransfer.Transfers.Work;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>The source's account of chunks: each is pending, in flight or settled, so none can be queued twice.</summary>
/// <remarks>Only pages that are worked on are held; settled chunks cost a bit. A cache of what the destination said, never the truth about what has arrived.</remarks>
internal sealed class SourceLedger
{
    private readonly ChunkBits _settled = new();
    private readonly SortedDictionary<int, OpenPage> _pages = [];
    private readonly Queue<(int Page, ChunkIndex Chunk)> _again = new();
    private readonly Dictionary<ChunkIndex, int> _attempts = [];
    private readonly Dictionary<ChunkIndex, ChunkInFlight> _inFlight = [];
    private readonly Dictionary<EntryIndex, int> _unsettledOfFile = [];

    /// <summary>Pages with chunks that are not settled.</summary>
    public int OpenPages => _pages.Count;

    /// <summary>Payload bytes in flight.</summary>
    public long BytesInFlight { get; private set; }

    /// <summary>Chunks in flight, by index.</summary>
    public IReadOnlyDictionary<ChunkIndex, ChunkInFlight> InFlight => _inFlight;

    /// <summary>Takes up a page once the destination has said what it holds of it.</summary>
    /// <param name="page">The page.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="isHeld">Whether the destination holds, or does not want, a chunk.</param>
    /// <returns>Files with chunks of their own, all of which the destination holds.</returns>
    public IReadOnlyList<EntryIndex> Open(ManifestPage page, PagePlan plan, Func<ChunkIndex, bool> isHeld)
    {
        var held = new List<EntryIndex>();
        for (int i = 0; i < page.Entries.Count; i++)
        {
            var entry = new EntryIndex(page.FirstEntry + (uint)i);
            (ChunkIndex first, int count) = plan.ChunksOf(entry);
            if (count == 0 || plan.At(first).IsPacked)
            {
                continue;
            }

            int missing = 0;
            for (uint chunk = first.Value; chunk < first.Value + (uint)count; chunk++)
            {
                missing += isHeld(new ChunkIndex(chunk)) ? 0 : 1;
            }

            if (missing == 0)
            {
                held.Add(entry);
            }
            else
            {
                _unsettledOfFile[entry] = missing;
            }
        }

        var open = new OpenPage(page, plan);
        uint end = plan.FirstChunk + (uint)plan.ChunkCount;
        for (uint chunk = plan.FirstChunk; chunk < end; chunk++)
        {
            bool settled = isHeld(new ChunkIndex(chunk));
            _settled[chunk] = settled;
            open.Unsettled += settled ? 0 : 1;
        }

        if (open.Unsettled > 0)
        {
            _pages[page.Number] = open;
        }

        return held;
    }

    /// <summary>The next chunk to send: one that failed before, else the first pending one. Null when there is none or it exceeds the room.</summary>
    public ChunkToSend? Take(long room)
    {
        while (_again.TryPeek(out (int Page, ChunkIndex Chunk) again))
        {
            bool isInFlight = _inFlight.ContainsKey(again.Chunk);
#if TEETH
            isInFlight &= !Tooth.Bites("requeue-twice"); // it would pass the second one over
#endif
            if (_settled[again.Chunk.Value] || isInFlight || !_pages.TryGetValue(again.Page, out OpenPage? page))
            {
                _again.Dequeue();
                continue;
            }

            PlannedChunk chunk = page.Plan.At(again.Chunk);
            if (chunk.Length > room)
            {
                return null;
            }

            _again.Dequeue();
            return new ChunkToSend(chunk, page.Page, _attempts.GetValueOrDefault(again.Chunk) + 1);
        }

        foreach (OpenPage page in _pages.Values)
        {
            uint end = page.Plan.FirstChunk + (uint)page.Plan.ChunkCount;
            page.Cursor = _settled.NextClear(Math.Max(page.Cursor, page.Plan.FirstChunk), end);

            // A chunk that was reopened ahead of the cursor is on its way already when the cursor gets there.
            while (page.Cursor < end && _inFlight.ContainsKey(new ChunkIndex(page.Cursor)))
            {
                page.Cursor = _settled.NextClear(page.Cursor + 1, end);
            }

            if (page.Cursor < end)
            {
                PlannedChunk chunk = page.Plan.At(new ChunkIndex(page.Cursor));
                if (chunk.Length > room)
                {
                    return null;
                }

                page.Cursor++;
                return new ChunkToSend(chunk, page.Page, 1);
            }
        }

        return null;
    }

    /// <summary>Notes that a taken chunk is on its way.</summary>
    public void Launch(ChunkInFlight inFlight)
    {
        _inFlight.Add(inFlight.Chunk.Index, inFlight);
        BytesInFlight += inFlight.Chunk.Length;
    }

    /// <summary>A chunk in flight failed: it is pending again.</summary>
    public void Requeue(ChunkIndex index, int attempts)
    {
        if (Land(index) is { } inFlight)
        {
            _attempts[index] = attempts;
            _again.Enqueue((inFlight.Page.Number, index));
#if TEETH
            if (Tooth.Bites("requeue-twice"))
            {
                _again.Enqueue((inFlight.Page.Number, index));
            }
#endif
        }
    }

    /// <summary>A chunk in flight has arrived, or is given up.</summary>
    /// <returns>The file whose last chunk this was, if it has chunks of its own.</returns>
    public EntryIndex? Settle(ChunkIndex index)
    {
        if (Land(index) is not { } inFlight)
        {
            return null;
        }

        _attempts.Remove(index);
        return Close(inFlight.Page.Number, inFlight.Chunk);
    }

    /// <summary>A file will not be delivered: its chunks that wait are not sent any more.</summary>
    /// <returns>Its chunks in flight, whose actors can stop.</returns>
    public IReadOnlyList<ChunkInFlight> Abandon(int pageNumber, EntryIndex entry)
    {
        _unsettledOfFile.Remove(entry);
        if (!_pages.TryGetValue(pageNumber, out OpenPage? page))
        {
            return [];
        }

        (ChunkIndex first, int count) = page.Plan.ChunksOf(entry);
        if (count == 0 || page.Plan.At(first).IsPacked)
        {
            return [];
        }

        var stopped = new List<ChunkInFlight>();
        for (uint chunk = first.Value; chunk < first.Value + (uint)count; chunk++)
        {
            var index = new ChunkIndex(chunk);
            if (Land(index) is { } inFlight)
            {
                stopped.Add(inFlight);
            }

            if (!_settled[chunk])
            {
                Close(pageNumber, page.Plan.At(index));
            }
        }

        return stopped;
    }

    /// <summary>The destination found a chunk damaged that it had: it is pending again. False when its page is not open.</summary>
    public bool Reopen(int pageNumber, ChunkIndex index)
    {
        if (!_pages.TryGetValue(pageNumber, out OpenPage? page) || !_settled[index.Value])
        {
            return _pages.ContainsKey(pageNumber);
        }

        _settled[index.Value] = false;
        page.Unsettled++;
        PlannedChunk chunk = page.Plan.At(index);
        if (!chunk.IsPacked)
        {
            _unsettledOfFile[chunk.Entry] = _unsettledOfFile.GetValueOrDefault(chunk.Entry) + 1;
        }

        _again.Enqueue((pageNumber, index));
        return true;
    }

    private ChunkInFlight? Land(ChunkIndex index)
    {
        if (!_inFlight.Remove(index, out ChunkInFlight? inFlight))
        {
            return null;
        }

        BytesInFlight -= inFlight.Chunk.Length;
        return inFlight;
    }

    private EntryIndex? Close(int pageNumber, in PlannedChunk chunk)
    {
        if (_settled[chunk.Index.Value])
        {
            return null;   // Counted before: its page was opened anew while it was on its way.
        }

        _settled[chunk.Index.Value] = true;
        if (_pages.TryGetValue(pageNumber, out OpenPage? page) && --page.Unsettled == 0)
        {
            _pages.Remove(pageNumber);
        }

        if (!chunk.IsPacked && _unsettledOfFile.TryGetValue(chunk.Entry, out int left))
        {
            if (left == 1)
            {
                _unsettledOfFile.Remove(chunk.Entry);
                return chunk.Entry;
            }

            _unsettledOfFile[chunk.Entry] = left - 1;
        }

        return null;
    }

    private sealed class OpenPage(ManifestPage page, PagePlan plan)
    {
        public ManifestPage Page { get; } = page;

        public PagePlan Plan { get; } = plan;

        public uint Cursor { get; set; }

        public int Unsettled { get; set; }
    }
}

/// <summary>A chunk that is to be sent.</summary>
internal sealed record ChunkToSend(PlannedChunk Chunk, ManifestPage Page, int Attempt);

/// <summary>A chunk on its way.</summary>
internal sealed record ChunkInFlight(PlannedChunk Chunk, ManifestPage Page, int Connection, Actors.IActorRef Actor, int Attempt)
{
    /// <summary>Whether its connection has taken it, so that there is room for another.</summary>
    public bool IsSent { get; set; }
}
