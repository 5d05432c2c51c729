namespace ClusterTransfer.Storage.Native;

/// <summary>A call whose presence or absence is what a durability level promises.</summary>
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

    /// <summary>Asked for each flush with the path it is made on; what it returns is the flush's error unless it is none. Null ends it.</summary>
    public static void FailFlushes(Func<NativeCall, string, Errno>? fault) => _fault = fault;

    /// <summary>Tells of the call. An error that a test wants instead of it, or none.</summary>
    public static Errno Note(NativeCall call, NativeHandle on)
    {
        _watcher?.Invoke(call, on.Display);
        return _fault?.Invoke(call, on.Display) ?? Errno.None;
    }
}
