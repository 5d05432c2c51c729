using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Outgoing.State;

/// <summary>Files that the source gave up because of a chunk, with the evidence: so they stay for all sessions of a round. Made with the first of them.</summary>
/// <remarks>A file of its own, so that a node that knows nothing of it passes it over. Thread-safe.</remarks>
internal sealed class ParkedLog : IDisposable
{
    private readonly Lock _lock = new();
    private readonly FolderHandle _folder;
    private readonly byte[] _name;
    private readonly List<FileIssue> _issues = [];
    private StateLog? _log;

    private ParkedLog(FolderHandle folder, byte[] name)
    {
        _folder = folder;
        _name = name;
    }

    /// <summary>All of them, oldest first; each has its evidence.</summary>
    public IReadOnlyList<FileIssue> Issues
    {
        get
        {
            lock (_lock)
            {
                return [.. _issues];
            }
        }
    }

    /// <summary>Reads what is there; a log that was never written is empty.</summary>
    /// <exception cref="ClusterTransferException">It is damaged.</exception>
    public static ParkedLog Open(FolderHandle folder, byte[] name)
    {
        var log = new ParkedLog(folder, name);
        Errno errno = folder.TryOpenFile(name, out FileHandle? file);
        if (errno == Errno.NoEntry)
        {
            return log;
        }

        errno.OrThrow("open", folder, name);
        file!.Dispose();   // open when there was no error
        try
        {
            log._log = StateLog.Open(folder, name, (payload, _) => log._issues.AddRange(StateCodec.DecodeParked(payload)));
            return log;
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw new ClusterTransferException(
                Reason.DiskError, $"'{folder.Describe(name)}' cannot be understood: {error.Message}. Cancel this transfer and submit it again.", error);
        }
    }

    /// <summary>Adds files; durable when this returns.</summary>
    public void Append(IReadOnlyList<FileIssue> issues)
    {
        lock (_lock)
        {
            if (_log is null)
            {
                StateLog log = StateLog.Open(_folder, _name, static (_, _) => { });
                try
                {
                    _folder.Flush();
                }
                catch
                {
                    log.Dispose();
                    throw;
                }

                _log = log; // not before its name is on disk
            }

            _log.Append(StateCodec.EncodeParked(issues));
            _issues.AddRange(issues);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _log?.Dispose();
}
