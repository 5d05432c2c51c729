using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ClusterTransfer.TestKit;

/// <summary>A small ext4 file system in a file, whose power can be cut: everything that was not flushed is gone at the next mount.</summary>
public sealed partial class CuttableDisk : IDisposable
{
    // More than what a node leaves free, and the files of a test; taken from the disk only as far as it is written to.
    private const long Size = 192 * 1024 * 1024;
    private const int Directory = 0x10000;
    private const ulong Shutdown = 0x8004587D; // FS_IOC_SHUTDOWN
    private readonly TestFolder _folder = new();
    private bool _isMounted;

    private CuttableDisk(string? at) => Root = at ?? _folder.Create("mount");

    /// <summary>Where it is mounted.</summary>
    public string Root { get; }

    /// <summary>Null where this machine does not let us: no root, no loop devices, no ext4.</summary>
    /// <param name="at">An empty folder to mount it on; null for one of its own.</param>
    /// <param name="options">More for mkfs.ext4.</param>
    public static CuttableDisk? TryCreate(string? at = null, params string[] options)
    {
        var disk = new CuttableDisk(at);
        using (FileStream image = File.Create(disk._folder["image"]))
        {
            image.SetLength(Size);
        }

        if (Run("mkfs.ext4", ["-q", .. options, disk._folder["image"]]) && disk.TryMount())
        {
            return disk;
        }

        disk.Dispose();
        return null;
    }

    /// <summary>Stops the file system without writing anything more, its own journal included. Every call to it fails from now on.</summary>
    public void Cut()
    {
        const uint noLogFlush = 2;
        int handle = Open(Root, Directory);
        uint flags = noLogFlush;
        int result = IoControl(handle, Shutdown, ref flags);
        _ = Close(handle);
        if (result != 0)
        {
            throw new InvalidOperationException("The file system could not be shut down.");
        }
    }

    /// <summary>The file system finds itself damaged and lets nothing be written any more, as its mount asks for; files stay open.</summary>
    /// <returns>False where this kernel has no such switch.</returns>
    public bool TryTurnReadOnly()
    {
        string device = File.ReadLines("/proc/mounts").Select(line => line.Split(' ')).Last(fields => fields[1] == Root)[0];
        string trigger = $"/sys/fs/ext4/{Path.GetFileName(device)}/trigger_fs_error";
        if (!File.Exists(trigger))
        {
            return false;
        }

        File.WriteAllText(trigger, "test");
        return true;
    }

    /// <summary>Power is back.</summary>
    public void Remount()
    {
        if (!Unmount() || !TryMount())
        {
            throw new InvalidOperationException("Something still holds the file system, or it cannot be mounted.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isMounted && !Unmount())
        {
            Run("umount", "--lazy", Root);
        }

        _folder.Dispose();
    }

    // Another test that starts a process holds our handles for the moment between its fork and exec.
    private bool Unmount()
    {
        const int attempts = 100;
        for (int i = 0; i < attempts && _isMounted; i++)
        {
            _isMounted = !Run("umount", Root);
        }

        return !_isMounted;
    }

    private bool TryMount() => _isMounted = Run("mount", "-o", "loop,errors=remount-ro", _folder["image"], Root);

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process? process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true });
            process!.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int IoControl(int handle, ulong request, ref uint argument);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
