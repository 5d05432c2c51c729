using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>Folders at the destination: opened beneath the location, made when missing, and the list of those that must be flushed.</summary>
/// <remarks>One thread at a time. Keeps a bounded number of folders open between <see cref="Flush"/> calls.</remarks>
internal sealed class DestinationTree(FolderHandle root, Func<SafeRelativePath, int> modeOf) : IDisposable
{
    private const int MaxOpen = 32;

    private const int MaxMade = 4096;

    // Above this many folders one flush of the file system is cheaper than one of each.
    private const int FlushEachUpTo = 16;

    private readonly Dictionary<SafeRelativePath, FolderHandle> _open = [];
    private readonly HashSet<SafeRelativePath> _touched = [];

    // Made by this tree. What is wanted in one of them was most likely not there before: making it is tried first.
    private readonly HashSet<SafeRelativePath> _made = [];
    private bool _hasFlushedAll;

    /// <summary>Opens a folder, made with its parents when missing. Owned by this tree, valid until the next call.</summary>
    public Errno TryOpen(SafeRelativePath path, out FolderHandle? folder)
    {
        if (_open.TryGetValue(path, out folder))
        {
            return Errno.None;
        }

        bool isNew = !path.IsEmpty && _made.Contains(path.Parent) && !_made.Contains(path);
        Errno errno = isNew ? Errno.NoEntry : root.TryOpenFolder(path.Bytes, out folder);
        if (errno == Errno.NoEntry && !path.IsEmpty)
        {
            errno = TryMake(path, out folder);
        }

        if (errno == Errno.None)
        {
            if (_open.Count >= MaxOpen)
            {
                CloseAll();
            }

            _open.Add(path, folder!); // set whenever the call did not fail
        }

        return errno;
    }

    /// <summary>Notes that names in the folder changed.</summary>
    public void Touch(SafeRelativePath folder) => _touched.Add(folder);

    /// <summary>Flushes every touched folder. An error is final for the transfer.</summary>
    public Errno Flush()
    {
        Errno result = Errno.None;
        if (_touched.Count == 0)
        {
            return result;
        }

        // The first time everything: a process before us may have made folders on the way and died before it flushed them.
        if (_touched.Count > FlushEachUpTo || !_hasFlushedAll)
        {
            result = root.TryFlushFileSystem();
            _hasFlushedAll = result == Errno.None;
        }
        else
        {
            foreach (SafeRelativePath path in _touched)
            {
                bool held = _open.TryGetValue(path, out FolderHandle? folder);
                Errno errno = held ? Errno.None : root.TryOpenFolder(path.Bytes, out folder);
                if (errno == Errno.None)
                {
                    errno = folder!.TryFlush(); // set whenever the call did not fail
                }

                // A folder that a person removed meanwhile has nothing left to flush.
                else if (errno is Errno.NoEntry or Errno.NotAFolder or Errno.TooManySymbolicLinks)
                {
                    errno = Errno.None;
                }

                if (!held)
                {
                    folder?.Dispose();
                }

                result = result == Errno.None ? errno : result;
            }
        }

        _touched.Clear();
        CloseAll();
        return result;
    }

    /// <summary>Forgets the touched folders without a flush.</summary>
    public void Release()
    {
        _touched.Clear();
        CloseAll();
    }

    /// <inheritdoc/>
    public void Dispose() => CloseAll();

    private Errno TryMake(SafeRelativePath path, out FolderHandle? folder)
    {
        folder = null;
        Errno errno = TryOpen(path.Parent, out FolderHandle? parent);
        if (errno != Errno.None)
        {
            return errno;
        }

        errno = parent!.TryCreateFolder(path.Name, modeOf(path)); // set whenever the call did not fail
        if (errno == Errno.None)
        {
            if (_made.Count >= MaxMade)
            {
                _made.Clear();
            }

            _made.Add(path);
        }

        if (errno is Errno.None or Errno.Exists)
        {
            _touched.Add(path.Parent);
            errno = root.TryOpenFolder(path.Bytes, out folder);
        }

        return errno;
    }

    private void CloseAll()
    {
        foreach (FolderHandle folder in _open.Values)
        {
            folder.Dispose();
        }

        _open.Clear();
    }
}
