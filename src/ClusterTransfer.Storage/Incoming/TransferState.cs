using System.Buffers.Binary;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>Everything the journal says of a transfer, as bits, bytes and counters. Each record is applied by the same method when it is written and when it is replayed.</summary>
/// <remarks>Not thread-safe: the owner guards it. A method that names an unknown chunk or entry does nothing, so that a mended journal cannot break it.</remarks>
internal sealed class TransferState(PageBook pages, EarlierFiles earlier)
{
    /// <summary>Issues kept for showing; the rest is only counted.</summary>
    public const int MaxIssues = 200;

    private readonly List<(uint Entry, FileIssue Issue)> _issues = [];

    public PageBook Pages { get; } = pages;

    /// <summary>What rounds with an earlier manifest put in place.</summary>
    public EarlierFiles Earlier { get; } = earlier;

    /// <summary>How often the ended transfer was taken up again, as far as this node knows.</summary>
    public int Round { get; private set; }

    public ManifestOrder Order { get; private set; } = ManifestOrder.Start;

    /// <summary>Where the result goes; null before <c>Begun</c>.</summary>
    public SafeRelativePath? Folder { get; set; }

    public ConflictPolicy Conflict { get; set; }

    public DurabilityLevel Durability { get; set; }

    public Epoch HighestEpoch { get; set; }

    public ManifestSeal? Seal { get; set; }

    public bool IsFinished { get; set; }

    public bool IsCancelled { get; set; }

    public long Entries { get; private set; }

    public long Files { get; private set; }

    public long Bytes { get; private set; }

    public uint Chunks { get; private set; }

    public int BaseChunkSize { get; private set; }

    /// <summary>Files without an outcome.</summary>
    public long OpenFiles { get; private set; }

    public long BytesDurable { get; private set; }

    public long BytesPublished { get; private set; }

    /// <summary>Bytes of files whose root was compared: verified or published.</summary>
    public long BytesVerified { get; private set; }

    /// <summary>Chunks that are durable or not wanted.</summary>
    public long ChunksDone { get; private set; }

    public long FilesPublished { get; private set; }

    public long FilesSkipped { get; private set; }

    public long FilesParked { get; private set; }

    /// <summary>The source's word on files that are not published yet.</summary>
    public Dictionary<uint, Digest> SourceRoots { get; } = [];

    /// <summary>Files that are verified and not completed.</summary>
    public Dictionary<uint, VerifiedFile> Verified { get; } = [];

    /// <summary>Files that were published, whose rename was taken back, and that are not published again yet.</summary>
    public HashSet<uint> Undone { get; } = [];

    public IReadOnlyList<FileIssue> Issues => [.. _issues.Select(one => one.Issue)];

    public Digest LastPageHash => Pages.Last?.Hash ?? default;

#if TEETH
    public bool IsComplete => Seal is not null && (OpenFiles == 0 || Tooth.Bites("missing-bits-complete"));
#else
    public bool IsComplete => Seal is not null && OpenFiles == 0;
#endif

    public EntryState StateOf(uint entry) => Pages.TryFindEntry(entry, out IncomingPage? page) ? page.StateOf(entry) : EntryState.Parked;

    public bool IsDurable(uint chunk) => Pages.TryFindChunk(chunk, out IncomingPage? page) && page.Durable[(int)(chunk - page.FirstChunk)];

    public (IncomingPage Page, LoadedPage Loaded)? Find(uint entry) =>
        Pages.TryFindEntry(entry, out IncomingPage? page) ? (page, Pages.Load(page)) : null;

    /// <summary>What keeps the next page from being accepted; null when it fits.</summary>
    public string? CheckNext(ManifestPage page)
    {
        if (Seal is not null)
        {
            return "comes after the seal";
        }

        if (page.Number != Pages.Count || page.FirstEntry != Entries || page.FirstChunk != Chunks)
        {
            return $"does not follow: it says number {page.Number}, entry {page.FirstEntry}, chunk {page.FirstChunk}; want {Pages.Count}, {Entries}, {Chunks}";
        }

        if (page.PreviousHash != LastPageHash)
        {
            return "is not chained to the page before";
        }

        if (Pages.Count > 0 && page.BaseChunkSize != BaseChunkSize)
        {
            return "changes the base chunk size";
        }

        return Order.TryAdvance(page.Entries, out _);
    }

    public void ApplyPage(ManifestPage page, PagePlan plan, Digest hash, long journalOffset, int encodedLength)
    {
        _ = Order.TryAdvance(page.Entries, out ManifestOrder next);
        Order = next;
        BaseChunkSize = page.BaseChunkSize;
        Pages.Add(new IncomingPage(page, plan.ChunkCount, hash, journalOffset, encodedLength), new LoadedPage(page, plan));
        Entries += page.Entries.Count;
        Chunks += (uint)plan.ChunkCount;
        foreach (ManifestEntry entry in page.Entries)
        {
            if (entry.Kind == EntryKind.File)
            {
                Files++;
                OpenFiles++;
                Bytes += page.BytesOf(entry);
            }
        }
    }

    /// <summary>Takes the transfer up again: what was skipped or parked is pending once more, what is published stays. A round that is no later one changes nothing.</summary>
    /// <param name="round">The round.</param>
    /// <param name="only">The entries it is for, others keep their outcome; null for all.</param>
    /// <param name="onReopened">Gets each entry that is pending again, with the outcome it had; in the manifest's order.</param>
    public void ApplyRound(int round, IReadOnlySet<uint>? only, Action<uint, EntryState>? onReopened)
    {
        if (round <= Round)
        {
            return;
        }

        Round = round;
        if (IsCancelled)
        {
            return;
        }

        IsFinished = false;
        _issues.RemoveAll(issue => only?.Contains(issue.Entry) != false);
        for (int number = 0; number < Pages.Count; number++)
        {
            IncomingPage page = Pages[number];
            for (uint entry = page.FirstEntry; entry < page.FirstEntry + (uint)page.EntryCount; entry++)
            {
                EntryState was = page.StateOf(entry);
                if (was is EntryState.Skipped or EntryState.Parked && only?.Contains(entry) != false)
                {
                    Reopen(page, entry);
                    onReopened?.Invoke(entry, was);
                }
            }
        }
    }

    public void ApplyFolderMerged(uint entry)
    {
        if (Pages.TryFindEntry(entry, out IncomingPage? page) && page.StateOf(entry) == EntryState.Pending)
        {
            page.StateOf(entry) = EntryState.Merged;
        }
    }

    public void ApplyChunkDurable(uint chunk)
    {
        if (Pages.TryFindChunk(chunk, out IncomingPage? page) && page.Durable.Set((int)(chunk - page.FirstChunk)))
        {
            ChunksDone += page.NotWanted[(int)(chunk - page.FirstChunk)] ? 0 : 1;
            BytesDurable += Pages.Load(page).Plan.At(new ChunkIndex(chunk)).Length;
        }
    }

    /// <summary>Clears durable bits.</summary>
    /// <returns>How many were set.</returns>
    public long ApplyChunksLost(ChunkRange range)
    {
        long lost = 0;
        long end = Math.Min((long)range.First + range.Count, Chunks);
        for (long at = range.First; at < end && Pages.TryFindChunk((uint)at, out IncomingPage? page); at = page.FirstChunk + (long)page.ChunkCount)
        {
            // Only durable chunks are looked at: a range may name millions, as often as a record says so.
            int to = (int)Math.Min(end - page.FirstChunk, page.ChunkCount);
            for (int i = page.Durable.NextSet((int)(at - page.FirstChunk), to); i < to; i = page.Durable.NextSet(i + 1, to))
            {
                page.Durable.Clear(i);
                ChunksDone -= page.NotWanted[i] ? 0 : 1;
                BytesDurable -= Pages.Load(page).Plan.At(new ChunkIndex(page.FirstChunk + (uint)i)).Length;
                lost++;
            }
        }

        return lost;
    }

    /// <summary>Takes back that a file is verified: its staged bytes turned out not to be what was verified.</summary>
    public void ApplyUnverified(uint entry)
    {
        if (Verified.Remove(entry) && Find(entry) is { } found)
        {
            found.Page.StateOf(entry) = EntryState.Pending;
            BytesVerified -= found.Loaded.BytesOf(entry);
            UpdateWanted(entry);
        }
    }

    public void ApplySourceDone(uint entry, Digest root)
    {
        if (StateOf(entry) == EntryState.Pending)
        {
            SourceRoots[entry] = root;
        }
    }

    public void ApplyVerified(in VerifiedFile file)
    {
        if (Find(file.Entry) is { } found && found.Page.StateOf(file.Entry) is not (EntryState.Published or EntryState.Merged))
        {
            ReopenIfSettled(found.Page, file.Entry);
            BytesVerified += found.Page.StateOf(file.Entry) == EntryState.Pending ? found.Loaded.BytesOf(file.Entry) : 0;
            found.Page.StateOf(file.Entry) = EntryState.Verified;
            Verified[file.Entry] = file;
            UpdateWanted(file.Entry);
        }
    }

    public void ApplyCompleted(uint entry)
    {
        if (Find(entry) is not { } found || found.Page.StateOf(entry) is EntryState.Published or EntryState.Merged)
        {
            return;
        }

        ReopenIfSettled(found.Page, entry);
        ManifestEntry what = found.Loaded.Entry(entry);
        BytesVerified += found.Page.StateOf(entry) == EntryState.Pending ? found.Loaded.BytesOf(entry) : 0;
        found.Page.StateOf(entry) = EntryState.Published;
        Verified.Remove(entry);
        Undone.Remove(entry);
        SourceRoots.Remove(entry);
        if (what.Kind == EntryKind.File)
        {
            OpenFiles--;
            FilesPublished++;
            BytesPublished += found.Loaded.BytesOf(entry);
        }

        UpdateWanted(entry);
    }

    /// <summary>Takes back that a file is published, and with it the end: a power cut undid the rename, and the file lies under its staging name again.</summary>
    public void ApplyUndone(uint entry)
    {
        if (Find(entry) is not { } found || found.Page.StateOf(entry) != EntryState.Published)
        {
            return;
        }

        found.Page.StateOf(entry) = EntryState.Pending;
        Undone.Add(entry);
        IsFinished = false;
        ManifestEntry what = found.Loaded.Entry(entry);
        BytesVerified -= found.Loaded.BytesOf(entry);
        if (what.Kind == EntryKind.File)
        {
            OpenFiles++;
            FilesPublished--;
            BytesPublished -= found.Loaded.BytesOf(entry);
        }

        UpdateWanted(entry);
    }

    public void ApplySettled(in SettledEntry settled)
    {
        if (Find(settled.Entry) is not { } found)
        {
            return;
        }

        ref EntryState state = ref found.Page.StateOf(settled.Entry);
        ManifestEntry what = found.Loaded.Entry(settled.Entry);
        if (state == EntryState.Published)
        {
            return;
        }

        if (state is EntryState.Pending or EntryState.Verified or EntryState.Merged)
        {
            BytesVerified -= state == EntryState.Verified ? found.Loaded.BytesOf(settled.Entry) : 0;
            state = settled.State == FileState.Skipped ? EntryState.Skipped : EntryState.Parked;
            Verified.Remove(settled.Entry);
            SourceRoots.Remove(settled.Entry);
            if (what.Kind == EntryKind.File)
            {
                OpenFiles--;
                FilesSkipped += state == EntryState.Skipped ? 1 : 0;
                FilesParked += state == EntryState.Parked ? 1 : 0;
            }

            UpdateWanted(settled.Entry);
        }

        uint entry = settled.Entry;
        _issues.RemoveAll(one => one.Entry == entry);
        if (!settled.IsSilent && _issues.Count < MaxIssues)
        {
            _issues.Add((entry, new FileIssue(what.Path.ToString(), settled.State, settled.Problem)));
        }
    }

    public static byte[] SealToBytes(ManifestSeal seal)
    {
        byte[] bytes = new byte[32 + Digest.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, seal.Pages);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(4), seal.Entries);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(12), seal.Files);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), seal.Chunks);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), seal.Bytes);
        seal.Root.CopyTo(bytes.AsSpan(32));
        return bytes;
    }

    /// <summary>Takes a replayed seal when it fits the pages; a journal that lost a page gets pages and seal again.</summary>
    public void ApplySeal(ReadOnlySpan<byte> payload)
    {
        if (payload.Length == 32 + Digest.Length)
        {
            var seal = new ManifestSeal(
                BinaryPrimitives.ReadInt32LittleEndian(payload),
                BinaryPrimitives.ReadInt64LittleEndian(payload[4..]),
                BinaryPrimitives.ReadInt64LittleEndian(payload[12..]),
                BinaryPrimitives.ReadUInt32LittleEndian(payload[20..]),
                BinaryPrimitives.ReadInt64LittleEndian(payload[24..]),
                new Digest(payload[32..]));
            Seal = Fits(seal) ? seal : Seal;
        }
    }

    /// <summary>Whether the seal counts what the pages hold.</summary>
    public bool Fits(ManifestSeal seal) =>
        seal.Pages == Pages.Count && seal.Entries == Entries && seal.Files == Files && seal.Chunks == Chunks && seal.Bytes == Bytes && seal.Root == LastPageHash;

    public TransferProgress ToProgress() => new()
    {
        EntriesFound = Entries,
        FilesFound = Files,
        BytesFound = Bytes,
        ScanComplete = Seal is not null,
        BytesReceived = BytesDurable,
        BytesDurable = BytesDurable,
        BytesVerified = BytesVerified,
        BytesPublished = BytesPublished,
        FilesPublished = FilesPublished,
        FilesSkipped = FilesSkipped,
        FilesParked = FilesParked,
        ChunksFound = Chunks,
        ChunksDurable = ChunksDone,
    };

    /// <summary>A file's chunks are not wanted once it has an outcome; a pack is not once all its members have one.</summary>
    private void UpdateWanted(uint entry)
    {
        if (Find(entry) is not { } found)
        {
            return;
        }

        PagePlan plan = found.Loaded.Plan;
        (ChunkIndex first, int count) = plan.ChunksOf(new EntryIndex(entry));
        if (count == 0)
        {
            return;
        }

        PlannedChunk chunk = plan.At(first);
        if (!chunk.IsPacked)
        {
            // Verified files keep their bits as they are: these say what is on disk if the staged file turns out to be damaged.
            bool hasOutcome = found.Page.StateOf(entry) is EntryState.Published or EntryState.Skipped or EntryState.Parked;
            SetWanted(found.Page, (int)(first.Value - found.Page.FirstChunk), count, !hasOutcome);
            return;
        }

        int bit = (int)(first.Value - found.Page.FirstChunk);
        foreach (PackMember member in plan.MembersOf(chunk))
        {
            if (found.Page.StateOf(member.Entry.Value) == EntryState.Pending)
            {
                SetWanted(found.Page, bit, 1, isWanted: true);
                return;
            }
        }

        SetWanted(found.Page, bit, 1, isWanted: false);
    }

    // Only a damaged journal says this of an entry that has its outcome: the round that opened it again is lost, and what it did is true all the same.
    private void ReopenIfSettled(IncomingPage page, uint entry)
    {
        if (page.StateOf(entry) is EntryState.Skipped or EntryState.Parked)
        {
            _issues.RemoveAll(one => one.Entry == entry);
            Reopen(page, entry);
        }
    }

    private void Reopen(IncomingPage page, uint entry)
    {
        ref EntryState state = ref page.StateOf(entry);
        if (Pages.Load(page).Entry(entry).Kind == EntryKind.File)
        {
            OpenFiles++;
            FilesSkipped -= state == EntryState.Skipped ? 1 : 0;
            FilesParked -= state == EntryState.Parked ? 1 : 0;
        }

        state = EntryState.Pending;
        UpdateWanted(entry);
    }

    private void SetWanted(IncomingPage page, int first, int count, bool isWanted)
    {
        long changed = page.NotWanted.Put(first, count, !isWanted, page.Durable);
        ChunksDone += isWanted ? -changed : changed;
    }
}
