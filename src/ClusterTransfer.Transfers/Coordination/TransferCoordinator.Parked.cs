using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Sessions;

namespace ClusterTransfer.Transfers.Coordination;

// Chunks that the source gave up, with the evidence. Journaled as they are said, because the source may not be there any more when the transfer ends.
internal sealed partial class TransferCoordinator
{
    // The source repeats them in turn; each file is journaled once, and no more of them than an end of a session may report.
    private void NoteParked(IReadOnlyList<FileIssue> said)
    {
        int room = ReportedIssues.MaxBytes - _record.Parked.Sum(ReportedIssues.SizeOf);
        FileIssue[] news =
        [
            .. said.Where(issue => issue is { State: FileState.Parked, Chunk: not null } && _record.Parked.All(known => known.Path != issue.Path))
                .DistinctBy(issue => issue.Path)
                .Take(SessionEnded.MaxIssues - _record.Parked.Count)
                .TakeWhile(issue => (room -= ReportedIssues.SizeOf(issue)) >= 0),
        ];
        if (news.Length == 0)
        {
            return;
        }

        Persist(new TransferEvents.FilesParked(news, Now), parked =>
        {
            _record.Apply(parked);
            Show();
        });
    }

    private static IReadOnlyList<FileIssue> NotDelivered(TransferEvents.DestinationDone done, IReadOnlyList<FileIssue> said) =>
        Outcome.NotDelivered(done.Progress, done.Issues, said);
}
