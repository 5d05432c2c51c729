using ClusterTransfer.Storage.Native;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Outgoing.Reading;

/// <summary>How a file relates to the one that was scanned.</summary>
internal enum SourceIdentity
{
    /// <summary>In every respect the same.</summary>
    Same,

    /// <summary>Only its change time differs: a new mode, name or link, or a rewrite whose modification time was set back. Its bytes must be compared.</summary>
    ChangeTimeOnly,

    /// <summary>Another file, another size or newer content.</summary>
    Different,
}

/// <summary>Compares a held handle with the manifest (design DEC-13).</summary>
internal static class SourceIdentities
{
    /// <summary>Compares.</summary>
    public static SourceIdentity Compare(in FileIdentity scanned, in FileStatus now)
    {
        if (now.Kind != FileKind.File || now.Device != scanned.Device || now.Inode != scanned.Inode
            || now.Size != scanned.Size || now.ModifiedNs != scanned.ModifiedNs)
        {
            return SourceIdentity.Different;
        }

        return now.ChangedNs == scanned.ChangedNs ? SourceIdentity.Same : SourceIdentity.ChangeTimeOnly;
    }

    /// <summary>What differs, as the end of a sentence about the file.</summary>
    public static string Describe(in FileIdentity scanned, in FileStatus now) => now switch
    {
        { Kind: not FileKind.File } => "is no regular file any more",
        _ when now.Device != scanned.Device || now.Inode != scanned.Inode => "was replaced by another file after the scan",
        _ when now.Size != scanned.Size => $"had {scanned.Size} bytes when it was scanned and has {now.Size} now",
        _ => "was written to after the scan",
    };
}
