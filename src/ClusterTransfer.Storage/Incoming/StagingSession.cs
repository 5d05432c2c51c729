using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>What opening a transfer's staging folder yields; all of it is owned by who opened it.</summary>
internal sealed record OpenedStaging(FolderHandle Folder, NodeJournalLog Log, TransferState State, DigestIndex Digests, JournalScan? Scan, bool IsDamaged) : IDisposable
{
    public void Dispose()
    {
        Digests.Dispose();
        Log.Dispose();
        Folder.Dispose();
    }
}

/// <summary>Opens, mends and removes the staging folder of one transfer: the rows J of docs/recovery.md.</summary>
internal static class StagingSession
{
    private const int PrivateFolder = 0x1c0; // 0700
    private const int PrivateFile = 0x180; // 0600

    public static ReadOnlySpan<byte> JournalName => "journal.log"u8;

    public static ReadOnlySpan<byte> MendedName => "journal.new"u8;

    public static ReadOnlySpan<byte> DigestsName => "digests.bin"u8;

    /// <summary>Opens or makes the folder and its log, and replays the log. Touches nothing when it refuses.</summary>
    /// <exception cref="ClusterTransferException">Rows J4, J6 to J8, J11, J12.</exception>
    /// <exception cref="NativeException">The file system failed.</exception>
    public static OpenedStaging Open(Location location, SafeRelativePath folder, TransferId id, Epoch epoch, IncomingOptions options)
    {
        FolderHandle staging = OpenFolder(location, id);
        IJournalMedium? medium = null;
        try
        {
            medium = OpenJournal(staging, id, options);
            (JournalScan scan, TransferState state) = Replay(medium, id);
            Check(scan, state, folder, id, epoch, options, staging);
            bool isNew = scan.Header == JournalHeaderState.Missing;
            bool isDamaged = scan.IsDamaged; // mending copies what is sound, so only this scan knows
            NodeJournalLog log;
            if (isNew)
            {
                RemoveStaged(staging);
                log = NodeJournalLog.Create(medium, id);
            }
            else if (scan.IsDamaged)
            {
                medium = Mend(staging, medium, id, options);
                (scan, state) = Replay(medium, id);
                log = new NodeJournalLog(medium, scan.Salt, scan.GoodLength);
            }
            else
            {
                log = new NodeJournalLog(medium, scan.Salt, scan.GoodLength);
                if (scan.HasTail)
                {
                    log.CutTail();
                }
            }

            StagedFiles.RemoveName(staging, MendedName);

            // A process before us may have made these names and died before it flushed them; nothing may be promised on top of that.
            staging.Flush();
            location.Staging.Flush();
            return new OpenedStaging(staging, log, state, BuildDigests(staging, medium, id), isNew ? null : scan, isDamaged);
        }
        catch
        {
            medium?.Dispose();
            staging.Dispose();
            throw;
        }
    }

    /// <summary>Reads what the log says without changing anything.</summary>
    /// <returns>Null when there is no readable log.</returns>
    public static TransferState? TryRead(Location location, TransferId id)
    {
        if (location.ReadOnly || location.Staging.TryOpenFolder(NameOf(id), out FolderHandle? staging) != Errno.None)
        {
            return null;
        }

        using (staging)
        {
            if (staging!.TryOpenFile(JournalName, out FileHandle? file) != Errno.None) // open when there was no error
            {
                return null;
            }

            using var medium = new FileJournalMedium(file!); // open when there was no error
            (JournalScan scan, TransferState state) = Replay(medium, id);
            return scan.Header is JournalHeaderState.Sound or JournalHeaderState.OneCopyDamaged ? state : null;
        }
    }

    /// <summary>What the log says of a transfer at level received some of whose published files lie in the staging folder; null for any other.</summary>
    public static TransferState? FindUndone(Location location, TransferId id)
    {
        if (TryRead(location, id) is { Durability: DurabilityLevel.Received } state && location.Staging.TryOpenFolder(NameOf(id), out FolderHandle? staging) == Errno.None)
        {
            using (staging)
            {
                // Open when there was no error. Also those that an earlier recovery found and did not put back.
                return StagingReview.FindStagedAgain(staging!, state).Count + state.Undone.Count > 0 ? state : null;
            }
        }

        return null;
    }

    /// <summary>Removes everything but the log.</summary>
    /// <returns>How many names.</returns>
    public static int RemoveStaged(FolderHandle staging) => RemoveNames(staging, static name => !name.SequenceEqual(JournalName));

    /// <summary>Removes the whole folder, its log last: until then the outcome can be read.</summary>
    public static void Remove(Location location, FolderHandle staging, TransferId id)
    {
        try
        {
            RemoveStaged(staging);
            RemoveNames(staging, static _ => true);
            Errno errno = location.Staging.TryRemoveFolder(NameOf(id));
            if (errno != Errno.NoEntry)
            {
                errno.OrThrow("remove the folder", location.Staging, NameOf(id));
            }

            location.Staging.Flush();
        }
        catch (NativeException error)
        {
            throw new ClusterTransferException(error.AtDestination(), error);
        }
    }

    /// <summary>The same by name, for a transfer that nobody has open; nothing when there is no such folder.</summary>
    public static void Remove(Location location, TransferId id)
    {
        if (!location.ReadOnly && location.Staging.TryOpenFolder(NameOf(id), out FolderHandle? staging) == Errno.None)
        {
            using FolderHandle folder = staging!; // open when there was no error
            Remove(location, folder, id);
        }
    }

    private delegate bool NameTest(ReadOnlySpan<byte> name);

    private static int RemoveNames(FolderHandle staging, NameTest test)
    {
        List<byte[]> names = [];
        staging.List(name =>
        {
            if (test(name))
            {
                names.Add(name.ToArray());
            }
        });
        names.ForEach(name => StagedFiles.RemoveName(staging, name));
        return names.Count;
    }

    private static byte[] NameOf(TransferId id) => Encoding.ASCII.GetBytes(id.Value);

    private static FolderHandle OpenFolder(Location location, TransferId id)
    {
        byte[] name = NameOf(id);
        Errno made = location.Staging.TryCreateFolder(name, PrivateFolder);
        if (made is not (Errno.None or Errno.Exists))
        {
            made.OrThrow("create the folder", location.Staging, name);
        }

        Errno errno = location.Staging.TryOpenFolder(name, out FolderHandle? folder);
        if (errno is Errno.TooManySymbolicLinks or Errno.NotAFolder)
        {
            throw new ClusterTransferException(
                Reason.DiskError, $"'{location.Staging.Describe(name)}' is a link or a file, but must be a folder of this node. Remove it.");
        }

        errno.OrThrow("open the folder", location.Staging, name);
        return folder!; // open when there was no error
    }

    private static IJournalMedium OpenJournal(FolderHandle staging, TransferId id, IncomingOptions options)
    {
        Errno errno = staging.TryOpenWritable(JournalName, out FileHandle? file);
        if (errno == Errno.NoEntry)
        {
            errno = staging.TryCreateFile(JournalName, PrivateFile, out file);
        }

        errno.OrThrow("open", staging, JournalName);
        FileHandle journal = file!; // open when there was no error
        try
        {
            if (journal.Status() is not { Kind: FileKind.File, Links: 1 })
            {
                throw new ClusterTransferException(Reason.DiskError, $"'{journal.Display}' is not a file of its own. Remove it.");
            }

            Lock(journal, id);
            return Wrap(journal, options);
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    private static void Lock(FileHandle journal, TransferId id)
    {
        if (!journal.TryLock())
        {
            throw new ClusterTransferException(Reason.WrongState, $"Transfer {id} is open in another session of this node. It must end first.");
        }
    }

    private static IJournalMedium Wrap(FileHandle file, IncomingOptions options)
    {
        IJournalMedium medium = new FileJournalMedium(file);
        return options.WrapJournal?.Invoke(medium) ?? medium;
    }

    private static (JournalScan Scan, TransferState State) Replay(IJournalMedium medium, TransferId id)
    {
        byte[] ReadJournal(long offset, int length)
        {
            byte[] encoded = new byte[length];
            medium.Read(encoded, offset);
            return encoded;
        }

        var state = new TransferState(new PageBook(ReadJournal), new EarlierFiles(ReadJournal));
        JournalScan scan = JournalScanner.Scan(medium, id, record => JournalReplay.Apply(state, record, onChunkDurable: null));
        return (scan, state);
    }

    private static void Check(
        JournalScan scan, TransferState state, SafeRelativePath folder, TransferId id, Epoch epoch, IncomingOptions options, FolderHandle staging)
    {
        if (scan.Header == JournalHeaderState.Newer || scan.HasUnknownType)
        {
            throw new ClusterTransferException(
                Reason.VersionMismatch, $"'{staging.Describe(JournalName)}' was written by a newer version than format {JournalHeader.Version}. Run that version, or remove the folder to give the transfer up.");
        }

        if (scan.Header == JournalHeaderState.OtherTransfer)
        {
            throw new ClusterTransferException(Reason.DiskError, $"'{staging.Describe(JournalName)}' belongs to another transfer than {id}. Remove the folder if it was copied.");
        }

        if (state.HighestEpoch > epoch
#if TEETH
            && !Tooth.Bites("no-epoch-check")
#endif
            )
        {
            throw new ClusterTransferException(Reason.Superseded, $"Transfer {id} has seen epoch {state.HighestEpoch} here; {epoch} is older.");
        }

        if (state.Folder is not null
            && (!state.Folder.Equals(folder) || state.Conflict != options.Conflict || state.Durability != options.Durability))
        {
            throw new ClusterTransferException(
                Reason.ProtocolViolation, $"Transfer {id} was begun here for folder '{state.Folder}', {state.Conflict}, {state.Durability}; now it is asked for '{folder}', {options.Conflict}, {options.Durability}.");
        }
    }

    private static IJournalMedium Mend(FolderHandle staging, IJournalMedium damaged, TransferId id, IncomingOptions options)
    {
        IJournalMedium mended = Replace(staging, id, options, log => NodeJournalLog.CopySound(damaged, log, id));
        damaged.Dispose();
        return mended;
    }

    /// <summary>Puts another log in place of the one that is there, in one step: until the new one is whole on the disk the old one counts.</summary>
    /// <param name="staging">The transfer's folder.</param>
    /// <param name="id">The transfer.</param>
    /// <param name="options">Wraps the log in tests.</param>
    /// <param name="fill">Writes and flushes the new log.</param>
    public static IJournalMedium Replace(FolderHandle staging, TransferId id, IncomingOptions options, Action<IJournalMedium> fill)
    {
        StagedFiles.RemoveName(staging, MendedName);
        FileHandle file = staging.CreateFile(MendedName, PrivateFile);
        IJournalMedium log = Wrap(file, options);
        try
        {
            Lock(file, id);
            fill(log);
            staging.TryRenameReplace(MendedName, staging, JournalName).OrThrow("rename", staging, MendedName);
            staging.Flush();
            return log;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    private static DigestIndex BuildDigests(FolderHandle staging, IJournalMedium medium, TransferId id)
    {
        StagedFiles.RemoveName(staging, DigestsName);
        var digests = new DigestIndex(staging.CreateFile(DigestsName, PrivateFile));
        try
        {
            JournalScanner.Scan(medium, id, record =>
            {
                if (record.Type == JournalRecordType.ChunksDurable)
                {
                    JournalReader.Values(record.Payload, digests.Write);
                }
            });
            return digests;
        }
        catch
        {
            digests.Dispose();
            throw;
        }
    }
}
