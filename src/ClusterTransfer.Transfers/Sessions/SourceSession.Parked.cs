using System.Globalization;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Sessions;

// Chunks that were given up, and their files. That and the evidence are on this node's disk before the destination hears of it: whoever remembers that a file is
// parked finds why, whatever dies in between, and no later session of the round sends the chunk again.
internal sealed partial class SourceSession
{
    // What a report of progress carries of them, in bytes of JSON; it goes out often, and most of them were said before.
    private const int ParkedBytesInReport = 16 * 1024;

    // On disk, at most SessionEnded.MaxIssues; beyond that the files are given up all the same, and the destination names them.
    private readonly List<FileIssue> _parked = [];

    // Those of an earlier session of this round.
    private IReadOnlyList<FileIssue> _parkedEarlier = [];
    private int _parkedInAll;

    // Turns round and round: a report may be lost, and nobody answers it.
    private readonly Queue<FileIssue> _parkedToReport = new();

    private void TakeUpParked()
    {
        _parkedEarlier = _outgoing!.ParkedIssues;
        _parkedInAll = _parkedEarlier.Count;
        NoteOnDisk(_parkedEarlier);
    }

    private void NoteOnDisk(IReadOnlyList<FileIssue> issues)
    {
        _parked.AddRange(issues);
        foreach (FileIssue issue in issues)
        {
            _parkedToReport.Enqueue(issue);
        }
    }

    protected override IReadOnlyList<FileIssue> ParkedToReport()
    {
        var report = new List<FileIssue>();
        int room = ParkedBytesInReport;
        while (report.Count < Math.Min(_parkedToReport.Count, SessionProgressed.MaxParked)
            && ((room -= ReportedIssues.SizeOf(_parkedToReport.Peek())) >= 0 || report.Count == 0))
        {
            FileIssue issue = _parkedToReport.Dequeue();
            report.Add(issue);
            _parkedToReport.Enqueue(issue);
        }

        return report;
    }

    private void ParkRefused(ChunkInFlight inFlight, Chunks.ChunkProtocol.Refused last) => Park(
        inFlight,
        last.Expected.ToString(),
        last.Actual.ToString(),
        new Problem(
            Reason.ChunkCorrupt,
            $"Chunk {inFlight.Chunk.Index} at offset {inFlight.Chunk.FileOffset} was refused {inFlight.Attempt} times, last over connection {inFlight.Connection} ({last.Reason})."));

    private void ParkUnanswered(ChunkInFlight inFlight) => Park(
        inFlight,
        inFlight.Digest.ToString(),
        string.Empty,
        new Problem(
            Reason.ChunkUnanswered,
            $"Chunk {inFlight.Chunk.Index} at offset {inFlight.Chunk.FileOffset} was sent {inFlight.Attempt} times and was not acknowledged, the last time over connection {inFlight.Connection}."));

    private void Park(ChunkInFlight inFlight, string expected, string actual, Problem problem)
    {
        ChunkIndex index = inFlight.Chunk.Index;
        DateTimeOffset now = Services.Time.GetUtcNow();
        var evidence = new ParkedChunk(
            index.Value,
            inFlight.Chunk.FileOffset,
            inFlight.Attempt,
            expected,
            actual,
            inFlight.Connection,
            Command.Peer.Value,
            now,
            _ledger.TroubleOf(index)?.FirstAt ?? now);
        Note(
            "chunk-parked",
            problem.Detail,
            EventData.Of(
                ("chunk", index),
                ("attempts", evidence.Attempts),
                ("reason", problem.Reason.Info().Code),
                ("expected", expected),
                ("actual", actual),
                ("connection", evidence.Connection),
                ("peer", evidence.Peer),
                ("firstAt", evidence.FirstAt?.ToString("O", CultureInfo.InvariantCulture)),
                ("lastAt", evidence.LastAt.ToString("O", CultureInfo.InvariantCulture))));
        _ledger.Park(index);

        EntryIndex[] given = [.. EntriesOf(inFlight.Page, inFlight.Chunk).Where(entry => TryFail(inFlight.Page, entry, problem))];
        foreach (EntryIndex entry in given)
        {
            Note("file-parked", $"{PathOf(inFlight.Page, entry)}: {problem.Detail}");
        }

        FileIssue[] issues =
        [
            .. given.Take(SessionEnded.MaxIssues - _parkedInAll).Select(entry => new FileIssue(PathOf(inFlight.Page, entry), FileState.Parked, problem) { Chunk = evidence }),
        ];
        if (issues.Length == 0)
        {
            TellFailed(given);
            return;
        }

        _parkedInAll += issues.Length;
        Step(
            "noting a chunk that was given up",
            () =>
            {
                _outgoing!.Park(issues);
                return true;
            },
            _ => new SourceProtocol.ParkedOnDisk(given, issues));
    }

    private void OnParkedOnDisk(SourceProtocol.ParkedOnDisk parked)
    {
        NoteOnDisk(parked.Issues);
        TellFailed(parked.Entries);
    }

    // A chunk that was not answered may have arrived all the same: where the destination holds it, its files need not be given up.
    private FileIssue[] ParkedEarlierOf(AnnouncedPage page) => [.. _parkedEarlier.Where(issue =>
    {
        var chunk = new ChunkIndex(issue.Chunk!.Index);   // each has its evidence
        return page.Plan.Contains(chunk) && !(issue.Problem.Reason == Reason.ChunkUnanswered && page.Holds(chunk));
    })];

    // The destination may not have heard of it, or not have kept it. It is asked for nothing that waits for that: the chunk is not sent.
    private void GiveUpEarlier(IReadOnlyList<FileIssue> parked)
    {
        foreach (FileIssue issue in parked)
        {
            _ledger.GiveUp(new ChunkIndex(issue.Chunk!.Index));
        }
    }

    private void FailEarlier(ManifestPage page, PagePlan plan, IReadOnlyList<FileIssue> parked)
    {
        foreach (FileIssue issue in parked)
        {
            TellFailed([.. EntriesOf(page, plan.At(new ChunkIndex(issue.Chunk!.Index))).Where(entry => TryFail(page, entry, issue.Problem))]);
        }
    }
}
