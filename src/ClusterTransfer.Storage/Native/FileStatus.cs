namespace ClusterTransfer.Storage.Native;

/// <summary>Which kind of thing a name stands for.</summary>
internal enum FileKind
{
    /// <summary>A socket, pipe, device or something newer: not copyable.</summary>
    Special,

    /// <summary>A regular file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link itself.</summary>
    SymbolicLink,
}

/// <summary>What statx says of a file. Times are nanoseconds since 1970, UTC; <paramref name="BornNs"/> is 0 where the file system does not keep it.</summary>
/// <param name="Kind">File, folder, link or something else.</param>
/// <param name="Mode">The 07777 bits.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Device">Device number, major in the upper half.</param>
/// <param name="Inode">Inode number.</param>
/// <param name="Links">Number of hard links.</param>
/// <param name="Owner">User id of the owner.</param>
/// <param name="ModifiedNs">Last change of the content.</param>
/// <param name="ChangedNs">Last change of content or metadata; nobody can set it.</param>
/// <param name="BornNs">Creation.</param>
/// <param name="AllocatedBytes">Bytes that the file system keeps for it.</param>
internal readonly record struct FileStatus(
    FileKind Kind, int Mode, long Size, ulong Device, ulong Inode, uint Links, uint Owner, long ModifiedNs, long ChangedNs, long BornNs, long AllocatedBytes)
{
    /// <summary>All fields that are used, birth time included.</summary>
    internal const uint WantedMask = 0x7ff | BornMask;

    private const uint BornMask = 0x800;

    internal static FileStatus From(in StatXBuffer buffer) => new(
        (buffer.Mode & 0xf000) switch { 0x8000 => FileKind.File, 0x4000 => FileKind.Folder, 0xa000 => FileKind.SymbolicLink, _ => FileKind.Special },
        buffer.Mode & 0xfff,
        checked((long)buffer.Size),
        ((ulong)buffer.DeviceMajor << 32) | buffer.DeviceMinor,
        buffer.Inode,
        buffer.Links,
        buffer.Owner,
        ToNs(buffer.ModifiedSeconds, buffer.ModifiedNanoseconds),
        ToNs(buffer.ChangedSeconds, buffer.ChangedNanoseconds),
        (buffer.Mask & BornMask) == 0 ? 0 : ToNs(buffer.BornSeconds, buffer.BornNanoseconds),
        checked((long)buffer.Blocks * 512));

    // A file system may hold any 64 bits as seconds; beyond the years 1678 to 2262 the nearest representable time is taken.
    private static long ToNs(long seconds, uint nanoseconds) =>
        (long)Int128.Clamp(((Int128)seconds * 1_000_000_000) + nanoseconds, long.MinValue, long.MaxValue);
}
