using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Model.Stages;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>Joins the record of a transfer with the passing reports of both ends into what the API shows.</summary>
internal sealed class TransferView(TimeProvider time)
{
    private readonly ArrivedBytes _arrived = new();
    private readonly BottleneckMeter _bottleneck = new(time);
    private RateMeter _rate = new(time);
    private TransferResource? _resource;
    private bool _sourceHeard;
    private bool _destinationHeard;
    private bool _lists;
    private Reason? _waitsFor;
    private DateTimeOffset _waitingSince;

    /// <summary>The source's newest report of the session in force.</summary>
    public TransferProgress Source { get; private set; } = new();

    /// <summary>The destination's newest report; it counts over all sessions.</summary>
    public TransferProgress Destination { get; private set; } = new();

    /// <summary>Whether there was such a report since the hub started.</summary>
    public bool DestinationHeard { get; private set; }

    /// <summary>Files the source could not deliver, from its final report.</summary>
    public IReadOnlyList<FileIssue> SourceIssues { get; set; } = [];

    /// <summary>Whether the source has given its final report of the session in force.</summary>
    public bool SourceEnded { get; private set; }

    /// <summary>Why it waits, when it does.</summary>
    public Problem? Waiting { get; set; }

    /// <summary>Since when the queue is paused, if it is.</summary>
    public DateTimeOffset? QueueSince { get; set; }

    /// <summary>The limit that holds the session back, as the source said last.</summary>
    public HeldBack? HeldBackBy { get; set; }

    /// <summary>The source of the session in force, where it does not say that it can hold to a limit.</summary>
    public NodeId? LimitIgnoredBy { get; set; }

    /// <summary>When the next session is tried.</summary>
    public DateTimeOffset? NextRetryAt { get; set; }

    /// <summary>Sequence number of the newest event.</summary>
    public long LastEvent { get; set; }

    /// <summary>What was built last.</summary>
    public TransferResource Resource => _resource ?? throw new InvalidOperationException("Nothing was shown yet.");

    /// <summary>The live connections, as the source said last.</summary>
    public IReadOnlyList<ConnectionReport> Connections { get; private set; } = [];

    /// <summary>Takes an end's word on how far it is.</summary>
    /// <param name="role">Which end.</param>
    /// <param name="progress">How far.</param>
    /// <param name="arrived">Bytes of the session that have reached the destination, when it says so.</param>
    public void Note(SessionRole role, TransferProgress progress, long? arrived = null)
    {
        if (role == SessionRole.Source)
        {
            Source = progress;
            _sourceHeard = true;
        }
        else
        {
            Destination = progress;
            DestinationHeard = _destinationHeard = true;

            // What a new list finds in place becomes durable at once, though not a byte of it moved.
            long moved = _arrived.Add(arrived);
            _rate.Add(_lists ? moved : progress.BytesDurable);
        }
    }

    /// <summary>What its chunks waited for, over all that was heard since the hub started, the largest share first.</summary>
    public IReadOnlyList<StageShare> Waits => _bottleneck.Overall;

    /// <summary>Takes an end's word on what its chunks wait for; null when it does not say.</summary>
    public void NoteStages(SessionRole role, StageReport? report)
    {
        if (role == SessionRole.Source)
        {
            _bottleneck.NoteSource(report);
        }
        else
        {
            _bottleneck.NoteDestination(report);
        }
    }

    /// <summary>Takes the source's word on its connections.</summary>
    public void NoteConnections(IReadOnlyList<ConnectionReport> connections) => Connections = [.. connections.Take(SessionProgressed.MaxConnections)];

    /// <summary>Takes the source's final report.</summary>
    public void NoteSourceEnded(TransferProgress progress, IReadOnlyList<FileIssue> issues)
    {
        Source = progress;
        SourceIssues = issues;
        SourceEnded = true;
        _sourceHeard = true;
    }

    /// <summary>A session is over: its counts of sending are in the record now.</summary>
    public void ForgetSession()
    {
        Source = Source with { BytesSent = 0, ChunksRetried = 0, Connections = 0, CurrentPath = null };
        Connections = [];
        HeldBackBy = null;
        _bottleneck.Forget();
        SourceEnded = false;
    }

    /// <summary>Another node is the destination: what the one before holds is not there, and no measure of what that one brings. A node that was restarted is no other.</summary>
    public void ForgetDestination()
    {
        Destination = new TransferProgress();
        DestinationHeard = _destinationHeard = false;
    }

    /// <summary>An ended transfer is taken up again. With the same list it is as far as it was; a new one is counted from nothing, see <see cref="RoundProgress"/>.</summary>
    public void BeginRound(TransferRecord record)
    {
        TransferProgress standing = record.Standing!;   // a round has one
        _lists = record.Rescan;
        Source = _lists ? new TransferProgress() : standing with { FilesSkipped = 0, FilesParked = 0 };
        Destination = _lists ? new TransferProgress() : standing with { FilesSkipped = 0, FilesParked = 0 };
        SourceIssues = [];
        _sourceHeard = _destinationHeard = false;
        _rate = new RateMeter(time);
        ForgetSession();
    }

    public TransferProgress CombinedProgress(TransferRecord record)
    {
        // Its final counts are journaled: a restart of the hub forgets the reports before.
        TransferProgress destination = record.DestinationDone?.Progress ?? Destination;
        TransferProgress both = Source with
        {
            // It lists no more than the source has found, and is all that is known of that after a restart of the hub.
            EntriesFound = Math.Max(Source.EntriesFound, destination.EntriesFound),
            FilesFound = Math.Max(Source.FilesFound, destination.FilesFound),
            BytesFound = Math.Max(Source.BytesFound, destination.BytesFound),
            ChunksFound = Math.Max(Source.ChunksFound, destination.ChunksFound),

            // A source that was killed never gave its last count, and a killed hub lost what it had heard: what has arrived was sent.
            BytesSent = Math.Max(record.EarlierBytesSent + Source.BytesSent, destination.BytesReceived),
            ChunksRetried = record.EarlierChunksRetried + Source.ChunksRetried,
            BytesReceived = destination.BytesReceived,
            BytesDurable = destination.BytesDurable,
            BytesVerified = destination.BytesVerified,
            ChunksDurable = destination.ChunksDurable,
            BytesPublished = destination.BytesPublished,
            FilesPublished = destination.FilesPublished,
            FilesSkipped = destination.FilesSkipped + Source.FilesSkipped,
            FilesParked = destination.FilesParked + Source.FilesParked,
        };
        return record is { Standing: { } standing, DestinationDone: null }
            ? RoundProgress.Of(both, standing, record.Rescan, _sourceHeard && _destinationHeard)
            : both;
    }

    public TransferResource Build(TransferId id, TransferRecord record)
    {
        TransferEvents.Submitted submitted = record.Submitted!;
        TransferProgress progress = record.Ended?.Progress ?? CombinedProgress(record);
        DateTimeOffset now = time.GetUtcNow();
        Problem? problem = record.Ended is not null ? record.Ended.Problem : Waiting ?? (record.Session is null ? record.LastProblem : null);
        bool waitsForRetry = record.Ended is null && record.Session is null && NextRetryAt > now;
        return _resource = new TransferResource
        {
            Id = id,
            Source = submitted.Request.Source.ToString(),
            Destination = submitted.Request.Destination.ToString(),
            ResultName = PathText.Escape(submitted.ResultName),
            State = StateOf(record, isHeld: record.PauseRequested || (Waiting?.Reason == Reason.QueuePaused)),
            Desired = record.CancelRequested ? DesiredState.Cancel : record.PauseRequested ? DesiredState.Pause : DesiredState.Run,
            Conflict = submitted.Request.Conflict,
            Durability = submitted.Request.Durability,
            Connections = submitted.Request.Connections,
            ConnectionPolicy = submitted.Request.ConnectionPolicy,
            Limit = record.Limit,
            Weight = submitted.Request.Weight,
            LimitIgnoredBy = record.Session is { } session && session.Source == LimitIgnoredBy && record.Limit is not null ? LimitIgnoredBy : null,
            HeldBackBy = Moves(record) ? HeldBackBy : null,
            Bottleneck = Moves(record) ? _bottleneck.Now : null,
            Policies = submitted.Request.Policies ?? TransferPolicies.Default,
            SourceNode = record.Session?.Source,
            DestinationNode = record.Session?.Destination,
            Epoch = record.Epoch.ToString(),
            Retries = record.Round,
            Sessions = record.Sessions,
            CreatedAt = submitted.At,
            StartedAt = record.StartedAt,
            EndedAt = record.Ended?.At,
            Progress = progress,
            CurrentRate = Moves(record) ? _rate.Current : 0,
            AverageRate = AverageRate(record, progress),
            PeakRate = _rate.Peak,
            EtaSeconds = Eta(record, progress),
            Problem = problem,
            WaitingSince = WaitingSinceOf(record, problem, now),
            NextRetrySeconds = waitsForRetry ? (NextRetryAt!.Value - now).TotalSeconds : null,
            Issues = record.Ended?.Issues ?? IssuesSoFar(record),
            ExitCode = ExitCode(record),
            LastEvent = LastEvent,
        };
    }

    // What has no outcome yet may still become one. What was given up, or is not for this round, has it.
    private static FileIssue[] IssuesSoFar(TransferRecord record) =>
        Outcome.Merge(
            record.DestinationDone?.Issues ?? [],
            record.DestinationDone is { } done ? Outcome.NotDelivered(done.Progress, done.Issues, record.Parked) : record.Parked,
            record.KeptIssues);

    // A reason that is journaled with its time keeps that over a restart; others begin when they are first seen.
    private DateTimeOffset? WaitingSinceOf(TransferRecord record, Problem? problem, DateTimeOffset now)
    {
        if (record.Ended is not null || (problem is null && record.PausedAt is null))
        {
            _waitsFor = null;
            return null;
        }

        if (record.PausedAt is { } paused)
        {
            return paused;
        }

        if (_waitsFor != problem!.Reason)   // there is one: nobody paused it
        {
            (_waitsFor, _waitingSince) = (problem.Reason, (problem.Reason == Reason.QueuePaused ? QueueSince : Waiting is null ? record.BrokenAt : null) ?? now);
        }

        return _waitingSince;
    }

    private static TransferState StateOf(TransferRecord record, bool isHeld)
    {
        if (record.Ended is not null)
        {
            return record.Ended.State;
        }

        if (record.DestinationDone is not null)
        {
            return TransferState.Finishing;
        }

        if (record.Session is null)
        {
            return record.Sessions == 0 || isHeld ? TransferState.Queued : TransferState.Negotiating;
        }

        return record.StartedAt is null ? TransferState.Negotiating : TransferState.Active;
    }

    // Of the round in force, as the other rates: between two rounds may lie days.
    private long AverageRate(TransferRecord record, TransferProgress progress) =>
        record is { Ended: { } ended, RoundStartedAt: { } started } && ended.At > started
            ? (long)(Math.Max(0, progress.BytesPublished - (record.Earlier?.BytesPublished ?? 0)) / (ended.At - started).TotalSeconds)
            : _rate.Average;

    // Without a connection nothing moves, whatever the meter measured last.
    private bool Moves(TransferRecord record) => record.Ended is null && Source.Connections > 0;

    private double? Eta(TransferRecord record, TransferProgress progress)
    {
        long left = progress.BytesFound - progress.BytesDurable;
        return Moves(record) && progress.ScanComplete && _rate.Current > 0 && left >= 0 ? Math.Round((double)left / _rate.Current, 1) : null;
    }

    private static int? ExitCode(TransferRecord record) => record.Ended switch
    {
        null => null,
        { State: TransferState.Completed } => 0,
        { State: TransferState.Partial } => Reason.PartlyDelivered.Info().ExitCode,
        { State: TransferState.Cancelled } => Reason.Cancelled.Info().ExitCode,
        { Problem: { } problem } => Math.Max(1, problem.Reason.Info().ExitCode),
        _ => 1,
    };
}
