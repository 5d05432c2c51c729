using System.Globalization;
using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Locations;

/// <summary>Makes and checks <c>.clustertransfer</c>: private, ours, locked, and on the same mount as the location.</summary>
internal sealed class StagingFolder(FolderHandle folder, FileHandle ownedLock, DirectWrites directWrites) : IDisposable
{
    private const int PrivateFolder = 0x1c0; // 0700
    private const int PrivateFile = 0x180; // 0600
    private const int OthersMask = 0x3f; // 0077

    /// <summary>The folder.</summary>
    public FolderHandle Folder { get; } = folder;

    /// <summary>Held as long as this process serves the location.</summary>
    public FileHandle Lock { get; } = ownedLock;

    /// <summary>Whether what is staged in it is written past the page cache.</summary>
    public DirectWrites DirectWrites { get; } = directWrites;

    private static ReadOnlySpan<byte> LockName => "lock"u8;

    private static ReadOnlySpan<byte> ProbeName => "probe"u8;

    /// <summary>Opens or makes the staging folder of a location.</summary>
    /// <exception cref="NativeException">The file system failed.</exception>
    /// <exception cref="ClusterTransferException">It is not ours, or another process has it.</exception>
    public static StagingFolder Open(FolderHandle root, DirectWrites directWrites)
    {
        FolderHandle? folder = null;
        FileHandle? lockFile = null;
        try
        {
            folder = OpenPrivate(root);
            lockFile = TakeLock(folder);
            Probe(root, folder, directWrites);
            return new StagingFolder(folder, lockFile, directWrites);
        }
        catch
        {
            lockFile?.Dispose();
            folder?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Folder.Dispose();
        Lock.Dispose();
    }

    /// <summary>Whether a name directly in it belongs to the folder itself.</summary>
    public static bool IsOwn(ReadOnlySpan<byte> name) => name.SequenceEqual(LockName) || name.SequenceEqual(ProbeName);

    private static FolderHandle OpenPrivate(FolderHandle root)
    {
        Errno made = root.TryCreateFolder(ReservedNames.Staging, PrivateFolder);
        if (made is not (Errno.None or Errno.Exists))
        {
            made.OrThrow("create the folder", root, ReservedNames.Staging);
        }

        Errno opened = root.TryOpenFolder(ReservedNames.Staging, out FolderHandle? folder);
        if (opened is Errno.TooManySymbolicLinks or Errno.NotAFolder)
        {
            throw new ClusterTransferException(
                Reason.DestinationNotWritable, $"'{root.Describe(ReservedNames.Staging)}' is a link or a file, but must be a folder of this node. Remove it.");
        }

        opened.OrThrow("open the folder", root, ReservedNames.Staging);
        FileStatus status = folder!.Status(); // set whenever the call did not fail
        if (status.Owner != NativePath.EffectiveUser)
        {
            folder.Dispose();
            throw new ClusterTransferException(
                Reason.DestinationNotWritable,
                $"'{root.Describe(ReservedNames.Staging)}' belongs to user {status.Owner}, but this node runs as user {NativePath.EffectiveUser}. Run it as that user, or remove the folder when no node uses it.");
        }

        if ((status.Mode & OthersMask) != 0)
        {
            folder.SetMode(PrivateFolder);
        }

        if (made == Errno.None)
        {
            root.Flush();
        }

        return folder;
    }

    private static FileHandle TakeLock(FolderHandle folder)
    {
        FileHandle file = folder.OpenOrCreateFile(LockName, PrivateFile);
        try
        {
            if (file.Status().Kind != FileKind.File)
            {
                throw new ClusterTransferException(Reason.DestinationNotWritable, $"'{file.Display}' is not a file. Remove it.");
            }

            if (!file.TryLock())
            {
                Span<byte> holder = stackalloc byte[20];
                string who = Encoding.ASCII.GetString(holder[..file.Read(holder, 0)]).Trim();
                throw new ClusterTransferException(
                    Reason.WrongState,
                    $"another process{(who.Length == 0 ? string.Empty : $" (pid {PathText.Escape(who)})")} serves this folder. Stop that node, or give this location a folder of its own.");
            }

            // Only a help for the message above: the lock itself is what counts.
            file.SetLength(0);
            file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)), 0);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // A bind mount over the staging folder looks like one file system until a rename fails; so one is tried before any byte is accepted.
    private static void Probe(FolderHandle root, FolderHandle folder, DirectWrites directWrites)
    {
        RemoveLeftover(folder, ProbeName);
        RemoveLeftover(root, ReservedNames.Probe);
        using (FileHandle file = folder.CreateFile(ProbeName, PrivateFile))
        {
            directWrites.Probe(folder, ProbeName);
            file.Write("probe"u8, 0);
            file.Flush();
        }

        folder.Flush();
        Errno renamed = folder.TryRenameNoReplace(ProbeName, root, ReservedNames.Probe);
        if (renamed != Errno.None)
        {
            RemoveLeftover(folder, ProbeName);
        }

        if (renamed == Errno.CrossDevice)
        {
            throw new ClusterTransferException(
                Reason.DestinationNotWritable,
                $"'{folder.Display}' is on another mount than the location, so finished files cannot be renamed into place. Unmount it.");
        }

        if (renamed is Errno.Invalid or Errno.NoSystemCall or Errno.NotSupported)
        {
            throw new ClusterTransferException(
                Reason.DestinationNotWritable,
                "its file system cannot rename without replacing, which keeps files of others safe. Use another file system, or make the location read-only.");
        }

        renamed.OrThrow("rename the probe file to", root, ReservedNames.Probe);
        RemoveLeftover(root, ReservedNames.Probe);
        root.Flush();
    }

    private static void RemoveLeftover(FolderHandle folder, ReadOnlySpan<byte> name)
    {
        Errno errno = folder.TryRemoveFile(name);
        if (errno != Errno.NoEntry)
        {
            errno.OrThrow("remove", folder, name);
        }
    }
}
