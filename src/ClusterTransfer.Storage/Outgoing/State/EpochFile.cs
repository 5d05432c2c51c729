using System.Buffers.Binary;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Wire.Hashing;

namespace ClusterTransfer.Storage.Outgoing.State;

/// <summary>The highest epoch this source has seen, replaced in one step and flushed before it counts.</summary>
/// <remarks>magic u32 | epoch u64 | CRC32C of both u32; little-endian. A damaged file is refused: without it an old coordinator could not be told from a new one.</remarks>
internal static class EpochFile
{
    private const uint Magic = 0x5045_5443; // "CTEP"
    private const int Length = 16;

    private static ReadOnlySpan<byte> Name => "epoch"u8;

    private static ReadOnlySpan<byte> NewName => "epoch.new"u8;

    /// <summary>Reads it; <see cref="Epoch.None"/> when there is none yet.</summary>
    public static Epoch Read(FolderHandle folder)
    {
        Errno errno = folder.TryOpenFile(Name, out FileHandle? file);
        if (errno == Errno.NoEntry)
        {
            return Epoch.None;
        }

        errno.OrThrow("open", folder, Name);
        using (file)
        {
            Span<byte> bytes = stackalloc byte[Length];
            return file!.Read(bytes, 0) == Length
                && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Magic
                && BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) == Crc32C.Compute(bytes[..12])
                ? Epoch.FromUInt64(BinaryPrimitives.ReadUInt64LittleEndian(bytes[4..]))
                : throw new ClusterTransferException(Reason.DiskError, $"'{file.Display}' is damaged. Cancel this transfer and submit it again.");
        }
    }

    /// <summary>Replaces it; durable when this returns.</summary>
    public static void Write(FolderHandle folder, Epoch epoch)
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[4..], epoch.ToUInt64());
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], Crc32C.Compute(bytes[..12]));
        _ = folder.TryRemoveFile(NewName); // a leftover of a crash; creating it again tells when it could not be removed
        using (FileHandle file = folder.CreateFile(NewName, 0x180))
        {
            file.Write(bytes, 0);
            file.Flush();
        }

        folder.TryRenameReplace(NewName, folder, Name).OrThrow("replace", folder, Name);
        folder.Flush();
    }
}
