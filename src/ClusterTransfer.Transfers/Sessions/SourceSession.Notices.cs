using ClusterTransfer.Model;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Sessions;

// What the destination must hear of files: the digests of those that were read, and which will not be delivered.
internal sealed partial class SourceSession
{
    private readonly Dictionary<EntryIndex, Digest> _roots = [];
    private readonly Dictionary<EntryIndex, Problem> _failedEntries = [];
    private readonly Notices<EntryIndex> _rootNotices = new();
    private readonly Notices<EntryIndex> _failureNotices = new();

    private void VouchFor(EntryIndex file, Digest root)
    {
        _roots[file] = root;
        _rootNotices.Add(file);
        SendNotices();
    }

    // The destination answers once the file has its outcome, whichever.
    private void ForgetRoot(EntryIndex file)
    {
        _roots.Remove(file);
        _rootNotices.Remove(file);
    }

    // Nothing answers it: a connection that ends before the session has to be taken as one that lost it. Repeats are harmless.
    private void TellFailed(IReadOnlyList<EntryIndex> entries)
    {
        foreach (EntryIndex entry in entries)
        {
            ForgetRoot(entry);
            _failureNotices.Add(entry);
        }

        SendNotices();
    }

    private void LoseNotices(int connection)
    {
        _rootNotices.Lose(connection);
        _failureNotices.Lose(connection);
    }

    protected override OutgoingFrame? NextNotice(int connection)
    {
        if (_failureNotices.Take(SourceChangedBody.MaxEntries, connection) is { Count: > 0 } failed)
        {
            return Frame(FrameType.SourceChanged, new SourceChangedBody(
                [.. failed.Select(entry => (entry, _failedEntries[entry].Reason, _failedEntries[entry].Detail))]).ToArray());
        }

        return _rootNotices.Take(FileDoneBody.MaxFiles, connection) is { Count: > 0 } files
            ? Frame(FrameType.FileDone, new FileDoneBody([.. files.Select(file => (file, _roots[file]))]).ToArray())
            : null;
    }
}
