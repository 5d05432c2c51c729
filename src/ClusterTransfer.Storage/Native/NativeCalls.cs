namespace ClusterTransfer.Storage.Native;

/// <summary>A call whose presence or absence is what a durability level promises, or whose failure has consequences of its own.</summary>
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

    /// <summary>A file is created: openat2.</summary>
    CreateFile,

    /// <summary>A folder is made: mkdirat.</summary>
    CreateFolder,

    /// <summary>Blocks are reserved: fallocate.</summary>
    Allocate,

    /// <summary>Bytes are written: pwrite.</summary>
    Write,

    /// <summary>Bytes are read: pread.</summary>
    Read,

    /// <summary>A name is given or replaced: renameat2.</summary>
    Rename,
}

/// <summary>Tells a test of such calls before they are made. Of its own thread only, so that tests side by side do not hear each other.</summary>
internal static class NativeCalls
{
    [ThreadStatic]
    private static Action<NativeCall, string>? _watcher;

    [ThreadStatic]
    private static Func<NativeCall, string, Errno>? _fault;

    /// <summary>Gets each call with the path it is made on; null ends it.</summary>
    public static void Watch(Action<NativeCall, string>? watcher) => _watcher = watcher;

    /// <summary>Asked for each call with the path it is made on; what it returns is the call's error unless it is none. Null ends it.</summary>
    public static void Fail(Func<NativeCall, string, Errno>? fault) => _fault = fault;

    /// <summary>An error that a test wants instead of the call, or none.</summary>
    public static Errno Ask(NativeCall call, NativeHandle on, ReadOnlySpan<byte> name = default) => _fault?.Invoke(call, on.Describe(name)) ?? Errno.None;

    /// <summary>Tells of the call as well.</summary>
    public static Errno Note(NativeCall call, NativeHandle on)
    {
        _watcher?.Invoke(call, on.Display);
        return _fault?.Invoke(call, on.Display) ?? Errno.None;
    }
}
