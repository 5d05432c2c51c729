using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>An open staged file, lent to one or more writers.</summary>
internal sealed class StagedFile(uint entry, DirectWrites directWrites) : IDisposable
{
    public uint Entry { get; } = entry;

    /// <summary>Set while the file is lent.</summary>
    public FileHandle? Handle { get; set; }

    /// <summary>Opened past the page cache; null when the file is too short for that, or its file system refuses.</summary>
    public FileHandle? Direct { get; set; }

    /// <summary>Whether bytes were written since the last flush began.</summary>
    public volatile bool IsDirty;

    /// <summary>Writers that hold it; guarded by <see cref="StagedFiles"/>.</summary>
    public int Lent { get; set; }

    /// <summary>Writes everything: whole blocks past the page cache where that can be, the rest through it. The two never meet in one block of a chunk
    /// unless the first write stopped within it, and then they come one after the other.</summary>
    public Errno TryWrite(ReadOnlySpan<byte> bytes, long offset)
    {
        int written = 0;
        if (Direct is { } direct && directWrites.IsOn && DirectWrites.WholeBlocks(bytes, offset) is > 0 and int length)
        {
            Errno errno = direct.TryWriteDirect(bytes[..length], offset, out written);
            if (DirectWrites.IsRefusal(errno))
            {
                directWrites.Refuse(errno, direct);
            }
            else if (errno != Errno.None || written == bytes.Length)
            {
                return errno;
            }
        }

        return Handle!.TryWrite(bytes[written..], offset + written); // set while the file is lent
    }

    /// <summary>Closes it.</summary>
    public void Dispose()
    {
        Direct?.Dispose();
        Handle?.Dispose();
    }
}
