namespace ClusterTransfer.Wire.Manifests;

/// <summary>What an entry of the manifest is. The numbers are the wire form.</summary>
public enum EntryKind : byte
{
    /// <summary>A regular file.</summary>
    File = 1,

    /// <summary>A folder.</summary>
    Folder = 2,

    /// <summary>A symbolic link, transferred as a link.</summary>
    SymbolicLink = 3,
}
