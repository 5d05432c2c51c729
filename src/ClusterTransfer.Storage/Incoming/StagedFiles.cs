using System.Globalization;
using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>The staged files of large files: created beneath the staging folder, a bounded number held open. Thread-safe.</summary>
/// <remarks>A handle with unflushed bytes is flushed before it is closed to make room, because a later handle may not be told of a failed write-back.</remarks>
internal sealed class StagedFiles(FolderHandle folder, DirectWrites directWrites, int maxOpen, Func<uint, Errno>? flushFault, Action<string> faultPoint) : IDisposable
{
    private const int PrivateFile = 0x180; // 0600

    private readonly object _gate = new();
    private readonly Dictionary<uint, StagedFile> _open = [];
    private readonly HashSet<uint> _existing = [];
    private readonly Dictionary<uint, Errno> _failed = [];
    private volatile bool _hasNewNames;

    /// <summary>Whether names were made in the staging folder since this was last set to false.</summary>
    public bool HasNewNames
    {
        get => _hasNewNames;
        set => _hasNewNames = value;
    }

    /// <summary>Name of a staged file.</summary>
    public static byte[] NameOf(uint entry) => Encoding.ASCII.GetBytes(entry.ToString(CultureInfo.InvariantCulture) + ".part");

    /// <summary>Name of a staged link.</summary>
    public static byte[] LinkNameOf(uint entry) => Encoding.ASCII.GetBytes(entry.ToString(CultureInfo.InvariantCulture) + ".link");

    /// <summary>Name of a staged file or link.</summary>
    public static byte[] NameOf(uint entry, EntryKind kind) => kind == EntryKind.SymbolicLink ? LinkNameOf(entry) : NameOf(entry);

    /// <summary>Which entry a name in the staging folder is of.</summary>
    public static bool TryParse(ReadOnlySpan<byte> name, out uint entry, out bool isLink)
    {
        isLink = name.EndsWith(".link"u8);
        entry = 0;
        return (isLink || name.EndsWith(".part"u8))
            && uint.TryParse(name[..^5], NumberStyles.None, CultureInfo.InvariantCulture, out entry)
            && name.SequenceEqual(isLink ? LinkNameOf(entry) : NameOf(entry));
    }

    /// <summary>Says that recovery found the staged file sound, so that it is opened and not created.</summary>
    public void MarkExisting(uint entry)
    {
        lock (_gate)
        {
            _existing.Add(entry);
        }
    }

    /// <summary>Whether the file was created by this process or found by recovery.</summary>
    public bool Exists(uint entry)
    {
        lock (_gate)
        {
            return _existing.Contains(entry);
        }
    }

    /// <summary>Lends the file, created with blocks for all its data when it is not there; give it back with <see cref="Return"/>.</summary>
    /// <param name="entry">Which.</param>
    /// <param name="shape">Its final size, and what of it are holes.</param>
    /// <param name="created">Whether it was created now, so that its bytes are taken from the disk.</param>
    /// <exception cref="NativeException">It cannot be created or opened, or there is no space.</exception>
    public StagedFile Borrow(uint entry, FileShape shape, out bool created)
    {
        StagedFile file;
        lock (_gate)
        {
            MakeRoomLocked();
            if (!_open.TryGetValue(entry, out StagedFile? found))
            {
                _open.Add(entry, found = new StagedFile(entry, directWrites));
            }

            file = found;
            file.Lent++;
        }

        try
        {
            // One thread opens; the others that want the same file wait for it here.
            lock (file)
            {
                created = false;
                if (file.Handle is null)
                {
                    Open(file, shape, out created);
                }
            }

            return file;
        }
        catch
        {
            Return(file);
            throw;
        }
    }

    /// <summary>Gives a lent file back.</summary>
    public void Return(StagedFile file)
    {
        lock (_gate)
        {
            file.Lent--;
            if (file.Handle is null && file.Lent == 0)
            {
                _open.Remove(file.Entry);
            }

            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Flushes every file that was written to.</summary>
    /// <returns>The files that could not be flushed, with the error; what of them is on disk nobody knows.</returns>
    public Dictionary<uint, Errno> FlushDirty()
    {
        List<StagedFile> dirty = [];
        Dictionary<uint, Errno> failed;
        lock (_gate)
        {
            foreach (StagedFile file in _open.Values)
            {
                if (file.IsDirty)
                {
                    file.Lent++;
                    dirty.Add(file);
                }
            }

            failed = new Dictionary<uint, Errno>(_failed);
            _failed.Clear();
        }

        foreach (StagedFile file in dirty)
        {
            file.IsDirty = false; // before the flush: what is written during it belongs to the next one
            Errno errno = Flush(file, dataOnly: true);
            if (errno != Errno.None)
            {
                failed.TryAdd(file.Entry, errno);
            }

            Return(file);
        }

        return failed;
    }

    /// <summary>Says of a file once more that its flush failed: the next <see cref="FlushDirty"/> tells it.</summary>
    public void NoteFailed(uint entry, Errno errno)
    {
        lock (_gate)
        {
            _failed.TryAdd(entry, errno);
        }
    }

    /// <summary>Flushes content and metadata of one file.</summary>
    public Errno Flush(StagedFile file, bool dataOnly)
    {
        Errno injected = flushFault?.Invoke(file.Entry) ?? Errno.None;
        FileHandle handle = file.Handle!; // set while the file is lent
        Errno errno = injected != Errno.None ? injected : dataOnly ? handle.TryFlushData() : handle.TryFlush();
#if TEETH
        if (errno != Errno.None && Tooth.Bites("flush-retried-after-failure"))
        {
            errno = flushFault?.Invoke(file.Entry) ?? handle.TryFlush();
        }

#endif
        return errno;
    }

    /// <summary>Closes the file once all writers have returned it, and forgets it; its name stays.</summary>
    public void Close(uint entry)
    {
        lock (_gate)
        {
            while (_open.TryGetValue(entry, out StagedFile? file))
            {
                if (file.Lent == 0)
                {
                    file.Dispose();
                    _open.Remove(entry);
                    break;
                }

                Monitor.Wait(_gate);
            }

            _existing.Remove(entry);
            _failed.Remove(entry);
        }
    }

    /// <summary>Closes the file and removes its name.</summary>
    public void Discard(uint entry)
    {
        Close(entry);
        RemoveName(folder, NameOf(entry));
    }

    /// <summary>Removes whatever has the name in the staging folder; nothing is opened or followed.</summary>
    public static void RemoveName(FolderHandle folder, ReadOnlySpan<byte> name)
    {
        Errno errno = folder.TryRemoveFile(name);
        if (errno == Errno.IsAFolder)
        {
            errno = folder.TryRemoveFolder(name);
        }

        if (errno != Errno.NoEntry)
        {
            errno.OrThrow("remove", folder, name);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (StagedFile file in _open.Values)
            {
                file.Dispose();
            }

            _open.Clear();
        }
    }

    private void Open(StagedFile into, FileShape shape, out bool created)
    {
        byte[] name = NameOf(into.Entry);
        created = !Exists(into.Entry);
        FileHandle handle = created ? Create(name) : OpenExisting(name, shape.Size);
        try
        {
            if (created)
            {
                faultPoint("d2.after");
                faultPoint("d4.before");
                shape.TryAllocate(handle).OrThrow("allocate the space of", handle);
                faultPoint("d4.after");
            }

            into.Direct = OpenDirect(handle, name, shape.Size);
        }
        catch (NativeException)
        {
            handle.Dispose();
            if (created)
            {
                RemoveName(folder, name);
            }

            throw;
        }
        catch
        {
            handle.Dispose();
            throw;
        }

        into.Handle = handle;
        if (created)
        {
            lock (_gate)
            {
                _existing.Add(into.Entry);
                HasNewNames = true;
            }
        }
    }

    private FileHandle Create(byte[] name)
    {
        faultPoint("d2.before");
        Errno errno = folder.TryCreateFile(name, PrivateFile, out FileHandle? file);
        if (errno == Errno.Exists)
        {
            // Nothing vouches for what is there: a leftover of a failed attempt, or planted. It is removed, never opened.
            RemoveName(folder, name);
            errno = folder.TryCreateFile(name, PrivateFile, out file);
        }

        errno.OrThrow("create", folder, name);
        return file!; // set whenever the call did not fail
    }

    // The same file once more: a handle is direct or it is not, and the end of a file that is no whole block needs one that is not.
    private FileHandle? OpenDirect(FileHandle file, byte[] name, long size)
    {
        if (!directWrites.IsOn || !DirectWrites.IsWorth(size))
        {
            return null;
        }

        Errno errno = folder.TryOpenDirect(name, out FileHandle? direct);
        if (DirectWrites.IsRefusal(errno))
        {
            directWrites.Refuse(errno, file);
            return null;
        }

        errno.OrThrow("open", folder, name);
        FileStatus known = file.Status();
        FileStatus opened = direct!.Status(); // set whenever the call did not fail
        if (opened.Device != known.Device || opened.Inode != known.Inode)
        {
            direct.Dispose();
            throw Tampered(name);
        }

        return direct;
    }

    private FileHandle OpenExisting(byte[] name, long size)
    {
        Errno errno = folder.TryOpenWritable(name, out FileHandle? file);
        if (errno == Errno.AccessDenied)
        {
            // A crash may have left the final mode on a file that is not verified yet.
            using FileHandle closed = folder.OpenFile(name);
            closed.SetMode(PrivateFile);
            errno = folder.TryOpenWritable(name, out file);
        }

        errno.OrThrow("open", folder, name);
        FileHandle handle = file!; // set whenever the call did not fail
        if (!IsSound(handle.Status(), size))
        {
            handle.Dispose();
            throw Tampered(name);
        }

        return handle;
    }

    private NativeException Tampered(byte[] name) => new(Errno.Stale, "use the staged file, which was changed from outside,", folder.Describe(name));

    /// <summary>Whether a status is that of a staged file as we make them.</summary>
    public static bool IsSound(in FileStatus status, long size) =>
        status.Kind == FileKind.File && status.Links == 1 && status.Size == size && status.Owner == NativePath.EffectiveUser;

    private void MakeRoomLocked()
    {
        while (_open.Count >= maxOpen)
        {
            StagedFile? idle = null;
            foreach (StagedFile file in _open.Values)
            {
                if (file.Lent == 0 && (idle is null || (idle.IsDirty && !file.IsDirty)))
                {
                    idle = file;
                }
            }

            if (idle is null)
            {
                return; // every file has a writer; the writers are bounded by the session
            }

            Errno errno = idle.IsDirty ? Flush(idle, dataOnly: true) : Errno.None;
            if (errno != Errno.None)
            {
                _failed.TryAdd(idle.Entry, errno);
            }

            idle.Dispose();
            _open.Remove(idle.Entry);
        }
    }
}
