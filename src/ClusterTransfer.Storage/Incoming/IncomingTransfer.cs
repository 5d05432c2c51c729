using ClusterTransfer.Model;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>The destination's side of one transfer: accepts pages and chunks, makes them durable, publishes files, and knows after any crash what is true.</summary>
/// <remarks><see cref="WriteChunk"/> may be called by any number of threads beside everything else; the other calls wait for each other. Opening the same
/// transfer twice is refused. <see cref="Dispose"/> leaves the disk as a crash would; <see cref="Close"/> is the clean stop.</remarks>
public sealed partial class IncomingTransfer : IDisposable
{
    // Two locks, always in this order. _commit: one journal append at a time, held over flushes and renames. _gate: what is in memory, never held over
    // a flush; writers wait on it for a chunk or a file that another thread has in hand.
    private readonly Lock _commit = new();
    private readonly object _gate = new();

    private readonly Location _location;
    private readonly SafeRelativePath _folder;
    private readonly TransferId _id;
    private readonly IncomingOptions _options;
    private readonly EntrySelection? _selection;
    private readonly TimeProvider _time;
    private readonly FolderHandle _staging;
    private readonly NodeJournalLog _journal;
    private readonly TransferState _state;
    private readonly DigestIndex _digests;
    private readonly StagedFiles _staged;
    private readonly DestinationTree _tree;
    private readonly SpaceLedger _space;
    private readonly ChunkLedger _ledger = new();
    private readonly HashSet<uint> _fenced = [];
    private readonly HashSet<uint> _flushFailedOnce = [];
    private readonly HashSet<uint> _leftOut = [];
    private readonly List<(uint Entry, Digest Root)> _rootsToJournal = [];
    private readonly UnverifiedChunks _unverified = new();
    private long _reserved;
    private long _checkpointAt;
    private int _writers;
    private bool _isDisposed;
    private bool _isReleased;
    private volatile bool _hasBegun;

    // Set when something was not given its final name because that was not allowed; all of it is in the state's verified files.
    private volatile bool _isHolding;
    private Problem? _failure;

    private IncomingTransfer(OpenedStaging opened, Location location, SafeRelativePath folder, TransferId id, IncomingOptions options, TimeProvider time)
    {
        _location = location;
        _folder = folder;
        _id = id;
        _options = options;
        _selection = options is { Round: > 0, Only: { } only } ? new EntrySelection(only) : null;
        _time = time;
        _staging = opened.Folder;
        _journal = opened.Log;
        _state = opened.State;
        _digests = opened.Digests;
        _staged = new StagedFiles(_staging, Math.Max(1, options.MaxOpenFiles), options.FlushFault, Fault);
        _tree = new DestinationTree(location.Root, ModeOfNewFolder);
        _space = SpaceLedger.Of(location);
        _checkpointAt = time.GetTimestamp();
    }

    /// <summary>What opening found.</summary>
    public RecoveryReport Recovery { get; private set; } = new();

    /// <summary>What was still missing at the open does not fit on the disk now, so it makes no sense to send it; null when it does. Nothing else keeps the
    /// transfer from being used.</summary>
    public Problem? SpaceProblem { get; private set; }

    /// <summary>Whether bytes have arrived, in this session or an earlier one: from then on a full disk means that the transfer waits, not that it fails.</summary>
    public bool HasBegun => _hasBegun;

    /// <summary>Pages 0 to this minus 1 are journaled.</summary>
    public int PagesAccepted => _state.Pages.Count;

    /// <summary>Hash of the last of them; empty for none.</summary>
    public Digest LastPageHash => _state.LastPageHash;

    /// <summary>Whether the manifest is complete.</summary>
    public bool IsSealed => Locked(() => _state.Seal is not null);

    /// <summary>Sealed, and every file has an outcome; <see cref="Finish"/> does the rest.</summary>
    public bool IsComplete => Locked(() => _state.IsComplete);

    /// <summary>Whether <see cref="Finish"/> has been journaled.</summary>
    public bool IsFinished => Locked(() => _state.IsFinished);

    /// <summary>Whether <see cref="Cancel"/> has been journaled.</summary>
    public bool IsCancelled => Locked(() => _state.IsCancelled);

    /// <summary>Whether something waits under its staging name because <see cref="IncomingOptions.MayPublish"/> said no.</summary>
    public bool IsHolding => _isHolding;

    /// <summary>Payload bytes written since the last checkpoint.</summary>
    public long BytesSinceCheckpoint => Locked(() => _ledger.Bytes);

    /// <summary>Time since the last checkpoint, or since opening.</summary>
    public TimeSpan SinceCheckpoint => _time.GetElapsedTime(Interlocked.Read(ref _checkpointAt));

    /// <summary>The counters of the destination.</summary>
    public TransferProgress Progress => Locked(() => _state.ToProgress() with { BytesReceived = _state.BytesDurable + _ledger.BytesOpen });

    /// <summary>Files that were not delivered; the first 200.</summary>
    public IReadOnlyList<FileIssue> Issues => Locked(() => _state.Issues);

    /// <summary>What of a page is not needed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The page is not accepted.</exception>
    public HaveBits HaveBitsOf(int page)
    {
        lock (_gate)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(page);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(page, _state.Pages.Count);
            IncomingPage of = _state.Pages[page];
            byte[] bits = new byte[(of.ChunkCount + 7) / 8];
            of.Durable.OrInto(bits);
            of.NotWanted.OrInto(bits);
            return new HaveBits(page, of.FirstChunk, of.ChunkCount, bits);
        }
    }

    /// <summary>The source's word on a file that is not packed: it read every byte of one unchanged file, and this is its root. Others are passed over.</summary>
    public void FileDone(EntryIndex entry, Digest root)
    {
        lock (_gate)
        {
            if (_state.StateOf(entry.Value) != EntryState.Pending || (_state.SourceRoots.TryGetValue(entry.Value, out Digest known) && known == root))
            {
                return;
            }

            if (_state.Find(entry.Value) is { } found && found.Loaded.Entry(entry.Value) is { Kind: EntryKind.File } file
                && file.Size >= found.Loaded.Page.BaseChunkSize)
            {
                _state.ApplySourceDone(entry.Value, root);
                _rootsToJournal.Add((entry.Value, root));
            }
        }
    }

    /// <summary>Waits for running writes and closes everything. Writes nothing: the next open finds an unclean stop.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isReleased)
            {
                return;
            }

            _isReleased = true;
            _isDisposed = true;
            Monitor.PulseAll(_gate);
            while (_writers > 0)
            {
                Monitor.Wait(_gate);
            }
        }

        lock (_commit)
        {
            _space.Release(_reserved);
            _reserved = 0;
            _tree.Dispose();
            _staged.Dispose();
            _digests.Dispose();
            _journal.Dispose();
            _staging.Dispose();
        }
    }

    private static FileIssue IssueOf(ManifestEntry entry, in SettledEntry settled) => new(entry.Path.ToString(), settled.State, settled.Problem);

    private T Locked<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }

    private void Fault(string point)
    {
        Model.Faults.Fault.Point(point);
        _options.FaultPoint?.Invoke(point);
    }

    private SafeRelativePath TargetOf(SafeRelativePath path) => _folder.Combine(path);

    private string DisplayTarget(SafeRelativePath path) => $"{_location.Name}:{TargetOf(path)}";

    private int ModeOf(ManifestEntry entry) => entry.Mode & (_options.KeepSpecialModeBits ? 0xfff : 0x1ff);

    // Never more open to others than the source's folder, but ours to write in until Finish.
    private int ModeOfNewFolder(SafeRelativePath target)
    {
        const int ownerAll = 0x1c0; // 0700
        const int usual = 0x1ed; // 0755
        // Folders on the way to the result are not of the manifest.
        ManifestEntry? entry = target.IsWithin(_folder) ? _state.Pages.FindPath(target.RelativeTo(_folder)) : null;
        return entry is null ? usual : (entry.Mode & 0x1ff) | ownerAll;
    }

    private void ThrowIfUnusable()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _journal.ThrowIfBroken();
        if (_failure is not null)
        {
            throw new ClusterTransferException(_failure);
        }
    }

    private void ThrowIfEnded()
    {
        ThrowIfUnusable();
        if (_state.IsFinished || _state.IsCancelled)
        {
            throw new ClusterTransferException(Reason.WrongState, $"Transfer {_id} has ended at this destination.");
        }
    }

    // A call on the disk failed where no row of "What a failed call means" has an answer for it: memory may be behind the journal or ahead of the disk now.
    // The transfer is closed as if the process had died, and the next open decides by what it finds.
    private T Guarded<T>(Func<T> step)
    {
        try
        {
            return step();
        }
        catch (NativeException error)
        {
            throw Fail(error.AtDestination());
        }
    }

    // After a failed flush of a folder nobody knows which names are on disk; the next open decides by what it finds.
    private ClusterTransferException Fail(Problem problem)
    {
        lock (_gate)
        {
            _failure ??= problem;
            Monitor.PulseAll(_gate);
        }

        return new ClusterTransferException(problem);
    }

    private FreeSpace FreeNow() => _options.FreeBytes?.Invoke() is { } free ? new FreeSpace(free, free, HasRoomForFiles: true) : _staging.FreeSpace();

    // People need the numbers: what the kernel says is only that there is none.
    private Problem AtDestination(NativeException error) =>
        error.Errno == Errno.NoSpace ? Full(error.Message) : error.AtDestination();

    private Problem Full(string what)
    {
        FreeSpace free;
        try
        {
            free = FreeNow();
        }
        catch (NativeException)
        {
            return new Problem(Reason.NoSpace, what); // the numbers would only have helped
        }

        return new Problem(
            Reason.NoSpace,
            $"{what} Location '{_location.Name}' has {free.AvailableBytes} bytes free{(free.HasRoomForFiles ? string.Empty : " and room for no more files")}; "
            + $"besides what is staged the transfer needs {Interlocked.Read(ref _reserved)} more.");
    }

    // Nobody knows what a failed flush of names left behind; the next open decides by what it finds.
    private ClusterTransferException FlushFailure(Errno errno, string what) => Fail(errno == Errno.NoSpace
        ? Full($"{what} could not be flushed: {errno.Text()}.")
        : new Problem(Reason.SessionLost, $"{what} could not be flushed: {errno.Text()}. Check the disk; the transfer goes on by itself."));

    private void Release(long size)
    {
        long bytes = Rounded(size);
        _space.Release(Math.Min(bytes, Interlocked.Read(ref _reserved)));
        Interlocked.Add(ref _reserved, -Math.Min(bytes, Interlocked.Read(ref _reserved)));
    }

    private void ReserveAgain(long size)
    {
        _space.Reserve(Rounded(size));
        Interlocked.Add(ref _reserved, Rounded(size));
    }

    private static long Rounded(long size)
    {
        const long block = 4096;
        return size > long.MaxValue - block ? long.MaxValue : (size + block - 1) / block * block;
    }
}
