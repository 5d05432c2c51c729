using System.Runtime.InteropServices;

namespace ClusterTransfer.Chaos.Harness;

/// <summary>Which file a name stands for, and when it last changed in any way: nobody can set either.</summary>
/// <param name="Inode">Its number.</param>
/// <param name="ChangedSeconds">Time of the last change of content, mode, name or times.</param>
/// <param name="ChangedNanoseconds">The rest of it.</param>
internal readonly partial record struct FileStamp(ulong Inode, long ChangedSeconds, uint ChangedNanoseconds)
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint BasicStats = 0x7ff;

    /// <summary>Of a name that exists.</summary>
    public static unsafe FileStamp Of(string path)
    {
        byte* buffer = stackalloc byte[256];
        return StatX(CurrentFolder, path, NoFollow, BasicStats, buffer) == 0
            ? new FileStamp(*(ulong*)(buffer + 32), *(long*)(buffer + 96), *(uint*)(buffer + 104))
            : throw new ChaosException($"'{path}': {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int StatX(int folder, string path, int flags, uint mask, byte* buffer);
}
