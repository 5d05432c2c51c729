using ClusterTransfer.Model;
using ClusterTransfer.Storage.Outgoing.State;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Outgoing.Scanning;

/// <summary>Turns what the scanner finds into persisted pages. A page holds every item up to its position, so a restart goes on exactly after it.</summary>
internal sealed class PageScan : IDisposable
{
    // Issues wait in memory for the page they belong to; with this many the page is closed early.
    private const int MaxWaitingIssues = 500;

    private readonly ScanLog _log;
    private readonly TreeScanner _scanner;
    private readonly SourceTree _tree;
    private readonly List<FileIssue> _issues = [];
    private ManifestPageBuilder _page;
    private int _files;
    private long _bytes;
    private ScanItem? _carried;
    private ScanPosition? _position;

    public PageScan(ScanLog log, SourceTree tree)
    {
        _log = log;
        _scanner = new TreeScanner(tree);
        _tree = tree;
        _page = NewPage();
        if (log.Position is { } position)
        {
            _scanner.ContinueAfter(position);
        }
    }

    /// <summary>Scans on until a page is persisted or the end is.</summary>
    /// <returns>False at the end.</returns>
    public bool Next(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ScanItem item;
            if (_carried is { } carried)
            {
                item = carried;
            }
            else if (!_scanner.TryNext(out item))
            {
                bool page = Persist();
                if (!page)
                {
                    _log.AppendSeal();
                }

                return page;
            }

            if (item is { HasFewBlocks: true, Entry: { } sparse })
            {
                item = item with { HasFewBlocks = false, Entry = HoleMap.WithHoles(sparse, _tree, _log.Start.BaseChunkSize) };
            }

            _carried = item;
            if (!Take(item) || _issues.Count >= MaxWaitingIssues)
            {
                if (Persist())
                {
                    return true;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _scanner.Dispose();

    // The item stays carried when the page is full, and when persisting fails, so that no failure loses one.
    private bool Take(ScanItem item)
    {
        if (item.Entry is { } entry)
        {
            if (!_page.TryAdd(entry))
            {
                if (_page.Count > 0)
                {
                    return false;
                }

                item = item with
                {
                    Entry = null,
                    Issue = new FileIssue(entry.Path.ToString(), FileState.Parked, new Problem(
                        Reason.LimitReached, $"'{entry.Path}' is too large, or one more than a transfer can hold.")),
                };
            }
            else if (entry.Kind == EntryKind.File)
            {
                _files++;
                _bytes += entry.DataBytes(_log.Start.BaseChunkSize);
            }
        }

        if (item.Issue is { } issue)
        {
            _issues.Add(issue);
        }

        _position = item.Position;
        _carried = null;
        return true;
    }

    private bool Persist()
    {
        if (_position is not { } position)
        {
            return false;
        }

        if (_page.Count == 0)
        {
            _log.Append(new BatchRecord(position, null, [.. _issues]), default);
            Reset();
            return false;
        }

        ManifestPage page = _page.Build();
        byte[] encoded = ManifestCodec.Encode(page);
        var summary = new PageSummary(
            page.Number, page.FirstEntry, page.Entries.Count, page.FirstChunk, _page.ChunkCount, _files, _bytes, ManifestCodec.HashOf(encoded), encoded.Length);
        _log.Append(new BatchRecord(position, summary, [.. _issues]), encoded);
        Reset();
        return true;
    }

    private void Reset()
    {
        _issues.Clear();
        _files = 0;
        _bytes = 0;
        _position = null;
        _page = NewPage();
    }

    private ManifestPageBuilder NewPage() => _log.LastPage is { } last
        ? new ManifestPageBuilder(last.Number + 1, last.FirstEntry + (uint)last.EntryCount, last.FirstChunk + (uint)last.ChunkCount, _log.Start.BaseChunkSize, last.Hash)
        : new ManifestPageBuilder(0, 0, 0, _log.Start.BaseChunkSize, default);
}
