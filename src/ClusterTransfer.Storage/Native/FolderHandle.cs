using System.Text;
using ClusterTransfer.Model;

namespace ClusterTransfer.Storage.Native;

/// <summary>An open folder. Everything beneath it is reached without following a symbolic link and without leaving it, whatever others rename meanwhile.</summary>
internal sealed unsafe partial class FolderHandle : NativeHandle
{
    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int Exclusive = 0x80;
    private const int NoControllingTerminal = 0x100;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const ulong ResolveConfined = 0x08 /* beneath */ | 0x04 /* no symbolic links */ | 0x02 /* no magic links */;

    // O_DIRECTORY and O_NOFOLLOW are two of the few flags that differ between x64 and arm64.
    private static readonly int OnlyFolder = IsArm64 ? 0x4000 : 0x10000;
    private static readonly int NoFollow = IsArm64 ? 0x8000 : 0x20000;

    // So is O_DIRECT.
    private static readonly int Direct = IsArm64 ? 0x10000 : 0x4000;

    private FolderHandle(nint handle, string folder, ReadOnlySpan<byte> name)
        : base(handle, folder, name)
    {
    }

    private static bool IsArm64 => System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64;

    /// <summary>Opens a folder that the operator configured; links in this path are the operator's and are followed.</summary>
    /// <exception cref="NativeException">It is missing, no folder or not readable.</exception>
    public static FolderHandle OpenAbsolute(string path)
    {
        Span<byte> buffer = stackalloc byte[NativeName.PathBuffer];
        Errno errno = NativeName.CopyPath(Encoding.UTF8.GetBytes(path), buffer);
        int handle = -1;
        fixed (byte* start = buffer)
        {
            while (errno == Errno.None)
            {
                handle = Libc.Open(start, OnlyFolder | CloseOnExec, 0);
                errno = Check(handle);
                if (errno != Errno.Interrupted)
                {
                    break;
                }

                errno = Errno.None;
            }
        }

        return errno == Errno.None
            ? new FolderHandle(handle, PathText.Escape(path), default)
            : throw new NativeException(errno, "open the folder", PathText.Escape(path));
    }

    /// <summary>Opens a folder beneath this one; the empty path opens this folder once more.</summary>
    public Errno TryOpenFolder(ReadOnlySpan<byte> path, out FolderHandle? folder)
    {
        Errno errno = TryOpen(path, OnlyFolder, 0, out nint handle);
        folder = errno == Errno.None ? new FolderHandle(handle, Display, path) : null;
        return errno;
    }

    /// <summary>Opens a folder beneath this one; the empty path opens this folder once more.</summary>
    /// <exception cref="NativeException">It is missing, no folder, not readable, or a link is in the way.</exception>
    public FolderHandle OpenFolder(ReadOnlySpan<byte> path)
    {
        TryOpenFolder(path, out FolderHandle? folder).OrThrow("open the folder", this, path);
        return folder!; // set whenever the call did not fail
    }

    /// <summary>Opens a file beneath this folder for reading. Never waits, not even for a pipe; the caller checks by status that it is a regular file.</summary>
    public Errno TryOpenFile(ReadOnlySpan<byte> path, out FileHandle? file) => TryOpenFile(path, NonBlocking | NoControllingTerminal, 0, out file);

    /// <summary>Opens a file beneath this folder for reading, as <see cref="TryOpenFile(ReadOnlySpan{byte}, out FileHandle?)"/>.</summary>
    public FileHandle OpenFile(ReadOnlySpan<byte> path)
    {
        TryOpenFile(path, out FileHandle? file).OrThrow("open", this, path);
        return file!; // set whenever the call did not fail
    }

    /// <summary>Opens an existing file beneath this folder for reading and writing. The caller checks that it is a regular file.</summary>
    public Errno TryOpenWritable(ReadOnlySpan<byte> path, out FileHandle? file) => TryOpenFile(path, ReadWrite | NonBlocking | NoControllingTerminal, 0, out file);

    /// <summary>Opens an existing file beneath this folder for writing past the page cache; <see cref="Errno.Invalid"/> where the file system does not do that.
    /// The caller checks that it is the file it means.</summary>
    public Errno TryOpenDirect(ReadOnlySpan<byte> path, out FileHandle? file) => TryOpenFile(path, ReadWrite | Direct | NonBlocking | NoControllingTerminal, 0, out file);

    /// <summary>Creates a file for reading and writing; <see cref="Errno.Exists"/> when anything has that name, a dangling link included.</summary>
    public Errno TryCreateFile(ReadOnlySpan<byte> path, int mode, out FileHandle? file) =>
        TryOpenFile(path, ReadWrite | Create | Exclusive, mode, out file);

    /// <summary>Creates a file for reading and writing; fails when anything has that name.</summary>
    public FileHandle CreateFile(ReadOnlySpan<byte> path, int mode)
    {
        TryCreateFile(path, mode, out FileHandle? file).OrThrow("create", this, path);
        return file!; // set whenever the call did not fail
    }

    /// <summary>Opens a file for reading and writing, created when missing.</summary>
    public FileHandle OpenOrCreateFile(ReadOnlySpan<byte> path, int mode)
    {
        TryOpenFile(path, ReadWrite | Create | NonBlocking | NoControllingTerminal, mode, out FileHandle? file).OrThrow("open", this, path);
        return file!; // set whenever the call did not fail
    }

    /// <summary>Opens a folder beneath this one and makes what is missing on the way. The caller flushes.</summary>
    /// <param name="path">The folder; the empty path opens this folder once more.</param>
    /// <param name="mode">Mode of new folders, before the process's mask.</param>
    /// <exception cref="NativeException">A file or a link is in the way, or a folder cannot be made.</exception>
    public FolderHandle OpenOrCreateFolders(SafeRelativePath path, int mode)
    {
        if (TryOpenFolder(path.Bytes, out FolderHandle? existing) == Errno.None)
        {
            return existing!; // set whenever the call did not fail
        }

        FolderHandle current = OpenFolder(default);
        foreach (Range range in path.Bytes.Split((byte)'/'))
        {
            ReadOnlySpan<byte> name = path.Bytes[range];
            using FolderHandle parent = current;
            Errno errno = parent.TryCreateFolder(name, mode);
            if (errno != Errno.Exists)
            {
                errno.OrThrow("create the folder", parent, name);
            }

            current = parent.OpenFolder(name);
        }

        return current;
    }

    private Errno TryOpenFile(ReadOnlySpan<byte> path, int flags, int mode, out FileHandle? file)
    {
        nint handle = -1;
        Errno errno = (flags & Create) == 0 ? Errno.None : NativeCalls.Before(NativeCall.CreateFile, this, path);
        if (errno == Errno.None)
        {
            errno = TryOpen(path, flags, mode, out handle);
        }

        file = errno == Errno.None ? new FileHandle(handle, Display, path) : null;
        return errno;
    }

    private Errno TryOpen(ReadOnlySpan<byte> path, int flags, int mode, out nint handle)
    {
        // The kernel answers "try again" when a rename raced with its walk; a hostile renamer must not hold us for ever.
        const int attempts = 100;
        handle = -1;
        Span<byte> buffer = stackalloc byte[NativeName.PathBuffer];
        Errno errno = (flags & Create) == 0 ? NativeCalls.Opening(this) : Errno.None;
        errno = errno == Errno.None ? NativeName.CopyPath(path, buffer) : errno;
        if (errno != Errno.None)
        {
            return errno;
        }

        OpenHow how = new() { Flags = (ulong)(uint)(flags | NoFollow | CloseOnExec), Mode = (ulong)(uint)(mode & 0xfff), Resolve = ResolveConfined };
#if TEETH
        if (Tooth.Bites("follow-symlink"))
        {
            how = new() { Flags = (ulong)(uint)(flags | CloseOnExec), Mode = how.Mode };
        }

#endif
        fixed (byte* start = buffer)
        {
            for (int attempt = 0; attempt < attempts; attempt++)
            {
                handle = Libc.OpenAt2(Libc.OpenAt2Number, this, start, &how, (nuint)sizeof(OpenHow));
                errno = Check(handle);
                if (errno is not (Errno.Interrupted or Errno.TryAgain))
                {
                    break;
                }
            }
        }

        return errno;
    }
}
