using System.Runtime.InteropServices;

namespace ClusterTransfer.Storage.Native;

/// <summary>The one class of imported functions: everything that touches a user's file goes through here.</summary>
/// <remarks>Names are resolved through the main program's handle, not through a handle of libc, so that a library given with LD_PRELOAD is seen.
/// Only <c>openat2</c> has no wrapper in the C library of the oldest supported systems; its number is the same on x64 and arm64.</remarks>
internal static unsafe partial class Libc
{
    public const int OpenAt2Number = 437;
    public const int CurrentFolder = -100;

    private const string Library = "libc";

    static Libc() => NativeLibrary.SetDllImportResolver(
        typeof(Libc).Assembly, static (name, _, _) => name == Library ? NativeLibrary.GetMainProgramHandle() : 0);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    public static partial nint OpenAt2(nint number, SafeHandle folder, byte* path, OpenHow* how, nuint size);

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true)]
    public static partial int Open(byte* path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(nint handle);

    [LibraryImport(Library, EntryPoint = "pread", SetLastError = true)]
    public static partial nint PRead(SafeHandle file, byte* buffer, nuint count, long offset);

    [LibraryImport(Library, EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint PWrite(SafeHandle file, byte* buffer, nuint count, long offset);

    [LibraryImport(Library, EntryPoint = "fallocate", SetLastError = true)]
    public static partial int FAllocate(SafeHandle file, int mode, long offset, long length);

    [LibraryImport(Library, EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int FTruncate(SafeHandle file, long length);

    [LibraryImport(Library, EntryPoint = "posix_fadvise")]
    public static partial int FAdvise(SafeHandle file, long offset, long length, int advice);

    [LibraryImport(Library, EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int FDataSync(SafeHandle file);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    public static partial int FSync(SafeHandle file);

    [LibraryImport(Library, EntryPoint = "syncfs", SetLastError = true)]
    public static partial int SyncFs(SafeHandle file);

    [LibraryImport(Library, EntryPoint = "flock", SetLastError = true)]
    public static partial int FLock(SafeHandle file, int operation);

    [LibraryImport(Library, EntryPoint = "fchmod", SetLastError = true)]
    public static partial int FChMod(SafeHandle file, uint mode);

    [LibraryImport(Library, EntryPoint = "futimens", SetLastError = true)]
    public static partial int FUTimeNs(SafeHandle file, TimeSpec* times);

    [LibraryImport(Library, EntryPoint = "utimensat", SetLastError = true)]
    public static partial int UTimeNsAt(SafeHandle folder, byte* name, TimeSpec* times, int flags);

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true)]
    public static partial int StatX(SafeHandle folder, byte* name, int flags, uint mask, StatXBuffer* buffer);

    [LibraryImport(Library, EntryPoint = "faccessat", SetLastError = true)]
    public static partial int FAccessAt(SafeHandle folder, byte* name, int mode, int flags);

    [LibraryImport(Library, EntryPoint = "mkdirat", SetLastError = true)]
    public static partial int MkDirAt(SafeHandle folder, byte* name, uint mode);

    [LibraryImport(Library, EntryPoint = "renameat2", SetLastError = true)]
    public static partial int RenameAt2(SafeHandle oldFolder, byte* oldName, SafeHandle newFolder, byte* newName, uint flags);

    [LibraryImport(Library, EntryPoint = "linkat", SetLastError = true)]
    public static partial int LinkAt(SafeHandle oldFolder, byte* oldName, SafeHandle newFolder, byte* newName, int flags);

    [LibraryImport(Library, EntryPoint = "unlinkat", SetLastError = true)]
    public static partial int UnlinkAt(SafeHandle folder, byte* name, int flags);

    [LibraryImport(Library, EntryPoint = "symlinkat", SetLastError = true)]
    public static partial int SymLinkAt(byte* target, SafeHandle folder, byte* name);

    [LibraryImport(Library, EntryPoint = "readlinkat", SetLastError = true)]
    public static partial nint ReadLinkAt(SafeHandle folder, byte* name, byte* buffer, nuint size);

    [LibraryImport(Library, EntryPoint = "getdents64", SetLastError = true)]
    public static partial nint GetDents64(SafeHandle folder, byte* buffer, nuint size);

    [LibraryImport(Library, EntryPoint = "lseek", SetLastError = true)]
    public static partial long LSeek(SafeHandle file, long offset, int origin);

    [LibraryImport(Library, EntryPoint = "fstatvfs", SetLastError = true)]
    public static partial int FStatVfs(SafeHandle file, StatVfsBuffer* buffer);

    [LibraryImport(Library, EntryPoint = "realpath", SetLastError = true)]
    public static partial byte* RealPath(byte* path, byte* resolved);

    [LibraryImport(Library, EntryPoint = "geteuid")]
    public static partial uint GetEUid();
}
