using ClusterTransfer.Model;
using Microsoft.Data.Sqlite;

namespace ClusterTransfer.Journal.Sqlite;

/// <summary>The database file before SQLite sees it: its mode, its lock, and whether it was closed properly.</summary>
internal sealed class JournalFile : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly FileStream _lock;

    private JournalFile(string path, FileStream held, bool uncleanStop)
    {
        Path = path;
        _lock = held;
        UncleanStop = uncleanStop;
    }

    public string Path { get; }

    /// <summary>Whether the process before ended without closing it: its write-ahead log is still there.</summary>
    public bool UncleanStop { get; }

    /// <exception cref="ClusterTransferException">In use by another process, or it cannot be created.</exception>
    public static JournalFile Open(string file)
    {
        string path = System.IO.Path.GetFullPath(file);
        FileStream held = Lock(path);
        try
        {
            bool uncleanStop = new FileInfo(path + "-wal") is { Exists: true, Length: > 0 };
            // SQLite gives its log and index files the mode of the database, so that one has to be right from its first byte.
            using (OpenOwnerOnly(path, FileShare.ReadWrite))
            {
            }

            return new JournalFile(path, held, uncleanStop);
        }
        catch (Exception error)
        {
            held.Dispose();
            if (error is IOException or UnauthorizedAccessException)
            {
                throw new ClusterTransferException(Reason.DiskError, $"The journal {path} cannot be opened: {error.Message}", error);
            }

            throw;
        }
    }

    /// <summary>After an unclean stop: SQLite reads every page before anything is built on them.</summary>
    /// <exception cref="ClusterTransferException">The database is damaged.</exception>
    public void CheckAfterUncleanStop(SqliteConnection connection, long maxSize)
    {
        if (!UncleanStop || new FileInfo(Path).Length > maxSize)
        {
            return;
        }

        string answer = (string?)connection.Scalar("PRAGMA quick_check(1)") ?? string.Empty;
        if (answer != "ok")
        {
            throw new ClusterTransferException(
                Reason.DiskError,
                $"The journal {Path} is damaged ({answer}), found at the check after an unclean stop: restore it from a backup; the data beside it is not touched.");
        }
    }

    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(string path)
    {
        try
        {
            return OpenOwnerOnly(path + ".lock", FileShare.None);
        }
        catch (Exception error) when (error is DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new ClusterTransferException(Reason.DiskError, $"The journal {path} cannot be opened: {error.Message}", error);
        }
        catch (IOException error)
        {
            throw new ClusterTransferException(
                Reason.WrongState, $"The journal {path} is in use by another process: one node at a time may have it.", error);
        }
    }

    private static FileStream OpenOwnerOnly(string path, FileShare share)
    {
        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        FileStream stream = new(path, options);
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(stream.SafeFileHandle) != OwnerOnly)
        {
            File.SetUnixFileMode(stream.SafeFileHandle, OwnerOnly);
        }

        return stream;
    }
}
