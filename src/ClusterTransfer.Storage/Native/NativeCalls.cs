namespace ClusterTransfer.Storage.Native;

/// <summary>Calls that tests look at: flushes are what a durability level promises, the others are where a disk fails.</summary>
internal enum NativeCall
{
    /// <summary>Content and metadata of one file or folder: fsync.</summary>
    Flush,

    /// <summary>Content and size of one file: fdatasync.</summary>
    FlushData,

    /// <summary>A whole file system: syncfs.</summary>
    FlushFileSystem,

    /// <summary>Cached pages are given up, so that the next read asks the disk: posix_fadvise.</summary>
    DropCache,

    /// <summary>pread.</summary>
    Read,

    /// <summary>pwrite.</summary>
    Write,

    /// <summary>fallocate.</summary>
    Allocate,

    /// <summary>ftruncate.</summary>
    Resize,

    /// <summary>A new file: open with O_CREAT.</summary>
    CreateFile,

    /// <summary>mkdir.</summary>
    CreateFolder,

    /// <summary>A second name, or a symbolic link.</summary>
    Link,

    /// <summary>A new name in place of the old one.</summary>
    Rename,

    /// <summary>unlink, rmdir.</summary>
    Remove,

    /// <summary>Mode or times.</summary>
    SetAttributes,
}

/// <summary>Stands between the code and the kernel, for simulations: may refuse calls, says how much space there is, and knows the open handles.</summary>
internal interface ISimulatedDisk
{
    /// <summary>Before a call is made; anything but <see cref="Errno.None"/> is its result, and it is not made.</summary>
    Errno Before(NativeCall call, NativeHandle on);

    /// <summary>What is free where the handle is, for a simulation that must not see the real number, which differs from run to run. Null: the real one.</summary>
    FreeSpace? FreeSpace(NativeHandle on) => null;

    /// <summary>Before a file or folder that is there is opened; anything but <see cref="Errno.None"/> is the result, and it is not opened.</summary>
    Errno Opening(NativeHandle folder) => Errno.None;

    /// <summary>A handle was opened; whoever kills the simulated process closes it.</summary>
    void Opened(NativeHandle handle);

    /// <summary>Asked before each time the kernel is to read or write some bytes, so before each round of a loop over a short count.</summary>
    /// <returns>How many of them it is asked for, at least 1; or the negative number of the error that it answers with.</returns>
    nint Transfer(NativeCall call, NativeHandle on, nint wanted) => wanted;

    /// <summary>What a status call found, before anybody looks at it. A disk made up from a log gives its files the identity they had there.</summary>
    FileStatus Seen(in FileStatus status) => status;
}

/// <summary>Tells a test of such calls before they are made. Of its own thread only, so that tests side by side do not hear each other.</summary>
internal static class NativeCalls
{
    [ThreadStatic]
    private static Action<NativeCall, string>? _watcher;

    [ThreadStatic]
    private static Func<NativeCall, string, Errno>? _fault;

    [ThreadStatic]
    private static ISimulatedDisk? _disk;

    /// <summary>Gets each flush and dropped cache with the path it is made on; null ends it.</summary>
    public static void Watch(Action<NativeCall, string>? watcher) => _watcher = watcher;

    /// <summary>Asked for each call with the path it is made on; what it returns is the call's error unless it is none. Null ends it.</summary>
    public static void Fail(Func<NativeCall, string, Errno>? fault) => _fault = fault;

    /// <summary>Puts a simulated disk before all calls of this thread; null takes it away.</summary>
    public static void Simulate(ISimulatedDisk? disk) => _disk = disk;

    /// <summary>Tells of the call. An error that a test wants instead of it, or none.</summary>
    public static Errno Note(NativeCall call, NativeHandle on)
    {
        _watcher?.Invoke(call, on.Display);
        return Before(call, on);
    }

    /// <summary>Asked before each other call that can be made to fail.</summary>
    public static Errno Before(NativeCall call, NativeHandle on, ReadOnlySpan<byte> name = default)
    {
        Errno errno = _fault?.Invoke(call, on.Describe(name)) ?? Errno.None;
        return errno != Errno.None || _disk is null ? errno : _disk.Before(call, on);
    }

    /// <summary>What a simulated disk says is free; null without one.</summary>
    public static FreeSpace? SimulatedSpace(NativeHandle on) => _disk?.FreeSpace(on);

    /// <summary>Asked before something that is there is opened.</summary>
    public static Errno Opening(NativeHandle folder) => _disk?.Opening(folder) ?? Errno.None;

    public static void Opened(NativeHandle handle) => _disk?.Opened(handle);

    /// <summary>Asked before each time the kernel reads or writes; as <see cref="ISimulatedDisk.Transfer"/>.</summary>
    public static nint Transfer(NativeCall call, NativeHandle on, nint wanted) => _disk is null ? wanted : _disk.Transfer(call, on, wanted);

    /// <summary>What a status call found.</summary>
    public static FileStatus Seen(in FileStatus status) => _disk is null ? status : _disk.Seen(status);
}
