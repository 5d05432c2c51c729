using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>What earlier rounds put in place at the destination, for a round that lists the source anew: files, links, and folders that they made.</summary>
/// <remarks>The entries lie in the journal in parts, in the manifest's order of paths; memory holds where each part starts, and one part. One thread at a time.</remarks>
internal sealed class EarlierFiles(Func<long, int, byte[]> readJournal)
{
    private readonly List<Part> _parts = [];
    private (int Part, IReadOnlyList<ManifestEntry> Entries)? _loaded;

    /// <summary>Takes a part that was found in the journal; one that is damaged or out of order is left out, so that its files are met as anybody's.</summary>
    public void Add(ReadOnlySpan<byte> encoded, long journalOffset)
    {
        if (ManifestCodec.TryDecode(encoded, out ManifestPage? page, out _)
            && (_parts.Count == 0 || ManifestOrder.Compare(_parts[^1].Last.Bytes, page.Entries[0].Path.Bytes) < 0))
        {
            _parts.Add(new Part(page.Entries[0].Path, page.Entries[^1].Path, journalOffset, encoded.Length, ManifestCodec.HashOf(encoded)));
        }
    }

    /// <summary>What was put in place under a path; null for nothing.</summary>
    /// <exception cref="ClusterTransferException">The journal's bytes changed since they were checked.</exception>
    public ManifestEntry? Find(SafeRelativePath path)
    {
        int part = LastAtOrBefore(_parts.Count, i => _parts[i].First, path);
        if (part < 0)
        {
            return null;
        }

        IReadOnlyList<ManifestEntry> entries = Load(part);
        int at = LastAtOrBefore(entries.Count, i => entries[i].Path, path);
        return at >= 0 && entries[at].Path.Equals(path) ? entries[at] : null;
    }

    /// <summary>Whether what has the name now is what was put there: of its kind, size and time.</summary>
    public static bool IsStill(ManifestEntry placed, in FileStatus status) => placed.Kind switch
    {
        EntryKind.File => status.Kind == FileKind.File && status.Size == placed.Size && status.ModifiedNs == placed.ModifiedNs,
        EntryKind.SymbolicLink => status.Kind == FileKind.SymbolicLink && status.Size == placed.LinkTarget.Length && status.ModifiedNs == placed.ModifiedNs,
        _ => status.Kind == FileKind.Folder,
    };

    /// <summary>Whether an entry asks for nothing but what was put in place.</summary>
    public static bool IsSame(ManifestEntry placed, ManifestEntry entry) =>
        placed.Kind == entry.Kind
        && (entry.Kind != EntryKind.File || placed.Size == entry.Size)
        && placed.Mode == entry.Mode
        && placed.ModifiedNs == entry.ModifiedNs
        && placed.LinkTarget.Span.SequenceEqual(entry.LinkTarget.Span);

    /// <summary>All of these and all that a round has put in place since, in the order of paths; of two with one path the newer.</summary>
    public IEnumerable<ManifestEntry> With(PageBook pages)
    {
        using IEnumerator<ManifestEntry> older = All().GetEnumerator();
        using IEnumerator<ManifestEntry> newer = PlacedIn(pages).GetEnumerator();
        bool hasOlder = older.MoveNext();
        bool hasNewer = newer.MoveNext();
        while (hasOlder || hasNewer)
        {
            int order = !hasOlder ? 1 : !hasNewer ? -1 : ManifestOrder.Compare(older.Current.Path.Bytes, newer.Current.Path.Bytes);
            yield return order < 0 ? older.Current : newer.Current;
            hasOlder = order <= 0 ? older.MoveNext() : hasOlder;
            hasNewer = order >= 0 ? newer.MoveNext() : hasNewer;
        }
    }

    /// <summary>Cuts entries into encoded parts for the journal.</summary>
    public static IEnumerable<byte[]> ToParts(IEnumerable<ManifestEntry> entries)
    {
        ManifestPageBuilder part = NewPart();
        foreach (ManifestEntry entry in entries)
        {
            ManifestEntry kept = entry with { Identity = default, Holes = [] }; // the source's own, and how it once came
            if (!part.TryAdd(kept))
            {
                yield return ManifestCodec.Encode(part.Build());
                part = NewPart();
                _ = part.TryAdd(kept); // what fitted a page of the manifest fits one of its own
            }
        }

        if (part.Count > 0)
        {
            yield return ManifestCodec.Encode(part.Build());
        }

        // Never planned: its place among pages and chunks has no meaning.
        static ManifestPageBuilder NewPart() => new(0, 0, 0, ChunkSizes.Max, default);
    }

    private IEnumerable<ManifestEntry> All()
    {
        for (int part = 0; part < _parts.Count; part++)
        {
            foreach (ManifestEntry entry in Load(part))
            {
                yield return entry;
            }
        }
    }

    // Files and links under their final name; folders that were not there before us.
    private static IEnumerable<ManifestEntry> PlacedIn(PageBook pages)
    {
        for (int number = 0; number < pages.Count; number++)
        {
            IncomingPage page = pages[number];
            LoadedPage loaded = pages.Load(page);
            for (int i = 0; i < page.EntryCount; i++)
            {
                ManifestEntry entry = loaded.Page.Entries[i];
                EntryState wanted = entry.Kind == EntryKind.Folder ? EntryState.Pending : EntryState.Published;
                if (page.StateOf(page.FirstEntry + (uint)i) == wanted)
                {
                    yield return entry;
                }
            }
        }
    }

    private static int LastAtOrBefore(int count, Func<int, SafeRelativePath> pathAt, SafeRelativePath path)
    {
        int low = 0;
        int high = count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (ManifestOrder.Compare(pathAt(middle).Bytes, path.Bytes) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }

    private IReadOnlyList<ManifestEntry> Load(int number)
    {
        if (_loaded is { } loaded && loaded.Part == number)
        {
            return loaded.Entries;
        }

        Part part = _parts[number];
        byte[] encoded = readJournal(part.JournalOffset, part.Length);
        if (ManifestCodec.HashOf(encoded) != part.Hash || !ManifestCodec.TryDecode(encoded, out ManifestPage? page, out _))
        {
            throw new ClusterTransferException(Reason.DiskError, "The node journal's list of earlier files is not what was written. Check the disk.");
        }

        _loaded = (number, page.Entries);
        return page.Entries;
    }

    private sealed record Part(SafeRelativePath First, SafeRelativePath Last, long JournalOffset, int Length, Digest Hash);
}
