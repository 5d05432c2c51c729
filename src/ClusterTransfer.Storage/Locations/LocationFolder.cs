using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Locations;

/// <summary>Where a configured folder really is: its path without links, and the identity of it and of every folder above it.</summary>
/// <remarks>The identities find a folder that is seen under two paths, such as a bind mount of the same folder. A bind mount of a folder's
/// subfolder elsewhere is not found: the kernel does not say what is above it on its own file system.</remarks>
internal sealed class LocationFolder
{
    private readonly string _path;
    private readonly List<(ulong Device, ulong Inode)> _upwards = [];

    private LocationFolder(LocationOptions options, string path)
    {
        Options = options;
        _path = path;
    }

    /// <summary>What was configured.</summary>
    public LocationOptions Options { get; }

    /// <summary>The configured folder without links.</summary>
    /// <exception cref="NativeException">It does not exist.</exception>
    /// <exception cref="ClusterTransferException">It is not absolute.</exception>
    public static string Resolve(LocationOptions options) => Path.IsPathRooted(options.Folder)
        ? NativePath.Canonical(options.Folder)
        : throw new ClusterTransferException(Reason.InvalidRequest, $"the folder must be an absolute path. Correct locations.{options.Name}.folder.");

    /// <summary>Finds the folder; one that does not exist is compared by its text only, as it will not be served.</summary>
    public static LocationFolder Find(LocationOptions options)
    {
        try
        {
            var found = new LocationFolder(options, Resolve(options));
            found.CollectUpwards();
            return found;
        }
        catch (Exception error) when (error is NativeException or ClusterTransferException)
        {
            return new LocationFolder(options, Path.GetFullPath(options.Folder, "/"));
        }
    }

    /// <summary>Whether the other folder is this one or lies beneath it.</summary>
    public bool Contains(LocationFolder other)
    {
        string prefix = _path.EndsWith('/') ? _path : _path + "/";
        return other._path == _path || other._path.StartsWith(prefix, StringComparison.Ordinal)
            || (_upwards.Count > 0 && other._upwards.Contains(_upwards[0]));
    }

    private void CollectUpwards()
    {
        for (string? path = _path; path is not null; path = Path.GetDirectoryName(path))
        {
            // A folder above may be closed to us: then only its path is compared.
            try
            {
                using FolderHandle folder = FolderHandle.OpenAbsolute(path);
                FileStatus status = folder.Status();
                _upwards.Add((status.Device, status.Inode));
            }
            catch (NativeException) when (_upwards.Count > 0)
            {
                // Compared by path alone, as said above.
            }
        }
    }
}
