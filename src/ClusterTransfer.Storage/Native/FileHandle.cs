namespace ClusterTransfer.Storage.Native;

/// <summary>An open file. Reads and writes name their offset, so that any number of threads can share one handle.</summary>
internal sealed unsafe class FileHandle : NativeHandle
{
    // Handles never wait, so a file system in user space may answer "try again". One that always does must not hold us for ever.
    private const int MaxTryAgain = 100;

    // What a disk without larger blocks writes at least, and stops at; only simulations ask for less than all.
    private const int Sector = 512;

    internal FileHandle(nint handle, string folder, ReadOnlySpan<byte> name)
        : base(handle, folder, name)
    {
    }

    /// <summary>Reads until the buffer is full or the file ends.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="offset">First byte in the file.</param>
    /// <param name="length">Bytes read, also when an error came after some.</param>
    public Errno TryRead(Span<byte> buffer, long offset, out int length)
    {
        length = 0;
        if (NativeCalls.Before(NativeCall.Read, this) is var refused && refused != Errno.None)
        {
            return refused;
        }

        int again = 0;
        fixed (byte* start = buffer)
        {
            while (length < buffer.Length)
            {
                nint wanted = NativeCalls.Transfer(NativeCall.Read, this, buffer.Length - length);
                nint count = wanted < 0 ? wanted : Libc.PRead(this, start + length, (nuint)wanted, offset + length);
                Errno errno = wanted < 0 ? (Errno)(-wanted) : Check(count);
                if (IsToBeRepeated(errno, ref again))
                {
                    continue;
                }

                if (errno != Errno.None || count == 0)
                {
                    return errno;
                }

                length += (int)count;
                again = 0;
            }
        }

        return Errno.None;
    }

    /// <summary>Reads until the buffer is full or the file ends.</summary>
    /// <returns>Bytes read; less than asked for only at the end of the file.</returns>
    /// <exception cref="NativeException">The file system failed.</exception>
    public int Read(Span<byte> buffer, long offset)
    {
        TryRead(buffer, offset, out int length).OrThrow("read", this);
        return length;
    }

    /// <summary>Writes everything.</summary>
    public Errno TryWrite(ReadOnlySpan<byte> bytes, long offset) => TryWrite(bytes, offset, grain: 1, out _);

    /// <summary>Writes whole blocks through a handle that was opened for it, see <see cref="FolderHandle.TryOpenDirect"/>.</summary>
    /// <param name="blocks">Memory and length on <see cref="Locations.DirectWrites.Block"/>.</param>
    /// <param name="offset">On a block too.</param>
    /// <param name="written">Whole blocks written, also when an error came after some. Less than all without an error when the kernel stopped within a block.</param>
    public Errno TryWriteDirect(ReadOnlySpan<byte> blocks, long offset, out int written) => TryWrite(blocks, offset, Locations.DirectWrites.Block, out written);

    private Errno TryWrite(ReadOnlySpan<byte> bytes, long offset, int grain, out int written)
    {
        written = 0;
        if (NativeCalls.Before(NativeCall.Write, this) is var refused && refused != Errno.None)
        {
            return refused;
        }

        int again = 0;
        fixed (byte* start = bytes)
        {
            while (written < bytes.Length)
            {
                nint wanted = NativeCalls.Transfer(NativeCall.Write, this, bytes.Length - written);
                wanted = grain == 1 || wanted < 0 ? wanted : nint.Max(Sector, wanted - (wanted % Sector));
                nint count = wanted < 0 ? wanted : Libc.PWrite(this, start + written, (nuint)wanted, offset + written);
                Errno errno = wanted < 0 ? (Errno)(-wanted) : Check(count);
                if (IsToBeRepeated(errno, ref again))
                {
                    continue;
                }

                if (errno != Errno.None)
                {
                    return errno;
                }

                // POSIX knows no write of nothing without an error; a broken file system must not become an endless loop.
                if (count == 0)
                {
                    return Errno.InputOutput;
                }

                written += (int)(count - (count % grain));
                again = 0;
                if (count % grain != 0)
                {
                    return Errno.None;
                }
            }
        }

        return Errno.None;
    }

    /// <summary>Writes everything.</summary>
    /// <exception cref="NativeException">The file system failed; some bytes may be written.</exception>
    public void Write(ReadOnlySpan<byte> bytes, long offset) => TryWrite(bytes, offset).OrThrow("write", this);

    /// <summary>Reserves blocks for the first bytes and extends the file to that size; finds a full disk early.</summary>
    /// <returns><see cref="Errno.NotSupported"/> where the file system cannot.</returns>
    public Errno TryAllocate(long length) => TryAllocate(0, length);

    /// <summary>Reserves blocks for a range and extends the file to its end; the same answers.</summary>
    public Errno TryAllocate(long offset, long length)
    {
        Errno fault = NativeCalls.Before(NativeCall.Allocate, this);
        return length == 0 || fault != Errno.None
            ? fault
            : Repeat((File: this, Offset: offset, Length: length), static a => Libc.FAllocate(a.File, 0, a.Offset, a.Length));
    }

    /// <summary>Gives the blocks of a range back to the disk; it reads as zeros from then on and the size stays.</summary>
    /// <returns><see cref="Errno.NotSupported"/> where the file system cannot.</returns>
    public Errno TryPunch(long offset, long length)
    {
        const int keepSizeAndPunch = 1 | 2;
        return Repeat((File: this, Offset: offset, Length: length), static a => Libc.FAllocate(a.File, keepSizeAndPunch, a.Offset, a.Length));
    }

    /// <summary>Finds the first byte at or after an offset that the file stores; where a file system does not tell, every byte is stored.</summary>
    /// <param name="offset">Where to begin, below the file's size.</param>
    /// <param name="data">Its offset; <see cref="long.MaxValue"/> when there is only a hole up to the end.</param>
    public Errno TryFindData(long offset, out long data)
    {
        const int seekData = 3;
        const Errno nothingFollows = (Errno)6; // ENXIO
        data = Libc.LSeek(this, offset, seekData);
        Errno errno = Check((nint)data);
        if (errno == nothingFollows)
        {
            data = long.MaxValue;
            return Errno.None;
        }

        return errno;
    }

    /// <summary>Cuts or extends the file to a size.</summary>
    public void SetLength(long length)
    {
        NativeCalls.Before(NativeCall.Resize, this).OrThrow("resize", this);
        Repeat((File: this, Length: length), static a => Libc.FTruncate(a.File, a.Length)).OrThrow("resize", this);
    }

    /// <summary>Flushes content and the size, not times. An error is final, as with <see cref="NativeHandle.TryFlush"/>.</summary>
    public Errno TryFlushData()
    {
        Errno injected = NativeCalls.Note(NativeCall.FlushData, this);
        return injected != Errno.None ? injected : Repeat(this, static handle => Libc.FDataSync(handle));
    }

    /// <summary>Flushes content and the size, not times.</summary>
    /// <exception cref="NativeException">As <see cref="TryFlushData"/>.</exception>
    public void FlushData() => TryFlushData().OrThrow("flush", this);

    // A signal came before the first byte, or the file system was not ready.
    private static bool IsToBeRepeated(Errno errno, ref int again)
    {
        if (errno == Errno.TryAgain && ++again <= MaxTryAgain)
        {
            Thread.Yield();
            return true;
        }

        return errno == Errno.Interrupted;
    }

    /// <summary>Asks the kernel to forget flushed pages, so that the next read comes from the disk. Advice: a refusal changes nothing.</summary>
    public void DropCache()
    {
        const int dontNeed = 4;
        NativeCalls.Note(NativeCall.DropCache, this);
        _ = Libc.FAdvise(this, 0, 0, dontNeed);
    }

    /// <summary>Tells the kernel that the file is read from front to back. Advice: a refusal changes nothing.</summary>
    public void AdviseSequential()
    {
        const int sequential = 2;
        _ = Libc.FAdvise(this, 0, 0, sequential);
    }
}
