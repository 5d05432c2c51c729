using System.Buffers;
using System.Buffers.Binary;

namespace ClusterTransfer.Storage.Native;

/// <summary>Operations on one name directly in the folder. None follows a link under that name.</summary>
internal sealed unsafe partial class FolderHandle
{
    private const int NoFollowLink = 0x100;

    // Flag values of AT_REMOVEDIR and AT_EACCESS are the same number; each is used with its own call.
    private const int RemoveFolder = 0x200;
    private const int EffectiveUser = 0x200;
    private const int DirectoryBuffer = 256 * 1024;

    private delegate int NameCall(FolderHandle folder, byte* name);

    /// <summary>Called for each name; the span is only valid during the call.</summary>
    public delegate void NameFound(ReadOnlySpan<byte> name);

    /// <summary>What a name stands for, a link itself rather than its target.</summary>
    public Errno TryStatus(ReadOnlySpan<byte> name, out FileStatus status)
    {
        StatXBuffer buffer = default;
        StatXBuffer* target = &buffer;
        Errno errno = Call(name, (folder, text) => Libc.StatX(folder, text, NoFollowLink, FileStatus.WantedMask, target));
        status = errno == Errno.None ? NativeCalls.Seen(FileStatus.From(buffer)) : default;
        return errno;
    }

    /// <summary>Whether this process may read the file, as far as can be told without opening it.</summary>
    public Errno TryReadAccess(ReadOnlySpan<byte> name)
    {
        const int read = 4;
        return Call(name, static (folder, text) => Libc.FAccessAt(folder, text, read, EffectiveUser | NoFollowLink));
    }

    /// <summary>Whether this process may make and rename names in this folder, as far as can be told without trying.</summary>
    public Errno TryWriteAccess()
    {
        const int writeAndSearch = 3;
        byte* here = stackalloc byte[] { (byte)'.', 0 };
        return Check(Libc.FAccessAt(this, here, writeAndSearch, EffectiveUser));
    }

    /// <summary>Makes a folder; <see cref="Errno.Exists"/> when anything has that name.</summary>
    public Errno TryCreateFolder(ReadOnlySpan<byte> name, int mode) => Change(NativeCall.CreateFolder, name, (folder, text) => Libc.MkDirAt(folder, text, (uint)mode & 0xfff));

    /// <summary>Removes a file or link.</summary>
    public Errno TryRemoveFile(ReadOnlySpan<byte> name) => Change(NativeCall.Remove, name, static (folder, text) => Libc.UnlinkAt(folder, text, 0));

    /// <summary>Removes an empty folder.</summary>
    public Errno TryRemoveFolder(ReadOnlySpan<byte> name) => Change(NativeCall.Remove, name, static (folder, text) => Libc.UnlinkAt(folder, text, RemoveFolder));

    /// <summary>Gives a file a new name in one step; <see cref="Errno.Exists"/> when that is taken, <see cref="Errno.CrossDevice"/> on another mount.</summary>
    public Errno TryRenameNoReplace(ReadOnlySpan<byte> name, FolderHandle newFolder, ReadOnlySpan<byte> newName)
    {
        const uint noReplace = 1;
        return CallTwo(NativeCall.Rename, newFolder, name, newName, (text, newText) => Libc.RenameAt2(this, text, newFolder, newText, noReplace));
    }

    /// <summary>Gives a file a new name in one step and replaces what has it.</summary>
    public Errno TryRenameReplace(ReadOnlySpan<byte> name, FolderHandle newFolder, ReadOnlySpan<byte> newName) =>
        CallTwo(NativeCall.Rename, newFolder, name, newName, (text, newText) => Libc.RenameAt2(this, text, newFolder, newText, 0));

    /// <summary>Gives a file a second name; <see cref="Errno.Exists"/> when that is taken.</summary>
    public Errno TryLink(ReadOnlySpan<byte> name, FolderHandle newFolder, ReadOnlySpan<byte> newName) =>
        CallTwo(NativeCall.Link, newFolder, name, newName, (text, newText) => Libc.LinkAt(this, text, newFolder, newText, 0));

    /// <summary>Makes a symbolic link; <see cref="Errno.Exists"/> when the name is taken. The target is stored as given and not looked at.</summary>
    public Errno TryCreateSymbolicLink(ReadOnlySpan<byte> target, ReadOnlySpan<byte> name)
    {
        if (target.IsEmpty)
        {
            return Errno.NoEntry;
        }

        Span<byte> targetBuffer = stackalloc byte[NativeName.PathBuffer];
        Errno errno = NativeName.CopyPath(target, targetBuffer);
        if (errno != Errno.None)
        {
            return errno;
        }

        fixed (byte* targetText = targetBuffer)
        {
            byte* text = targetText;
            return Change(NativeCall.Link, name, (folder, nameText) => Libc.SymLinkAt(text, folder, nameText));
        }
    }

    /// <summary>Reads where a symbolic link points; <see cref="Errno.Invalid"/> when the name is not a link.</summary>
    public Errno TryReadLink(ReadOnlySpan<byte> name, out byte[] target)
    {
        // The kernel keeps no longer target than a path; one byte more tells a full buffer from a cut one.
        byte* buffer = stackalloc byte[NativeName.PathBuffer + 1];
        nint length = 0;
        Errno errno = Call(name, (folder, text) =>
        {
            length = Libc.ReadLinkAt(folder, text, buffer, NativeName.PathBuffer + 1);
            return length < 0 ? -1 : 0;
        });
        if (errno == Errno.None && length > NativeName.PathBuffer)
        {
            errno = Errno.NameTooLong;
        }

        target = errno == Errno.None ? new ReadOnlySpan<byte>(buffer, (int)length).ToArray() : [];
        return errno;
    }

    /// <summary>Sets the modification time of a name, of a link itself; nanoseconds since 1970.</summary>
    public Errno TrySetModified(ReadOnlySpan<byte> name, long modifiedNs)
    {
        TimeSpec* times = stackalloc TimeSpec[2];
        FillTimes(times, modifiedNs);
        return Change(NativeCall.SetAttributes, name, (folder, text) => Libc.UTimeNsAt(folder, text, times, NoFollowLink));
    }

    /// <summary>Lists the names in this folder, in the file system's order, without "." and "..".</summary>
    /// <remarks>Moves the handle's position: one listing of a handle at a time.</remarks>
    /// <exception cref="NativeException">The file system failed.</exception>
    public void List(NameFound onName)
    {
        Check((nint)Libc.LSeek(this, 0, 0)).OrThrow("list", this);

        // Rented: of a tree with thousands of folders these buffers would be most of what is collected.
        byte[] block = ArrayPool<byte>.Shared.Rent(DirectoryBuffer);
        try
        {
            List(block, onName);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private void List(byte[] block, NameFound onName)
    {
        const int nameOffset = 19;
        while (true)
        {
            nint count;
            fixed (byte* start = block)
            {
                count = Libc.GetDents64(this, start, DirectoryBuffer);
            }

            Errno errno = Check(count);
            if (errno == Errno.Interrupted)
            {
                continue;
            }

            errno.OrThrow("list", this);
            if (count == 0)
            {
                return;
            }

            // struct linux_dirent64: inode u64, offset u64, record length u16, type u8, name with NUL and padding.
            ReadOnlySpan<byte> records = block.AsSpan(0, (int)count);
            while (!records.IsEmpty)
            {
                int length = BinaryPrimitives.ReadUInt16LittleEndian(records[16..]);
                ReadOnlySpan<byte> name = records[nameOffset..length];
                name = name[..name.IndexOf((byte)0)];
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                {
                    onName(name);
                }

                records = records[length..];
            }
        }
    }

    private Errno Change(NativeCall what, ReadOnlySpan<byte> name, NameCall call)
    {
        Errno errno = NativeCalls.Before(what, this, name);
        return errno != Errno.None ? errno : Call(name, call);
    }

    private Errno Call(ReadOnlySpan<byte> name, NameCall call)
    {
        Span<byte> buffer = stackalloc byte[NativeName.NameBuffer];
        Errno errno = NativeName.CopyName(name, buffer);
        if (errno != Errno.None)
        {
            return errno;
        }

        fixed (byte* text = buffer)
        {
            do
            {
                errno = Check(call(this, text));
            }
            while (errno == Errno.Interrupted);
        }

        return errno;
    }

    private delegate int TwoNamesCall(byte* name, byte* newName);

    private static Errno CallTwo(NativeCall what, FolderHandle at, ReadOnlySpan<byte> name, ReadOnlySpan<byte> newName, TwoNamesCall call)
    {
        Span<byte> buffer = stackalloc byte[NativeName.NameBuffer];
        Span<byte> newBuffer = stackalloc byte[NativeName.NameBuffer];
        Errno errno = NativeCalls.Before(what, at, newName);
        if (errno == Errno.None)
        {
            errno = NativeName.CopyName(name, buffer);
        }

        if (errno == Errno.None)
        {
            errno = NativeName.CopyName(newName, newBuffer);
        }

        if (errno != Errno.None)
        {
            return errno;
        }

        fixed (byte* text = buffer)
        fixed (byte* newText = newBuffer)
        {
            do
            {
                errno = Check(call(text, newText));
            }
            while (errno == Errno.Interrupted);
        }

        return errno;
    }
}
