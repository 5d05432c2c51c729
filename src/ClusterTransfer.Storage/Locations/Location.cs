using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Locations;

/// <summary>An open location: the handle beneath which its files are reached, and for a writable one its lock and staging folder.</summary>
/// <remarks>Thread-safe. The lock is held until disposal. Handles are lent to transfers, which must end before.</remarks>
public sealed class Location : IDisposable
{
    private readonly FileHandle? _lock;
    private readonly FolderHandle? _staging;
    private readonly FileStatus? _stagingStatus;

    private Location(LocationOptions options, string folder, FolderHandle root, StagingFolder? staging)
    {
        Name = options.Name;
        ReadOnly = options.ReadOnly;
        Folder = folder;
        Root = root;
        _lock = staging?.Lock;
        _staging = staging?.Folder;
        _stagingStatus = _staging?.Status();
        DirectWrites = staging?.DirectWrites;
    }

    /// <summary>Name of the location.</summary>
    public LocationName Name { get; }

    /// <summary>Whether it is only a source.</summary>
    public bool ReadOnly { get; }

    /// <summary>How large files are written: as configured, unless the file system refused.</summary>
    public WriteMode Writes => DirectWrites is { IsOn: true } ? WriteMode.Direct : WriteMode.Buffered;

    /// <summary>Absolute path of the folder without links; for messages, never to open anything with.</summary>
    public string Folder { get; }

    /// <summary>The location itself.</summary>
    internal FolderHandle Root { get; }

    /// <summary>Whether its staged files are written past the page cache; null when it is read-only.</summary>
    internal DirectWrites? DirectWrites { get; }

    /// <summary>The private folder <c>.clustertransfer</c> on the same mount.</summary>
    /// <exception cref="ClusterTransferException">The location is read-only.</exception>
    internal FolderHandle Staging => _staging ?? throw new ClusterTransferException(
        Reason.DestinationNotWritable, $"Location {Name} is read-only on this node.");

    /// <summary>Opens the folder, takes its lock and proves that files can be written, flushed and renamed into it.</summary>
    /// <param name="options">Which folder, and how it is used.</param>
    /// <param name="onBuffered">Told why, once, when files are written through the page cache though <see cref="WriteMode.Direct"/> was asked for; from any thread.</param>
    /// <exception cref="ClusterTransferException">It cannot be served; the text names location, folder and remedy.</exception>
    public static Location Open(LocationOptions options, Action<string>? onBuffered = null)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Locations need Linux: files are reached by openat2, for which other systems have no equal yet.");
        }

        FolderHandle? root = null;
        StagingFolder? staging = null;
        try
        {
            string folder = LocationFolder.Resolve(options);
            root = FolderHandle.OpenAbsolute(folder);
            staging = options.ReadOnly ? null : StagingFolder.Open(root, new DirectWrites(options.Writes == WriteMode.Direct, onBuffered));
            return new Location(options, folder, root, staging);
        }
        catch (NativeException error)
        {
            staging?.Dispose();
            root?.Dispose();
            throw new ClusterTransferException(LocationProblems.Describe(options, error), error);
        }
        catch (ClusterTransferException error)
        {
            staging?.Dispose();
            root?.Dispose();
            throw new ClusterTransferException(error.Reason, $"Location {options.Name} ({options.Folder}): {error.Message}", error);
        }
    }

    /// <summary>Whether an address in this location may name this path; the location's own staging folder may not be named.</summary>
    /// <returns>Null, or why it is refused.</returns>
    public Problem? Refuse(SafeRelativePath path) =>
        ReservedNames.IsReserved(path) ? new Problem(Reason.NotPermitted, $"{Name}:{path} belongs to ClusterTransfer itself and cannot be named.") : null;

    /// <summary>Whether a name directly in the location is hidden from scans: our own staging folder, under whatever name it is seen.</summary>
    internal bool IsHidden(ReadOnlySpan<byte> name, in FileStatus status) =>
        ReservedNames.IsExactly(name) || (_stagingStatus is { } own && own.Device == status.Device && own.Inode == status.Inode);

    /// <inheritdoc/>
    public void Dispose()
    {
        _staging?.Dispose();
        if (_lock is { IsClosed: false })
        {
            _lock.Unlock();
            _lock.Dispose();
        }

        Root.Dispose();
    }
}
