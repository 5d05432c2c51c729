using ClusterTransfer.Model;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>The state of a transfer that its events add up to. Changed only by <see cref="Apply"/>, which recovery uses as well.</summary>
internal sealed class TransferRecord
{
    public TransferEvents.Submitted? Submitted { get; private set; }

    /// <summary>The session in force; null before the first and after one broke.</summary>
    public TransferEvents.SessionGiven? Session { get; private set; }

    /// <summary>The session given last, in force or not: its nodes hold something of the transfer.</summary>
    public TransferEvents.SessionGiven? LastSession { get; private set; }

    /// <summary>The highest epoch ever given.</summary>
    public Epoch Epoch { get; private set; }

    public int Sessions { get; private set; }

    public DateTimeOffset? StartedAt { get; private set; }

    public bool CancelRequested { get; private set; }

    /// <summary>Whether the user wants it to hold.</summary>
    public bool PauseRequested { get; private set; }

    /// <summary>Since when he does; null when he does not.</summary>
    public DateTimeOffset? PausedAt { get; private set; }

    /// <summary>When the last session broke; null when none did since one opened or was given back.</summary>
    public DateTimeOffset? BrokenAt { get; private set; }

    /// <summary>Most bytes per second that its source sends; null for no limit.</summary>
    public long? Limit { get; private set; }

    /// <summary>How often it was taken up again after it had ended.</summary>
    public int Round { get; private set; }

    /// <summary>Whether the round in force lists the source anew; once a round did, all later ones do.</summary>
    public bool Rescan { get; private set; }

    /// <summary>The files that the round in force is for; null for all.</summary>
    public IReadOnlyList<string>? Files { get; private set; }

    /// <summary>What of earlier rounds keeps its outcome, because the round in force is not for it.</summary>
    public IReadOnlyList<FileIssue> KeptIssues { get; private set; } = [];

    /// <summary>What the source gave up because of a chunk in the round in force, each file once, with the evidence.</summary>
    public IReadOnlyList<FileIssue> Parked { get; private set; } = [];

    /// <summary>How far it was when it ended last; null when it was never taken up again.</summary>
    public TransferProgress? Earlier { get; private set; }

    /// <summary>What stands of that as the round in force begins: what it is for has no outcome any more; null when it was never taken up again.</summary>
    public TransferProgress? Standing { get; private set; }

    /// <summary>When the first session of the round in force was open at both ends, or when the round was asked for while there was none; null before the first session of all.</summary>
    public DateTimeOffset? RoundStartedAt { get; private set; }

    /// <summary>Whether a session of the round in force was open at both ends, as far as that was journaled.</summary>
    public bool RoundStarted { get; private set; }

    public TransferEvents.DestinationDone? DestinationDone { get; private set; }

    public TransferEvents.Ended? Ended { get; private set; }

    /// <summary>Why the last session broke, until another opens.</summary>
    public Problem? LastProblem { get; private set; }

    /// <summary>Whether the last session ended because the disk was full.</summary>
    public bool WaitsForSpace => LastProblem?.Reason == Reason.NoSpace;

    /// <summary>Payload bytes sent by sessions that are over.</summary>
    public long EarlierBytesSent { get; private set; }

    /// <summary>Chunks sent again by sessions that are over.</summary>
    public long EarlierChunksRetried { get; private set; }

    public void Apply(object happened)
    {
        switch (happened)
        {
            case TransferEvents.Submitted submitted:
                Submitted = submitted;
                Limit = submitted.Request.Limit;
                break;
            case TransferEvents.SessionGiven given:
                Session = LastSession = given;
                Epoch = given.Epoch;
                Sessions++;
                break;
            case TransferEvents.Started started:
                StartedAt ??= started.At;
                RoundStartedAt = RoundStarted ? RoundStartedAt : started.At;
                RoundStarted = true;
                LastProblem = null;
                BrokenAt = null;
                break;
            case TransferEvents.SessionBroken broken:
                Session = null;
                LastProblem = broken.Problem;
                BrokenAt = broken.At;
                Epoch = broken.Refused is { } refused && refused > Epoch ? refused : Epoch;
                EarlierBytesSent += broken.BytesSent;
                EarlierChunksRetried += broken.ChunksRetried;
                break;
            case TransferEvents.PauseRequested paused:
                PauseRequested = true;
                PausedAt = paused.At;
                break;
            case TransferEvents.SessionParked parked:
                Session = null;
                LastProblem = null;
                EarlierBytesSent += parked.BytesSent;
                EarlierChunksRetried += parked.ChunksRetried;
                break;
            case TransferEvents.ResumeRequested:
                PauseRequested = false;
                PausedAt = null;
                break;
            case TransferEvents.LimitChanged limited:
                Limit = limited.Limit;
                break;
            case TransferEvents.RetryRequested retry:
                // What was sent before counts on; the last session's part of it was never journaled but in the end itself.
                EarlierBytesSent = Ended!.Progress.BytesSent;
                EarlierChunksRetried = Ended.Progress.ChunksRetried;
                Files = retry.Files;
                KeptIssues = retry.Files is null ? [] : [.. Ended.Issues.Where(issue => !RetrySelection.Covers(retry.Files, issue.Path))];
                Parked = [];
                Earlier = Ended.Progress;
                Standing = StandingOf(Ended, retry.Files is null ? null : KeptIssues);
                RoundStartedAt = retry.At;
                RoundStarted = false;
                Ended = null;
                DestinationDone = null;
                Session = null;
                LastProblem = null;

                // A cancel that failed or came too late was for what has ended; whoever retries wants it to run.
                CancelRequested = false;
                PauseRequested = false;
                PausedAt = null;

                // Reports that an end of the last session still repeats are of a round that is over, like those of any session before the newest.
                Epoch = new Epoch(Epoch.Coordinator, Epoch.Session + 1);

                // A round that no node or only one of them ever opened leaves them with different lists; listing once more is always right.
                Rescan |= retry.Rescan;
                Round++;
                break;
            case TransferEvents.CancelRequested:
                CancelRequested = true;
                break;
            case TransferEvents.FilesParked parked:
                Parked = [.. Parked, .. parked.Issues];
                break;
            case TransferEvents.DestinationDone done:
                DestinationDone = done;
                break;
            case TransferEvents.Ended ended:
                Ended = ended;
                break;
            default:
                throw new InvalidOperationException($"A transfer has no event of type {happened.GetType().Name}.");
        }
    }

    // The counts cover all files, the list only the first: of a round for some files those that are listed and not kept are open again, and only listed ones can be named.
    private static TransferProgress StandingOf(TransferEvents.Ended ended, IReadOnlyList<FileIssue>? kept)
    {
        long Left(long count, FileState state) =>
            kept is null ? 0 : Math.Max(0, count - (ended.Issues.Count(issue => issue.State == state) - kept.Count(issue => issue.State == state)));

        return ended.Progress with
        {
            FilesSkipped = Left(ended.Progress.FilesSkipped, FileState.Skipped),
            FilesParked = Left(ended.Progress.FilesParked, FileState.Parked),
            ScanComplete = false,
            Connections = 0,
            CurrentPath = null,
        };
    }
}
