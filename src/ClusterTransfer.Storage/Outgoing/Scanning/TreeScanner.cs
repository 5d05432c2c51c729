using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Outgoing.Scanning;

/// <summary>Walks a source in one fixed order: the root first, names of a folder by their bytes, a folder before its content, depth first.</summary>
/// <remarks>Links are recorded and never followed. What vanishes between listing and looking was never there. Holds the names of each folder on
/// the way down and one open folder; a folder is opened again from the location when the walk comes back to it, so depth costs no handles.</remarks>
internal sealed class TreeScanner : IDisposable
{
    private readonly SourceTree _tree;
    private readonly Stack<Level> _levels = new();
    private bool _rootSeen;

    public TreeScanner(SourceTree tree) => _tree = tree;

    /// <summary>Goes on after an item that an earlier scanner gave, in the same order. To be called before the first <see cref="TryNext"/>.</summary>
    public void ContinueAfter(ScanPosition position)
    {
        _rootSeen = true;
        SafeRelativePath path = _tree.ResultName;
        ReadOnlySpan<byte> rest = position.Path.AsSpan(path.Bytes.Length);
        while (!rest.IsEmpty)
        {
            rest = rest[1..];
            int slash = rest.IndexOf((byte)'/');
            ReadOnlySpan<byte> name = slash < 0 ? rest : rest[..slash];
            var level = new Level(path, _tree.ToSource(path));
            _levels.Push(level);

            // A folder that vanished meanwhile has nothing left to find; the walk goes on above it.
            if (List(level) is not null)
            {
                Pop();
                return;
            }

            level.Next = level.Names!.FirstAfter(name); // set whenever listing did not fail
            level.Close();
            rest = rest[name.Length..];
            if (Child(path, name) is not { } child)
            {
                return;
            }

            path = child;
        }

        if (position.ContentFollows)
        {
            _levels.Push(new Level(path, _tree.ToSource(path)));
        }
    }

    /// <summary>Gives the next entry or issue.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="ClusterTransferException">The root is missing, unreadable or not copyable; or this node is short of handles, and the call may be made again.</exception>
    public bool TryNext(out ScanItem item)
    {
        if (!_rootSeen)
        {
            item = Root();
            _rootSeen = true;
            return true;
        }

        while (_levels.TryPeek(out Level? level))
        {
            Errno failure = level.Names is null ? List(level) ?? Errno.None : level.Next == level.Names.Count ? Errno.None : Open(level);
            if (failure != Errno.None)
            {
                // A folder that vanished takes the rest of its names with it; one that was replaced is reported.
                Pop();
                if (failure == Errno.NoEntry)
                {
                    continue;
                }

                item = Issue(level.Path, FileState.Parked, failure is Errno.NotAFolder or Errno.TooManySymbolicLinks
                    ? SourceProblems.Changed(level.Path, "was replaced during the scan; its content is not delivered")
                    : WithReadableReason(SourceProblems.Of(failure, level.Path.ToString())));
                return true;
            }

            if (level.Next == level.Names!.Count)
            {
                Pop();
                continue;
            }

            if (Look(level, level.Names[level.Next]) is { } found)
            {
                level.Next++;
                item = found;
                return true;
            }

            level.Next++;
        }

        item = default;
        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_levels.Count > 0)
        {
            Pop();
        }
    }

    private static ScanItem Issue(SafeRelativePath path, FileState state, Problem problem) => new(path, null, new FileIssue(path.ToString(), state, problem));

    private static Problem WithReadableReason(Problem problem) =>
        problem.Reason is Reason.Unclassified or Reason.PathNotFound ? problem with { Reason = Reason.SourceUnreadable } : problem;

    private static SafeRelativePath? Child(SafeRelativePath folder, ReadOnlySpan<byte> name) =>
        SafeRelativePath.TryCreate(folder.IsEmpty ? name : [.. folder.Bytes, (byte)'/', .. name], out SafeRelativePath? path, out _) ? path : null;

    private static FileIdentity IdentityOf(in FileStatus status) => new(status.Device, status.Inode, status.Size, status.ModifiedNs, status.ChangedNs);

    private ScanItem Root()
    {
        FileStatus status = _tree.RootStatus();
        string address = $"{_tree.Location.Name}:{_tree.Root}";
        if (status.Kind == FileKind.Special)
        {
            throw new ClusterTransferException(Reason.NotCopyable, $"'{address}' is a pipe, socket or device.");
        }

        FolderHandle? parent = null;
        if (!_tree.Root.IsEmpty)
        {
            Errno errno = _tree.Location.Root.TryOpenFolder(_tree.Root.Parent.Bytes, out parent);
            if (errno != Errno.None)
            {
                throw new ClusterTransferException(SourceProblems.Of(errno, address));
            }
        }

        using (parent)
        {
            ScanItem item = Describe(parent, _tree.Root.Name, _tree.ResultName, status)
                ?? throw new ClusterTransferException(Reason.PathNotFound, $"'{address}' does not exist.");
            if (item.Issue is { } issue)
            {
                throw new ClusterTransferException(issue.Problem);
            }

            if (status.Kind == FileKind.Folder)
            {
                var level = new Level(_tree.ResultName, _tree.Root);
                if (List(level) is { } unreadable)
                {
                    throw new ClusterTransferException(WithReadableReason(SourceProblems.Of(unreadable, address)));
                }

                _levels.Push(level);
            }

            return item;
        }
    }

    private Errno? List(Level level)
    {
        try
        {
            Errno errno = Open(level);
            if (errno != Errno.None)
            {
                return errno;
            }

            level.Names = FolderNames.Of(level.Folder!); // Open sets it whenever it did not fail
            return null;
        }
        catch (NativeException error)
        {
            ThrowIfShort(error.Errno, level.Path);
            return error.Errno;
        }
    }

    private Errno Open(Level level)
    {
        if (level.Folder is not null)
        {
            return Errno.None;
        }

        Errno errno = _tree.Location.Root.TryOpenFolder(level.Source.Bytes, out FolderHandle? folder);
        level.Folder = folder;
        ThrowIfShort(errno, level.Path);
        return errno;
    }

    private ScanItem? Look(Level level, ReadOnlySpan<byte> name)
    {
        SafeRelativePath? path = Child(level.Path, name);
        SafeRelativePath? source = Child(level.Source, name);
        if (path is null || source is null || source.Bytes.Length >= NativeName.PathBuffer)
        {
            string shown = $"{level.Path}/{PathText.Escape(name)}";
            return new ScanItem(path, null, new FileIssue(
                shown, FileState.Parked, new Problem(Reason.NameRefused, $"'{shown}' is longer than paths can be.")))
            {
                LongPath = [.. level.Path.Bytes, (byte)'/', .. name],
            };
        }

        FolderHandle folder = level.Folder!; // TryNext opened it
        Errno errno = folder.TryStatus(name, out FileStatus status);
        if (errno == Errno.NoEntry || (level.Source.IsEmpty && _tree.Location.IsHidden(name, status)))
        {
            return null;
        }

        if (errno != Errno.None)
        {
            ThrowIfShort(errno, path);
            return Issue(path, FileState.Parked, WithReadableReason(SourceProblems.Of(errno, path.ToString())));
        }

        ScanItem? item = Describe(folder, name, path, status);
        if (item?.Entry?.Kind == EntryKind.Folder)
        {
            level.Close();
            _levels.Push(new Level(path, source));
        }

        return item;
    }

    private static ScanItem? Describe(FolderHandle? folder, ReadOnlySpan<byte> name, SafeRelativePath path, in FileStatus status)
    {
        switch (status.Kind)
        {
            case FileKind.Folder:
                return new ScanItem(path, new ManifestEntry(EntryKind.Folder, path, 0, status.Mode, status.ModifiedNs, IdentityOf(status), default), null);
            case FileKind.File:
                // Root reads everything; for others asking now tells of a closed file before hours of copying the rest.
                Errno readable = folder is null || NativePath.EffectiveUser == 0 ? Errno.None : folder.TryReadAccess(name);
                return readable switch
                {
                    Errno.None => new ScanItem(
                        path, new ManifestEntry(EntryKind.File, path, status.Size, status.Mode, status.ModifiedNs, IdentityOf(status), default), null)
                    {
                        HasFewBlocks = status.AllocatedBytes < status.Size,
                    },
                    Errno.NoEntry => null,
                    _ => Issue(path, FileState.Parked, WithReadableReason(SourceProblems.Of(readable, path.ToString()))),
                };
            case FileKind.SymbolicLink when folder is not null:
                return DescribeLink(folder, name, path, status);
            default:
                return Issue(path, FileState.Skipped, new Problem(Reason.NotCopyable, $"'{path}' is a pipe, socket or device."));
        }
    }

    private static ScanItem? DescribeLink(FolderHandle folder, ReadOnlySpan<byte> name, SafeRelativePath path, in FileStatus status)
    {
        Errno errno = folder.TryReadLink(name, out byte[] target);
        if (errno == Errno.NoEntry)
        {
            return null;
        }

        if (errno != Errno.None)
        {
            return Issue(path, FileState.Parked, errno == Errno.Invalid
                ? SourceProblems.Changed(path, "was replaced during the scan")
                : WithReadableReason(SourceProblems.Of(errno, path.ToString())));
        }

        return target.Length is < 1 or > ManifestLimits.MaxLinkTarget
            ? Issue(path, FileState.Skipped, new Problem(Reason.NotCopyable, $"'{path}' is a link with a target of {target.Length} bytes."))
            : new ScanItem(path, new ManifestEntry(EntryKind.SymbolicLink, path, 0, status.Mode, status.ModifiedNs, IdentityOf(status), target), null);
    }

    private static void ThrowIfShort(Errno errno, SafeRelativePath path)
    {
        if (SourceProblems.IsShortage(errno))
        {
            throw new ClusterTransferException(SourceProblems.Of(errno, path.ToString()));
        }
    }

    private void Pop() => _levels.Pop().Close();

    /// <summary>A folder on the way from the root to where the walk is.</summary>
    private sealed class Level(SafeRelativePath path, SafeRelativePath source)
    {
        public SafeRelativePath Path { get; } = path;

        public SafeRelativePath Source { get; } = source;

        /// <summary>Null until it is listed.</summary>
        public FolderNames? Names { get; set; }

        /// <summary>The name to look at next.</summary>
        public int Next { get; set; }

        /// <summary>Open only while the walk is in this very folder.</summary>
        public FolderHandle? Folder { get; set; }

        public void Close()
        {
            Folder?.Dispose();
            Folder = null;
        }
    }
}
