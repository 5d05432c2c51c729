using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.Outgoing.Scanning;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Outgoing.State;

/// <summary>What the scan has found for good: pages, issues, position and seal. One thread appends, any number read.</summary>
internal sealed class ScanLog : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<PageSummary> _pages = [];
    private readonly List<long> _offsets = [];
    private readonly List<FileIssue> _issues = [];
    private readonly int _listedIssues;
    private readonly StateLog _log;
    private StartRecord? _start;
    private long _issueCount;
    private ManifestTotals _totals;

    private ScanLog(FolderHandle folder, ReadOnlySpan<byte> name, int listedIssues)
    {
        _listedIssues = listedIssues;
        _log = StateLog.Open(folder, name, Take);
    }

    /// <summary>How far the scan came; null before its first batch.</summary>
    public ScanPosition? Position { get; private set; }

    /// <summary>The end of the scan; null until then.</summary>
    public ManifestSeal? Seal { get; private set; }

    /// <summary>What is copied, with the chunk size that the first scan began with.</summary>
    public StartRecord Start => _start ?? throw new InvalidOperationException("Open writes it.");

    /// <summary>Number of pages.</summary>
    public int PageCount
    {
        get
        {
            lock (_lock)
            {
                return _pages.Count;
            }
        }
    }

    /// <summary>The sums over all pages.</summary>
    public ManifestTotals Totals
    {
        get
        {
            lock (_lock)
            {
                return _totals;
            }
        }
    }

    /// <summary>The issues that are listed, oldest first.</summary>
    public IReadOnlyList<FileIssue> Issues
    {
        get
        {
            lock (_lock)
            {
                return [.. _issues];
            }
        }
    }

    /// <summary>All issues, the ones not listed too.</summary>
    public long IssueCount
    {
        get
        {
            lock (_lock)
            {
                return _issueCount;
            }
        }
    }

    /// <summary>The page added last; null before the first.</summary>
    public PageSummary? LastPage
    {
        get
        {
            lock (_lock)
            {
                return _pages.Count == 0 ? null : _pages[^1];
            }
        }
    }

    /// <summary>Opens or creates the log of a transfer.</summary>
    /// <exception cref="ClusterTransferException">It is damaged, or of another transfer.</exception>
    public static ScanLog Open(FolderHandle folder, ReadOnlySpan<byte> name, StartRecord wanted, int listedIssues)
    {
        ScanLog log;
        try
        {
            log = new ScanLog(folder, name, listedIssues);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw new ClusterTransferException(
                Reason.DiskError, $"'{folder.Describe(name)}' cannot be understood: {error.Message}. Cancel this transfer and submit it again.", error);
        }

        try
        {
            if (log._start is null)
            {
                log._log.Append(StateCodec.Encode(wanted));
                folder.Flush();
                log._start = wanted;
            }
            else if (log._start with { BaseChunkSize = wanted.BaseChunkSize } != wanted)
            {
                throw new ClusterTransferException(
                    Reason.WrongState, $"'{folder.Display}' belongs to a transfer of {log._start.Location}:{log._start.Root}, not of {wanted.Location}:{wanted.Root}.");
            }

            return log;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>Adds what was found; durable when this returns.</summary>
    public void Append(BatchRecord batch, ReadOnlyMemory<byte> encodedPage)
    {
        byte[] payload = StateCodec.Encode(batch, encodedPage);
        long offset = _log.Append(payload);
        Add(batch, offset + payload.Length - encodedPage.Length);
    }

    /// <summary>Ends the scan; durable when this returns.</summary>
    public ManifestSeal AppendSeal()
    {
        var seal = new ManifestSeal(
            _pages.Count,
            _pages.Sum(page => (long)page.EntryCount),
            _pages.Sum(page => (long)page.Files),
            LastPage is { } last ? last.FirstChunk + (uint)last.ChunkCount : 0,
            _pages.Sum(page => page.Bytes),
            LastPage?.Hash ?? default);
        _log.Append(StateCodec.Encode(seal));
        Seal = seal;
        return seal;
    }

    /// <summary>What is known of a page.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such page yet.</exception>
    public PageSummary Page(int number)
    {
        lock (_lock)
        {
            return number >= 0 && number < _pages.Count
                ? _pages[number]
                : throw new ArgumentOutOfRangeException(nameof(number), number, $"There are {_pages.Count} pages.");
        }
    }

    /// <summary>The page that holds an entry.</summary>
    public PageSummary PageOf(EntryIndex entry) => Find(entry.Value, static page => page.FirstEntry, static page => page.EntryCount, nameof(entry));

    /// <summary>The page that holds a chunk.</summary>
    public PageSummary PageOf(ChunkIndex chunk) => Find(chunk.Value, static page => page.FirstChunk, static page => page.ChunkCount, nameof(chunk));

    /// <summary>The bytes of a page, as they were when its hash was made.</summary>
    /// <exception cref="ClusterTransferException">The disk gave others.</exception>
    public byte[] ReadEncoded(int number)
    {
        PageSummary page = Page(number);
        long offset;
        lock (_lock)
        {
            offset = _offsets[number];
        }

        byte[] encoded = _log.Read(offset, page.Length);
        return ManifestCodec.HashOf(encoded) == page.Hash
            ? encoded
            : throw new ClusterTransferException(Reason.DiskError, $"Page {number} of the manifest was damaged on this node's disk. Cancel this transfer and submit it again.");
    }

    /// <inheritdoc/>
    public void Dispose() => _log.Dispose();

    private void Take(ReadOnlySpan<byte> payload, long offset)
    {
        StateRecordType type = payload.IsEmpty ? 0 : (StateRecordType)payload[0];
        switch (type)
        {
            case StateRecordType.Start when _start is null:
                _start = StateCodec.DecodeStart(payload);
                break;
            case StateRecordType.Batch when _start is not null && Seal is null:
                BatchRecord batch = StateCodec.DecodeBatch(payload);
                Check(batch, payload.Length);
                Add(batch, offset + payload.Length - (batch.Page?.Length ?? 0));
                break;
            case StateRecordType.Seal when _start is not null && Seal is null:
                Seal = StateCodec.DecodeSeal(payload);
                break;
            default:
                throw new InvalidDataException($"it has a record {type} where none can be");
        }
    }

    private void Check(BatchRecord batch, int payloadLength)
    {
        if (batch.Page is { } page
            && (page.Number != _pages.Count || page.Length < 1 || page.Length > payloadLength || page.EntryCount < 1 || page.ChunkCount < 0
                || page.FirstEntry != (LastPage is { } before ? before.FirstEntry + (uint)before.EntryCount : 0)
                || page.FirstChunk != (LastPage is { } last ? last.FirstChunk + (uint)last.ChunkCount : 0)))
        {
            throw new InvalidDataException($"its page {page.Number} does not follow the one before");
        }

        ReadOnlySpan<byte> root = Start.ResultName.Bytes;
        if (!batch.Position.Path.AsSpan().StartsWith(root) || (batch.Position.Path.Length > root.Length && batch.Position.Path[root.Length] != (byte)'/'))
        {
            throw new InvalidDataException("a position in it is not of this transfer");
        }
    }

    private void Add(BatchRecord batch, long pageOffset)
    {
        lock (_lock)
        {
            Position = batch.Position;
            _issueCount += batch.Issues.Count;
            _issues.AddRange(batch.Issues.Take(_listedIssues - _issues.Count));
            if (batch.Page is not null)
            {
                _pages.Add(batch.Page);
                _totals = new ManifestTotals(
                    _totals.Entries + batch.Page.EntryCount,
                    _totals.Files + batch.Page.Files,
                    _totals.Bytes + batch.Page.Bytes,
                    _totals.Chunks + batch.Page.ChunkCount);
                _offsets.Add(pageOffset);
            }
        }
    }

    private PageSummary Find(uint index, Func<PageSummary, uint> first, Func<PageSummary, int> count, string name)
    {
        lock (_lock)
        {
            int low = 0;
            int high = _pages.Count;
            while (low < high)
            {
                // The first page that ends behind the index.
                int middle = (low + high) / 2;
                if ((ulong)first(_pages[middle]) + (uint)count(_pages[middle]) <= index)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }

            return low < _pages.Count ? _pages[low] : throw new ArgumentOutOfRangeException(name, index, "No page holds it yet.");
        }
    }
}
