using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.Outgoing.Reading;
using ClusterTransfer.Storage.Outgoing.Scanning;
using ClusterTransfer.Storage.Outgoing.State;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Outgoing;

/// <summary>The source side of a transfer: scans into pages that never change, reads chunks, and vouches for whole files.</summary>
/// <remarks>Keeps its state in a private folder of the node, never in the location, which may be read-only. Calls block; make them on dedicated
/// threads. Thread-safe, except that disposal must come last. Errors of the state folder arrive as <see cref="ClusterTransferException"/>.</remarks>
public sealed class OutgoingTransfer : IDisposable
{
    private readonly Lock _scanLock = new();
    private readonly Lock _epochLock = new();
    private readonly string _stateFolder;
    private readonly FolderHandle _state;
    private readonly SourceTree _tree;
    private readonly ScanLog _log;
    private readonly DigestCache _digests;
    private readonly ParkedLog _parked;
    private readonly ChunkReader _reader;
    private readonly PageCache _pages;
    private PageScan? _scan;
    private Epoch _epoch;

    private OutgoingTransfer(string stateFolder, FolderHandle state, SourceTree tree, ScanLog log, DigestCache digests, ParkedLog parked, Epoch epoch, OutgoingOptions options)
    {
        _stateFolder = stateFolder;
        _state = state;
        _tree = tree;
        _log = log;
        _digests = digests;
        _parked = parked;
        _epoch = epoch;
        _reader = new ChunkReader(tree, digests, options.MaxOpenFiles, options.Stages);
        _pages = new PageCache(options.CachedPages, Load);
    }

    /// <summary>The highest epoch this source has seen.</summary>
    public Epoch HighestEpoch
    {
        get
        {
            lock (_epochLock)
            {
                return _epoch;
            }
        }
    }

    /// <summary>Number of persisted pages.</summary>
    public int PageCount => _log.PageCount;

    /// <summary>The end of the scan; null until then.</summary>
    public ManifestSeal? Seal => _log.Seal;

    /// <summary>What the scan has found so far.</summary>
    public ManifestTotals Totals => _log.Totals;

    /// <summary>What the scan found and cannot deliver, oldest first; at most <see cref="OutgoingOptions.ListedIssues"/>.</summary>
    public IReadOnlyList<FileIssue> ScanIssues => _log.Issues;

    /// <summary>How many issues the scan found, the ones not listed too.</summary>
    public long ScanIssueCount => _log.IssueCount;

    /// <summary>Files given up because of a chunk in this round, with the evidence, oldest first.</summary>
    public IReadOnlyList<FileIssue> ParkedIssues => _parked.Issues;

    /// <summary>Opens the source side of a transfer, or takes it up where it was left.</summary>
    /// <param name="source">Where; must stay open longer than this.</param>
    /// <param name="path">The file or folder to copy; empty for the whole location.</param>
    /// <param name="resultName">Its name in the transfer; null keeps the name it has.</param>
    /// <param name="stateFolder">Absolute path of this transfer's private folder on the node's own disk; made when missing.</param>
    /// <param name="options">Limits.</param>
    /// <exception cref="ClusterTransferException">The name is refused, or the state folder is damaged or another transfer's.</exception>
    public static OutgoingTransfer Open(Location source, SafeRelativePath path, string? resultName, string stateFolder, OutgoingOptions options)
    {
        string[] problems = [.. options.Validate()];
        if (problems.Length > 0)
        {
            throw new ClusterTransferException(Reason.InvalidRequest, string.Join(' ', problems));
        }

        SourceTree tree = SourceTree.Create(source, path, resultName);
        return AtState(() =>
        {
            FolderHandle state = OpenState(stateFolder);
            ScanLog? log = null;
            DigestCache? digests = null;
            ParkedLog? parked = null;
            try
            {
                RoundFile round = RoundFile.Open(state, options.Round, options.Rescan);
                var start = new StartRecord(source.Name.Value, path, tree.ResultName, options.BaseChunkSize);
                log = ScanLog.Open(state, round.ScanName, start, options.ListedIssues);
                digests = DigestCache.Open(state, round.DigestsName);
                parked = ParkedLog.Open(state, round.ParkedName);
                return new OutgoingTransfer(stateFolder, state, tree, log, digests, parked, EpochFile.Read(state), options);
            }
            catch
            {
                parked?.Dispose();
                digests?.Dispose();
                log?.Dispose();
                state.Dispose();
                throw;
            }
        });
    }

    /// <summary>Accepts an epoch; durable when this returns. The same epoch again changes nothing.</summary>
    /// <exception cref="ClusterTransferException">A higher one was seen (<see cref="Reason.Superseded"/>), or it could not be made durable.</exception>
    public void RaiseEpoch(Epoch epoch)
    {
        lock (_epochLock)
        {
            if (epoch < _epoch)
            {
                throw new ClusterTransferException(Reason.Superseded, $"Epoch {epoch} is over: this source has seen {_epoch}.");
            }

            if (epoch > _epoch)
            {
                AtState(() => EpochFile.Write(_state, epoch));
                _epoch = epoch;
            }
        }
    }

    /// <summary>Scans on until one more page is persisted or the scan is sealed.</summary>
    /// <remarks>After a restart the walk goes on behind the last persisted item in its fixed order, so pages are never contradicted: what appears
    /// later in a part already walked is not part of this transfer, and what vanished is found missing when it is read.</remarks>
    /// <returns>True for one more page; false when sealed.</returns>
    /// <exception cref="ClusterTransferException">The root itself cannot be copied; or a shortage, after which the call may be made again.</exception>
    /// <exception cref="OperationCanceledException">The token fired; the call may be made again.</exception>
    public bool ScanNext(CancellationToken cancellationToken)
    {
        lock (_scanLock)
        {
            if (Seal is not null)
            {
                return false;
            }

            _scan ??= new PageScan(_log, _tree);
            if (AtState(() => _scan.Next(cancellationToken)))
            {
                return true;
            }

            _scan.Dispose();
            _scan = null;
            return false;
        }
    }

    /// <summary>The bytes of a persisted page, as they go on the wire.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such page yet.</exception>
    /// <exception cref="ClusterTransferException">This node's disk damaged it.</exception>
    public byte[] ReadEncodedPage(int number) => AtState(() => _log.ReadEncoded(number));

    /// <summary>A persisted page; the ones used last are kept in memory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such page yet.</exception>
    public ManifestPage GetPage(int number) => AtState(() => _pages.Get(number)).Page;

    /// <summary>The plan of a persisted page.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such page yet.</exception>
    public PagePlan GetPlan(int number) => AtState(() => _pages.Get(number)).Plan;

    /// <summary>The page that holds a chunk.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No page holds it yet.</exception>
    public int PageOfChunk(ChunkIndex chunk) => _log.PageOf(chunk).Number;

    /// <summary>The page that holds an entry.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No page holds it yet.</exception>
    public int PageOfEntry(EntryIndex entry) => _log.PageOf(entry).Number;

    /// <summary>Reads and hashes a chunk.</summary>
    /// <param name="chunk">From the plan of its page.</param>
    /// <param name="buffer">At least the chunk's length; written up to <see cref="ChunkRead.Length"/>, beyond it perhaps with bytes of absent members.</param>
    /// <exception cref="ClusterTransferException">This node is short of handles or memory; the call may be made again.</exception>
    public ChunkRead ReadChunk(in PlannedChunk chunk, Memory<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(buffer.Length, chunk.Length, nameof(buffer));
        PlannedChunk wanted = chunk;
        return AtState(() =>
        {
            PlannedPage page = _pages.Get(PageOfChunk(wanted.Index));
            return wanted.IsPacked
                ? _reader.ReadPack(page.Plan.MembersOf(wanted), page.Page, buffer.Span)
                : _reader.ReadOwn(wanted, EntryOf(page, wanted.Entry), buffer.Span);
        });
    }

    /// <summary>Vouches for a file that has chunks of its own, once all of them were read or are durable at the destination.</summary>
    /// <param name="file">Not a member of a pack, whose digest covers it already.</param>
    /// <param name="cancellationToken">Stops between two chunks that have to be hashed again.</param>
    /// <exception cref="ArgumentException">The entry is no file with chunks of its own.</exception>
    public FileRoot GetFileRoot(EntryIndex file, CancellationToken cancellationToken) => AtState(() =>
    {
        PlannedPage page = _pages.Get(PageOfEntry(file));
        (ChunkIndex first, int count) = page.Plan.ChunksOf(file);
        return count > 0 && !page.Plan.At(first).IsPacked
            ? _reader.RootOf(EntryOf(page, file), first, count, page.Plan.At, cancellationToken)
            : throw new ArgumentException($"Entry {file} has no chunks of its own.", nameof(file));
    });

    /// <summary>Remembers files that are given up because of a chunk, until the transfer is taken up again; durable when this returns.</summary>
    /// <param name="files">Each with its evidence; the caller bounds how many there are in a round.</param>
    /// <exception cref="ClusterTransferException">They could not be made durable; after a shortage the call may be made again.</exception>
    public void Park(IReadOnlyList<FileIssue> files) => AtState(() => _parked.Append(files));

    /// <summary>Ends this transfer's source side and deletes its state folder. Nothing else may be called after.</summary>
    /// <exception cref="ClusterTransferException">The folder could not be deleted.</exception>
    public void Forget()
    {
        Dispose();
        Forget(_stateFolder);
    }

    /// <summary>The transfers whose state folders lie in a folder, each named by its id; other names are passed over.</summary>
    /// <exception cref="ClusterTransferException">The folder could not be listed.</exception>
    public static IReadOnlyList<TransferId> KnownTo(string stateFolders)
    {
        try
        {
            var found = new List<TransferId>();
            foreach (string folder in Directory.EnumerateDirectories(stateFolders))
            {
                if (TransferId.TryParse(Path.GetFileName(folder), null, out TransferId id))
                {
                    found.Add(id);
                }
            }

            return found;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ClusterTransferException(Reason.DiskError, $"'{PathText.Escape(stateFolders)}' could not be listed: {error.Message}", error);
        }
    }

    /// <summary>A page of what is in the folder of state folders: those of transfers, and what somebody else put there. By name.</summary>
    /// <param name="stateFolders">The folder.</param>
    /// <param name="after">The last name of the page before; empty for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <returns>The page, and the name it ended with when there are more.</returns>
    /// <exception cref="ClusterTransferException">The folder could not be listed.</exception>
    public static (IReadOnlyList<KeptFolder> Kept, byte[]? Last) KeptIn(string stateFolders, byte[] after, int limit) =>
        InStateFolders(stateFolders, folder => KeptFolder.In(folder, static _ => false, after, limit));

    /// <summary>What is there of a transfer; null when nothing is.</summary>
    /// <exception cref="ClusterTransferException">The folder could not be read.</exception>
    public static KeptFolder? KeptOf(string stateFolders, TransferId id) =>
        InStateFolders(stateFolders, folder => KeptFolder.Find(folder, Encoding.ASCII.GetBytes(id.Value)));

    /// <summary>Deletes the state folder of a transfer that is not open; nothing when there is none.</summary>
    /// <exception cref="ClusterTransferException">The folder could not be deleted.</exception>
    public static void Forget(string stateFolder)
    {
        try
        {
            Directory.Delete(stateFolder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Gone already, which is what was asked for.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ClusterTransferException(Reason.DiskError, $"'{PathText.Escape(stateFolder)}' could not be deleted: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _scan?.Dispose();
        _reader.Dispose();
        _parked.Dispose();
        _digests.Dispose();
        _log.Dispose();
        _state.Dispose();
    }

    private static T InStateFolders<T>(string stateFolders, Func<FolderHandle, T> look)
    {
        try
        {
            using FolderHandle folder = FolderHandle.OpenAbsolute(stateFolders);
            return look(folder);
        }
        catch (NativeException error)
        {
            throw new ClusterTransferException(new Problem(Reason.DiskError, error.Message), error);
        }
    }

    private static ManifestEntry EntryOf(PlannedPage page, EntryIndex entry) => page.Page.Entries[(int)(entry.Value - page.Page.FirstEntry)];

    private static FolderHandle OpenState(string stateFolder)
    {
        try
        {
            Directory.CreateDirectory(stateFolder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ClusterTransferException(Reason.DiskError, $"'{PathText.Escape(stateFolder)}' could not be made: {error.Message}", error);
        }

        FolderHandle state = FolderHandle.OpenAbsolute(stateFolder);
        try
        {
            state.SetMode(0x1c0); // 0700: names of other people's files stand in it
            return state;
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    // What a source's file did is told by the readers; a system call that fails beyond them was one on this node's own state.
    private static T AtState<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (NativeException error)
        {
            // A full disk, or too few descriptors: what this node is short of now says nothing against the transfer.
            throw new ClusterTransferException(
                error.AtDestination() is { Reason: Reason.NoSpace or Reason.LimitReached } passing ? passing : new Problem(Reason.DiskError, error.Message), error);
        }
    }

    private static void AtState(Action action) => AtState(() =>
    {
        action();
        return true;
    });

    private PlannedPage Load(int number)
    {
        byte[] encoded = _log.ReadEncoded(number);
        return ManifestCodec.TryDecode(encoded, out ManifestPage? page, out string? problem)
            ? new PlannedPage(page, new PagePlan(page))
            : throw new ClusterTransferException(Reason.DiskError, $"Page {number} of the manifest cannot be read: {problem}.");
    }
}
