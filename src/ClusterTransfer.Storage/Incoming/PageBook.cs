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
        page = Find(chunk, static one => one.FirstChunk);
        if (page is not null && chunk - page.FirstChunk >= (uint)page.ChunkCount)
        {
            page = null;
        }

        return page is not null;
    }

    public bool TryFindEntry(uint entry, [NotNullWhen(true)] out IncomingPage? page)
    {
        page = Find(entry, static one => one.FirstEntry);
        if (page is not null && entry - page.FirstEntry >= (uint)page.EntryCount)
        {
            page = null;
        }

        return page is not null;
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

    // The last page that starts at or before the index: pages without chunks share their start with the next one.
    private IncomingPage? Find(uint index, Func<IncomingPage, uint> startOf)
    {
        lock (_gate)
        {
            int low = 0;
            int high = _pages.Count;
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (startOf(_pages[middle]) <= index)
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
