using System.Runtime.InteropServices;
using ClusterTransfer.Model;
using Microsoft.Win32.SafeHandles;

namespace ClusterTransfer.Storage.Native;

/// <summary>An open file or folder. Closed on exec; operations that need a name below it take single names, never paths with links.</summary>
internal abstract unsafe class NativeHandle : SafeHandleMinusOneIsInvalid
{
    private const int EmptyPath = 0x1000;
    private readonly string _folder;
    private readonly byte[] _name;

    /// <summary>Takes ownership of an open handle.</summary>
    protected NativeHandle(nint handle, string folder, ReadOnlySpan<byte> name)
        : base(ownsHandle: true)
    {
        SetHandle(handle);
        _folder = folder;
        _name = name.ToArray();
        NativeCalls.Opened(this);
    }

    /// <summary>Absolute path it was opened with, escaped for showing; only ever a text.</summary>
    public string Display => _name.Length == 0 ? _folder : $"{_folder}/{PathText.Escape(_name)}";

    /// <summary>The display path of a name beneath.</summary>
    public string Describe(ReadOnlySpan<byte> name) => name.IsEmpty ? Display : $"{Display}/{PathText.Escape(name)}";

    /// <summary>What the held file is now.</summary>
    /// <exception cref="NativeException">The file system failed.</exception>
    public FileStatus Status()
    {
        byte empty = 0;
        StatXBuffer buffer = default;
        Check(Libc.StatX(this, &empty, EmptyPath, FileStatus.WantedMask, &buffer)).OrThrow("read the status of", this);
        return NativeCalls.Seen(FileStatus.From(buffer));
    }

    /// <summary>Flushes content and metadata. An error is final: what was written may be gone, so never call again and believe it.</summary>
    public Errno TryFlush()
    {
        Errno injected = NativeCalls.Note(NativeCall.Flush, this);
        return injected != Errno.None ? injected : Repeat(this, static handle => Libc.FSync(handle));
    }

    /// <summary>Flushes content and metadata.</summary>
    /// <exception cref="NativeException">As <see cref="TryFlush"/>.</exception>
    public void Flush() => TryFlush().OrThrow("flush", this);

    /// <summary>Flushes everything of the file system this lies on.</summary>
    public Errno TryFlushFileSystem()
    {
        Errno injected = NativeCalls.Note(NativeCall.FlushFileSystem, this);
        return injected != Errno.None ? injected : Repeat(this, static handle => Libc.SyncFs(handle));
    }

    /// <summary>Sets the 07777 bits.</summary>
    public void SetMode(int mode)
    {
        NativeCalls.Before(NativeCall.SetAttributes, this).OrThrow("set the mode of", this);
        Repeat((Handle: this, Mode: (uint)mode & 0xfff), static a => Libc.FChMod(a.Handle, a.Mode)).OrThrow("set the mode of", this);
    }

    /// <summary>Sets the modification time, in nanoseconds since 1970; the access time stays.</summary>
    public void SetModified(long modifiedNs)
    {
        NativeCalls.Before(NativeCall.SetAttributes, this).OrThrow("set the time of", this);
        Repeat((Handle: this, ModifiedNs: modifiedNs), static a =>
        {
            TimeSpec* times = stackalloc TimeSpec[2];
            FillTimes(times, a.ModifiedNs);
            return Libc.FUTimeNs(a.Handle, times);
        }).OrThrow("set the time of", this);
    }

    /// <summary>Takes the exclusive advisory lock without waiting.</summary>
    /// <returns>False when another open file, in this or another process, holds it.</returns>
    public bool TryLock()
    {
        const int exclusiveWithoutWaiting = 2 | 4;
        Errno errno = Repeat(this, static handle => Libc.FLock(handle, exclusiveWithoutWaiting));
        if (errno == Errno.TryAgain)
        {
            return false;
        }

        errno.OrThrow("lock", this);
        return true;
    }

    /// <summary>Gives the lock back at once. Closing alone does so only when no other process holds a copy, as a child does between its fork and exec.</summary>
    public void Unlock()
    {
        const int unlock = 8;
        _ = Repeat(this, static handle => Libc.FLock(handle, unlock));
    }

    /// <summary>Bytes an unprivileged process can still write to the file system, and its size.</summary>
    public FreeSpace FreeSpace()
    {
        if (NativeCalls.SimulatedSpace(this) is { } simulated)
        {
            return simulated;
        }

        StatVfsBuffer buffer = default;
        Check(Libc.FStatVfs(this, &buffer)).OrThrow("read the free space of", this);
        return new FreeSpace(
            Saturate(buffer.BlocksAvailable, buffer.FragmentSize),
            Saturate(buffer.Blocks, buffer.FragmentSize),
            buffer.Files == 0 || buffer.FilesAvailable > 0);

        static long Saturate(ulong blocks, ulong size) => (long)UInt128.Min((UInt128)blocks * size, long.MaxValue);
    }

    internal static void FillTimes(TimeSpec* times, long modifiedNs)
    {
        (long seconds, long nanoseconds) = Math.DivRem(modifiedNs, 1_000_000_000);
        if (nanoseconds < 0)
        {
            (seconds, nanoseconds) = (seconds - 1, nanoseconds + 1_000_000_000);
        }

        times[0] = new TimeSpec { Nanoseconds = TimeSpec.Omit };
        times[1] = new TimeSpec { Seconds = seconds, Nanoseconds = nanoseconds };
    }

    /// <summary>The error of the call that was just made, if it was one.</summary>
    protected static Errno Check(nint result) => result < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;

    /// <summary>Makes the call again while a signal interrupts it.</summary>
    protected static Errno Repeat<T>(T argument, Func<T, int> call)
    {
        Errno errno;
        do
        {
            errno = Check(call(argument));
        }
        while (errno == Errno.Interrupted);
        return errno;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Close(handle) == 0;
}

/// <summary>Bytes of a file system.</summary>
/// <param name="AvailableBytes">What an unprivileged process can still write.</param>
/// <param name="TotalBytes">Its size.</param>
/// <param name="HasRoomForFiles">Whether it can hold another file; a file system that does not count them always can.</param>
internal readonly record struct FreeSpace(long AvailableBytes, long TotalBytes, bool HasRoomForFiles);
