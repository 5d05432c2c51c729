using System.Runtime.InteropServices;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Locations;

/// <summary>Whether staged files of one location are written past the page cache; the first refusal ends it for good and is told. Thread-safe.</summary>
internal sealed unsafe class DirectWrites(bool isOn, Action<string>? onRefused)
{
    /// <summary>What memory, offset and length must be multiples of. Disks with larger sectors refuse, which is found out by the first write.</summary>
    public const int Block = 4096;

    // Each direct write waits for the disk; a small one would wait longer than the copy into the page cache takes.
    private const int Least = 1024 * 1024;

    private int _isOn = isOn ? 1 : 0;

    public bool IsOn => Volatile.Read(ref _isOn) != 0;

    /// <summary>Whether an error says that this file system, or this disk, takes no direct writes.</summary>
    public static bool IsRefusal(Errno errno) => errno is Errno.Invalid or Errno.NotSupported;

    /// <summary>Whether a file is long enough to have a chunk that is written so.</summary>
    public static bool IsWorth(long size) => size >= Least;

    /// <summary>How many of the first bytes may be written so; 0 when none, also where memory or offset do not lie on a block.</summary>
    public static int WholeBlocks(ReadOnlySpan<byte> bytes, long offset)
    {
        fixed (byte* start = bytes)
        {
            bool isAligned = ((nuint)start | (nuint)offset) % Block == 0;
            return bytes.Length >= Least && isAligned ? bytes.Length - (bytes.Length % Block) : 0;
        }
    }

    /// <summary>Everything is written through the page cache from now on.</summary>
    public void Refuse(Errno errno, NativeHandle on)
    {
        if (Interlocked.Exchange(ref _isOn, 0) != 0)
        {
            onRefused?.Invoke($"The file system of '{on.Display}' refuses to write past it ({errno.Text()}).");
        }
    }

    /// <summary>Tries a block in a file of that name, which is there; a refusal turns it off.</summary>
    /// <exception cref="NativeException">The file system failed otherwise.</exception>
    public void Probe(FolderHandle folder, ReadOnlySpan<byte> name)
    {
        if (!IsOn)
        {
            return;
        }

        Errno errno = folder.TryOpenDirect(name, out FileHandle? file);
        using (file)
        {
            if (file is not null)
            {
                errno = WriteBlock(file);
            }

            if (IsRefusal(errno))
            {
                Refuse(errno, folder);
                return;
            }

            errno.OrThrow("write past the page cache to", folder, name);
        }
    }

    private static Errno WriteBlock(FileHandle file)
    {
        void* block = NativeMemory.AlignedAlloc(Block, Block);
        try
        {
            NativeMemory.Clear(block, Block);
            return file.TryWriteDirect(new ReadOnlySpan<byte>(block, Block), 0, out _);
        }
        finally
        {
            NativeMemory.AlignedFree(block);
        }
    }
}
