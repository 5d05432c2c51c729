using ClusterTransfer.Model;
using ClusterTransfer.Storage.Locations;

namespace ClusterTransfer.Node.Configuration;

/// <summary>A folder this node serves; section <c>locations.NAME</c>.</summary>
/// <param name="Name">Its name, unique in the cluster.</param>
/// <param name="Folder">Absolute path of the folder; must exist when the node starts, and must not lie in another location.</param>
public sealed record LocationEntry(LocationName Name, string Folder)
{
    /// <summary>Whether it can only be read; nothing at all is then written in it. Default false.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>How large files are written. Default <see cref="WriteMode.Direct"/>.</summary>
    public WriteMode Writes { get; init; } = WriteMode.Direct;
}
