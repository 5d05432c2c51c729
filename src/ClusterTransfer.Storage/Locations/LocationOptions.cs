using ClusterTransfer.Model;

namespace ClusterTransfer.Storage.Locations;

/// <summary>A folder that a node serves; HOCON section <c>cluster-transfer.locations.NAME</c>.</summary>
/// <param name="Name">Name of the location, unique in the cluster.</param>
/// <param name="Folder">Absolute path of an existing folder; links in it are followed, as they are the operator's.</param>
/// <param name="ReadOnly">Only a source: nothing is written in it, not even a lock.</param>
public sealed record LocationOptions(LocationName Name, string Folder, bool ReadOnly)
{
    /// <summary>How large files are written. Default <see cref="WriteMode.Direct"/>.</summary>
    public WriteMode Writes { get; init; } = WriteMode.Direct;
}
