using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Wire.Hashing;

namespace ClusterTransfer.Storage.Outgoing.State;

/// <summary>Which round this source has seen, and in which one the manifest in use was scanned; replaced in one step and flushed before it counts.</summary>
/// <param name="Round">How often the ended transfer was taken up again.</param>
/// <param name="Manifest">The round whose scan is in use; 0 for the first.</param>
/// <remarks>magic u32 | round u32 | manifest u32 | CRC32C of both u32; little-endian. Each scan has files of its own name, so that this one step puts the new
/// scan in place of the old one; what is left of the old one goes at the next opening.</remarks>
internal readonly record struct RoundFile(int Round, int Manifest)
{
    private const uint Magic = 0x4452_5443; // "CTRD"
    private const int Length = 16;

    /// <summary>Name of the scan's log.</summary>
    public byte[] ScanName => NameOf("scan", "log", Manifest);

    /// <summary>Name of the chunk digests.</summary>
    public byte[] DigestsName => NameOf("digests", "bin", Manifest);

    /// <summary>Name of the log of files given up because of a chunk: a round begins without any.</summary>
    public byte[] ParkedName => NameOf("parked", "log", Round);

    private static ReadOnlySpan<byte> Name => "round"u8;

    private static ReadOnlySpan<byte> NewName => "round.new"u8;

    /// <summary>Reads it, takes up a higher round, and removes what an earlier manifest left.</summary>
    /// <exception cref="ClusterTransferException">The file is damaged.</exception>
    public static RoundFile Open(FolderHandle folder, int round, bool rescan)
    {
        RoundFile known = Read(folder);
        if (round > known.Round)
        {
            known = new RoundFile(round, rescan ? round : known.Manifest);
            known.Write(folder);
        }

        known.RemoveOthers(folder);
        return known;
    }

    private static RoundFile Read(FolderHandle folder)
    {
        Errno errno = folder.TryOpenFile(Name, out FileHandle? file);
        if (errno == Errno.NoEntry)
        {
            return default;
        }

        errno.OrThrow("open", folder, Name);
        using (file)
        {
            Span<byte> bytes = stackalloc byte[Length];
            var read = new RoundFile();
            bool isSound = file!.Read(bytes, 0) == Length // open when there was no error
                && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Magic
                && BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) == Crc32C.Compute(bytes[..12]);
            if (isSound)
            {
                read = new RoundFile(BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]));
            }

            // Without it a page of an old scan could not be told from one of the scan in use.
            return isSound && read.Manifest >= 0 && read.Round >= read.Manifest
                ? read
                : throw new ClusterTransferException(Reason.DiskError, $"'{file.Display}' is damaged. Cancel this transfer and submit it again.");
        }
    }

    private void Write(FolderHandle folder)
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], Round);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], Manifest);
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

    private void RemoveOthers(FolderHandle folder)
    {
        byte[] scan = ScanName;
        byte[] digests = DigestsName;
        byte[] parked = ParkedName;
        List<byte[]> others = [];
        folder.List(name =>
        {
            if ((name.StartsWith("scan"u8) && !name.SequenceEqual(scan)) || (name.StartsWith("digests"u8) && !name.SequenceEqual(digests))
                || (name.StartsWith("parked"u8) && !name.SequenceEqual(parked)))
            {
                others.Add(name.ToArray());
            }
        });
        others.ForEach(name => folder.TryRemoveFile(name).OrThrow("remove", folder, name));
    }

    private static byte[] NameOf(string stem, string ending, int round) =>
        Encoding.ASCII.GetBytes(round == 0 ? $"{stem}.{ending}" : string.Create(CultureInfo.InvariantCulture, $"{stem}-{round}.{ending}"));
}
