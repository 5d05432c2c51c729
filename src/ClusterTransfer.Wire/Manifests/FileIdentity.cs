namespace ClusterTransfer.Wire.Manifests;

/// <summary>What tells the source that a file is still the one it scanned; compared after the last read and at resume.</summary>
/// <param name="Device">Number of the file system.</param>
/// <param name="Inode">Number of the file in it.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedNs">Time of the last change of content, nanoseconds since 1970 UTC.</param>
/// <param name="ChangedNs">Time of the last change of content or metadata, nanoseconds since 1970 UTC.</param>
public readonly record struct FileIdentity(ulong Device, ulong Inode, long Size, long ModifiedNs, long ChangedNs);
