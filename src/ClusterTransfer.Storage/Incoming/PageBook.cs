using System.Diagnostics.CodeAnalysis;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>All accepted pages, and the few whose entries are in memory. Thread-safe.</summary>
internal sealed class PageBook(Func<long, int, byte[]> readJournal)
{
    // Connections work close to each other in the plan; a page of 4,096 entries takes about a megabyte.
    private const int LoadedMax = 4;

    private readonly Lock _gate = new();
    private readonly List<IncomingPage> _pages = [];
    private readonly LinkedList<LoadedPage> _loaded = new();

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _pages.Count;
            }
        }
    }

    public IncomingPage? Last
    {
        get
        {
            lock (_gate)
            {
                return _pages.Count == 0 ? null : _pages[^1];
            }
        }
    }

    public IncomingPage this[int number]
    {
        get
        {
            lock (_gate)
            {
                return _pages[number];
            }
        }
    }

    public void Add(IncomingPage page, LoadedPage loaded)
    {
        lock (_gate)
        {
            _pages.Add(page);
            Keep(loaded);
        }
    }

    public bool TryFindChunk(uint chunk, [NotNullWhen(true)] out IncomingPage? page)
    {
        page = Find(one => one.FirstChunk <= chunk);
        if (page is not null && chunk - page.FirstChunk >= (uint)page.ChunkCount)
        {
            page = null;
        }

        return page is not null;
    }

    public bool TryFindEntry(uint entry, [NotNullWhen(true)] out IncomingPage? page)
    {
        page = Find(one => one.FirstEntry <= entry);
        if (page is not null && entry - page.FirstEntry >= (uint)page.EntryCount)
        {
            page = null;
        }

        return page is not null;
    }

    /// <summary>The entry with a path of the manifest; null for none. Reads one page at most.</summary>
    /// <exception cref="ClusterTransferException">As <see cref="Load"/>.</exception>
    public ManifestEntry? FindPath(SafeRelativePath path)
    {
        if (Find(one => ManifestOrder.Compare(one.FirstPath.Bytes, path.Bytes) <= 0) is not { } page)
        {
            return null;
        }

        IReadOnlyList<ManifestEntry> entries = Load(page).Page.Entries;
        int low = 0;
        int high = entries.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            int order = ManifestOrder.Compare(entries[middle].Path.Bytes, path.Bytes);
            if (order == 0)
            {
                return entries[middle];
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return null;
    }

    /// <summary>The page's entries and plan.</summary>
    /// <exception cref="ClusterTransferException">The journal's bytes changed since they were checked.</exception>
    public LoadedPage Load(IncomingPage page)
    {
        lock (_gate)
        {
            for (LinkedListNode<LoadedPage>? node = _loaded.First; node is not null; node = node.Next)
            {
                if (node.Value.Page.Number == page.Number)
                {
                    _loaded.Remove(node);
                    _loaded.AddFirst(node);
                    return node.Value;
                }
            }

            byte[] encoded = readJournal(page.JournalOffset, page.EncodedLength);
            if (ManifestCodec.HashOf(encoded) != page.Hash || !ManifestCodec.TryDecode(encoded, out ManifestPage? decoded, out _))
            {
                throw new ClusterTransferException(Reason.DiskError, $"Page {page.Number} of the node journal is not what was written. Check the disk.");
            }

            var loaded = new LoadedPage(decoded, new PagePlan(decoded));
            Keep(loaded);
            return loaded;
        }
    }

    private void Keep(LoadedPage loaded)
    {
        _loaded.AddFirst(loaded);
        if (_loaded.Count > LoadedMax)
        {
            _loaded.RemoveLast();
        }
    }

    // The last page of which it is true; it is true of those before. Pages without chunks share their first chunk with the next one.
    private IncomingPage? Find(Func<IncomingPage, bool> startsInTime)
    {
        lock (_gate)
        {
            int low = 0;
            int high = _pages.Count;
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (startsInTime(_pages[middle]))
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }

            return low == 0 ? null : _pages[low - 1];
        }
    }
}
