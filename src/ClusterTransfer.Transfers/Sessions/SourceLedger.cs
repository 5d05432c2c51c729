using ClusterTransfer.Model;
using ClusterTransfer.Transfers.Chunks;
using ClusterTransfer.Transfers.Work;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>The source's account of chunks. Each is in exactly one <see cref="ChunkState"/>, so none can be queued twice.</summary>
/// <remarks>Only pages that are worked on are held; settled chunks cost a bit. A cache of what the destination said, never the truth about what has arrived.
/// <para>Pending to in flight (taken), in flight to settled (acknowledged), waiting (refused), pending (its connection ended) or parked (at the limit),
/// waiting to pending (its pause is over), settled to pending (found damaged at the destination); any to settled when its file will not be delivered.</para></remarks>
internal sealed class SourceLedger
{
    /// <summary>Chunks that wait out a pause; with so many, no chunk is sent that was not sent before. A destination that refuses everything fills no memory.</summary>
    public const int MaxWaiting = 1024;

    private readonly ChunkBits _settled = new();
    private readonly ChunkBits _parked = new();
    private readonly SortedDictionary<int, OpenPage> _pages = [];

    // To be sent again, in order. A list because a chunk may let others pass that any connection may carry; what is not in the set has left meanwhile.
    private readonly LinkedList<(int Page, ChunkIndex Chunk)> _again = new();
    private readonly LinkedList<(int Page, ChunkIndex Chunk)> _alone = new();
    private readonly HashSet<ChunkIndex> _isAgain = [];
    private readonly Dictionary<ChunkIndex, int> _waiting = [];
    private readonly Dictionary<ChunkIndex, ChunkTrouble> _troubles = [];
    private readonly Dictionary<ChunkIndex, ChunkInFlight> _inFlight = [];
    private readonly Dictionary<EntryIndex, int> _unsettledOfFile = [];

    /// <summary>Pages with chunks that are not settled.</summary>
    public int OpenPages => _pages.Count;

    /// <summary>Payload bytes in flight.</summary>
    public long BytesInFlight { get; private set; }

    /// <summary>Chunks in flight, by index.</summary>
    public IReadOnlyDictionary<ChunkIndex, ChunkInFlight> InFlight => _inFlight;

    /// <summary>How many chunks wait out a pause.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Whether the last <see cref="Take"/> had a chunk to give that was longer than the room.</summary>
    public bool LacksRoom { get; private set; }

    /// <summary>Where a chunk stands.</summary>
    public ChunkState StateOf(ChunkIndex index) =>
        _parked[index.Value] ? ChunkState.Parked
        : _inFlight.ContainsKey(index) ? ChunkState.InFlight
        : _waiting.ContainsKey(index) ? ChunkState.Waiting
        : _settled[index.Value] ? ChunkState.Settled
        : _pages.Values.Any(page => page.Plan.Contains(index)) ? ChunkState.Pending
        : ChunkState.Unknown;

    /// <summary>What went wrong with a chunk so far; null when nothing did, or it has arrived.</summary>
    public ChunkTrouble? TroubleOf(ChunkIndex index) => _troubles.GetValueOrDefault(index);

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
            bool settled = _parked[chunk] || isHeld(new ChunkIndex(chunk));
            _settled[chunk] = settled;
            open.Unsettled += settled ? 0 : 1;
        }

        if (open.Unsettled > 0)
        {
            _pages[page.Number] = open;
        }

        return held;
    }

    /// <summary>The next chunk for a connection: one that was sent before, else the first that was not. Null when there is none or it exceeds the room.</summary>
    /// <param name="room">Payload bytes that may go.</param>
    /// <param name="connection">Where it will go. A chunk that failed there lets others go before it, so that another connection may take it.</param>
    /// <param name="evenThere">Whether such a chunk is given when there is nothing else.</param>
    /// <param name="isIdle">Whether nothing is on its way there. While a chunk is to go alone, only a connection that is idle is given any, and that one.</param>
    public ChunkToSend? Take(long room, int connection = 0, bool evenThere = true, bool isIdle = true)
    {
        LacksRoom = false;
        if (FirstAlone() is { } alone)
        {
            return isIdle ? TakeAgain(alone, room) : null;
        }

        LinkedListNode<(int Page, ChunkIndex Chunk)>? last = null;
        for (LinkedListNode<(int Page, ChunkIndex Chunk)>? node = _again.First, next; node is not null; node = next)
        {
            next = node.Next;
            bool isOver = !_isAgain.Contains(node.Value.Chunk);
#if TEETH
            isOver &= !Tooth.Bites("requeue-twice"); // it would pass the second one over
#endif
            if (isOver || !_pages.ContainsKey(node.Value.Page))
            {
                _isAgain.Remove(node.Value.Chunk);
                _again.Remove(node);
            }
            else if (_troubles.GetValueOrDefault(node.Value.Chunk)?.Connection != connection)
            {
                return TakeAgain(node, room);
            }
            else
            {
                last ??= node;
            }
        }

        return TakeNew(room, out bool isTooLong) ?? (last is null || isTooLong || !evenThere ? null : TakeAgain(last, room));
    }

    private LinkedListNode<(int Page, ChunkIndex Chunk)>? FirstAlone()
    {
        while (_alone.First is { } node)
        {
            if (_isAgain.Contains(node.Value.Chunk) && _pages.ContainsKey(node.Value.Page))
            {
                return node;
            }

            _isAgain.Remove(node.Value.Chunk);
            _alone.RemoveFirst();
        }

        return null;
    }

    private ChunkToSend? TakeAgain(LinkedListNode<(int Page, ChunkIndex Chunk)> node, long room)
    {
        (int number, ChunkIndex index) = node.Value;
        OpenPage page = _pages[number];
        PlannedChunk chunk = page.Plan.At(index);
        if (chunk.Length > room)
        {
            LacksRoom = true;
            return null;
        }

        node.List!.Remove(node);   // it is in one of the two
        _isAgain.Remove(index);
        ChunkTrouble? trouble = _troubles.GetValueOrDefault(index);
        return new ChunkToSend(chunk, page.Page, (trouble?.Attempts ?? 0) + 1, trouble?.GoesAlone == true);
    }

    private ChunkToSend? TakeNew(long room, out bool isTooLong)
    {
        isTooLong = false;
        if (_waiting.Count >= MaxWaiting)
        {
            return null;
        }

        foreach (OpenPage page in _pages.Values)
        {
            uint end = page.Plan.FirstChunk + (uint)page.Plan.ChunkCount;
            page.Cursor = _settled.NextClear(Math.Max(page.Cursor, page.Plan.FirstChunk), end);

            // A chunk that was reopened ahead of the cursor is in other hands when the cursor gets there.
            while (page.Cursor < end && IsTaken(new ChunkIndex(page.Cursor)))
            {
                page.Cursor = _settled.NextClear(page.Cursor + 1, end);
            }

            if (page.Cursor < end)
            {
                PlannedChunk chunk = page.Plan.At(new ChunkIndex(page.Cursor));
                if (chunk.Length > room)
                {
                    isTooLong = LacksRoom = true;
                    return null;
                }

                page.Cursor++;
                return new ChunkToSend(chunk, page.Page, 1, IsAlone: false);
            }
        }

        return null;
    }

    private bool IsTaken(ChunkIndex index) => _inFlight.ContainsKey(index) || _waiting.ContainsKey(index) || _isAgain.Contains(index);

    /// <summary>Notes that a taken chunk is on its way.</summary>
    public void Launch(ChunkInFlight inFlight)
    {
        _inFlight.Add(inFlight.Chunk.Index, inFlight);
        BytesInFlight += inFlight.Chunk.Length;
    }

    /// <summary>A chunk in flight must be sent again: it is pending once more, at once.</summary>
    /// <returns>Whether it was in flight.</returns>
    public bool Requeue(ChunkIndex index, ChunkTrouble? trouble = null)
    {
        if (Land(index) is not { } inFlight)
        {
            return false;
        }

        Note(index, trouble);
        Enqueue(inFlight.Page.Number, index);
        return true;
    }

    /// <summary>An attempt of a chunk in flight failed: it waits until <see cref="Wake"/>.</summary>
    public void Wait(ChunkIndex index, ChunkTrouble trouble)
    {
        if (Land(index) is { } inFlight)
        {
            Note(index, trouble);
            _waiting[index] = inFlight.Page.Number;
        }
    }

    /// <summary>The pause of a chunk is over: it is pending again. Without effect on one that does not wait.</summary>
    public void Wake(ChunkIndex index)
    {
        if (_waiting.Remove(index, out int page))
        {
            Enqueue(page, index);
        }
    }

    /// <summary>An attempt of a chunk that waits turns out to have failed for its own sake.</summary>
    public void Blame(ChunkIndex index, ChunkTrouble trouble)
    {
        if (_waiting.ContainsKey(index))
        {
            Note(index, trouble);
        }
    }

    /// <summary>A chunk in flight, or one that waits, is given up.</summary>
    public void Park(ChunkIndex index)
    {
        if (_inFlight.ContainsKey(index))
        {
            Settle(index);
            _parked[index.Value] = true;
        }
        else if (_waiting.Remove(index, out int page))
        {
            Close(page, _pages[page].Plan.At(index));   // open, because one of its chunks waits
            _parked[index.Value] = true;
        }
    }

    /// <summary>An earlier session gave a chunk up. To be said before its page is opened.</summary>
    public void GiveUp(ChunkIndex index) => _parked[index.Value] = true;

    private void Note(ChunkIndex index, ChunkTrouble? trouble)
    {
        if (trouble is not null)
        {
            _troubles[index] = _troubles.TryGetValue(index, out ChunkTrouble? earlier) ? trouble with { FirstAt = earlier.FirstAt ?? trouble.FirstAt } : trouble;
        }
    }

    private void Enqueue(int page, ChunkIndex index)
    {
        if (_isAgain.Add(index))
        {
            (_troubles.GetValueOrDefault(index)?.GoesAlone == true ? _alone : _again).AddLast((page, index));
#if TEETH
            if (Tooth.Bites("requeue-twice"))
            {
                _again.AddLast((page, index));
            }
#endif
        }
    }

    /// <summary>A chunk in flight has arrived.</summary>
    /// <returns>The file whose last chunk this was, if it has chunks of its own.</returns>
    public EntryIndex? Settle(ChunkIndex index)
    {
        if (Land(index) is not { } inFlight)
        {
            return null;
        }

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

            _waiting.Remove(index);
            _isAgain.Remove(index);
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
        if (!_pages.TryGetValue(pageNumber, out OpenPage? page) || !_settled[index.Value] || _parked[index.Value])
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

        Enqueue(pageNumber, index);
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
        _troubles.Remove(chunk.Index);
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
/// <param name="Chunk">Which.</param>
/// <param name="Page">Its page.</param>
/// <param name="Attempt">The how-manieth attempt it is, from 1.</param>
/// <param name="IsAlone">Whether its connection is given nothing else before it is answered.</param>
internal sealed record ChunkToSend(PlannedChunk Chunk, ManifestPage Page, int Attempt, bool IsAlone);

/// <summary>A chunk on its way.</summary>
internal sealed record ChunkInFlight(PlannedChunk Chunk, ManifestPage Page, int Connection, Actors.IActorRef Actor, int Attempt)
{
    /// <summary>Whether its connection has taken it, so that there is room for another.</summary>
    public bool IsSent { get; set; }

    /// <summary>What was sent, once it was read.</summary>
    public Digest Digest { get; set; }

    /// <summary>The destination's refusal, once it is here; its actor has yet to say what follows.</summary>
    public ChunkProtocol.Refused? Refusal { get; set; }

    /// <summary>Whether nothing else is on its way over its connection.</summary>
    public bool IsAlone { get; init; }

    /// <summary>Whether its acknowledgement stayed away so long that its connection was given up for it.</summary>
    public bool IsBlamed { get; set; }
}

/// <summary>What went wrong with a chunk so far.</summary>
/// <param name="Attempts">How often it was sent in vain.</param>
/// <param name="Connection">The connection that carried it the last time; it is preferably sent over another.</param>
/// <param name="FirstAt">When it failed first; null when none of what went wrong was held against it.</param>
/// <param name="Losses">How many connections ended under it.</param>
/// <param name="GoesAlone">Whether it is sent over a connection that carries nothing else, so that what happens there is nobody else's fault.</param>
internal sealed record ChunkTrouble(int Attempts, int Connection, DateTimeOffset? FirstAt, int Losses = 0, bool GoesAlone = false);
