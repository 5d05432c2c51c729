using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>What a name at the destination stands for now.</summary>
internal enum Occupant
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A file, link or anything that is no folder.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A file or link stands where a folder of its path must be.</summary>
    BlockedAbove,
}

/// <summary>Looks up many names in the order of the manifest, holding one folder open. Follows no link.</summary>
internal sealed class DestinationProbe(FolderHandle root) : IDisposable
{
    private SafeRelativePath? _parent;
    private FolderHandle? _folder;
    private Errno _error;

    // The uppermost folder that is not there: nothing beneath it is.
    private SafeRelativePath? _missing;

    /// <summary>What has the name.</summary>
    /// <exception cref="NativeException">The file system failed.</exception>
    public Occupant Find(SafeRelativePath path, out FileStatus status)
    {
        status = default;
        SafeRelativePath parent = path.Parent;
        if (!parent.Equals(_parent))
        {
            _folder?.Dispose();
            _folder = null;
            _error = _missing is not null && parent.IsWithin(_missing) ? Errno.NoEntry : Open(parent);
            _parent = parent;
        }

        switch (_error)
        {
            case Errno.None:
                break;
            case Errno.NoEntry:
                return Occupant.None;
            case Errno.NotAFolder or Errno.TooManySymbolicLinks:
                return Occupant.BlockedAbove;
            default:
                _error.OrThrow("open the folder", root, parent.Bytes);
                break;
        }

        Errno errno = _folder!.TryStatus(path.Name, out status); // open when there was no error
        if (errno == Errno.NoEntry)
        {
            return Occupant.None;
        }

        errno.OrThrow("look up", _folder!, path.Name);
        return status.Kind == FileKind.Folder ? Occupant.Folder : Occupant.File;
    }

    private Errno Open(SafeRelativePath parent)
    {
        Errno errno = root.TryOpenFolder(parent.Bytes, out _folder);
        for (SafeRelativePath above = parent; errno == Errno.NoEntry && !above.IsEmpty; above = above.Parent)
        {
            _missing = above;
            Errno found = root.TryOpenFolder(above.Parent.Bytes, out FolderHandle? folder);
            folder?.Dispose();
            if (found != Errno.NoEntry)
            {
                break;
            }
        }

        return errno;
    }

    /// <inheritdoc/>
    public void Dispose() => _folder?.Dispose();
}
