namespace ClusterTransfer.Actors.Persistence;

/// <content>Recovery: snapshot, then events in bounded batches, then <see cref="RecoveryCompleted"/>.</content>
public abstract partial class Eventsourced
{
    // Events held in memory at once during recovery.
    private const int ReplayBatchSize = 256;

    private CancellationTokenSource? _recovery;
    private Recovery? _options;
    private long _replayed;
    private bool _recovered;

    /// <summary>True until <see cref="RecoveryCompleted"/> is given.</summary>
    public bool IsRecovering => !_recovered;

    /// <summary>True once recovery has ended well.</summary>
    public bool IsRecoveryFinished => _recovered;

    /// <summary>Where recovery starts and ends; asked once per incarnation.</summary>
    public virtual Recovery Recovery => Recovery.Default;

    /// <summary>Recovery failed: the journal or the snapshot store failed, or a handler did. The actor is stopped after this, whatever it does.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="message">The event or snapshot offer being handled, if any.</param>
    protected virtual void OnRecoveryFailure(Exception reason, object? message = null) =>
        Cell.System.WriteLog(
            LogEventLevel.Error, Cell.Self.Path,
            $"Recovery of {PersistenceId} failed at sequence number {LastSequenceNr}{(message is null ? "" : $" on {message.GetType().Name}")}; the actor is stopped.", reason);

    /// <summary>All events were replayed; called before <see cref="RecoveryCompleted"/> is given.</summary>
    protected virtual void OnReplaySuccess() { }

    /// <inheritdoc/>
    public override void AroundPreStart()
    {
        StartRecovery();
        base.AroundPreStart();
    }

    /// <inheritdoc/>
    public override void AroundPostRestart(Exception cause)
    {
        StartRecovery();
        base.AroundPostRestart(cause);
    }

    /// <inheritdoc/>
    public override void AroundPreRestart(Exception cause, object? message)
    {
        _recovery?.Cancel();
        base.AroundPreRestart(cause, message);
    }

    /// <inheritdoc/>
    public override void AroundPostStop()
    {
        _recovery?.Cancel();
        base.AroundPostStop();
    }

    private void StartRecovery()
    {
        if (string.IsNullOrWhiteSpace(PersistenceId)) { throw new InvalidOperationException($"{GetType().Name}.PersistenceId must not be empty."); }
        _ = Journal; // fails here, at the start, when there is none
        _options = Recovery;
        _recovery = new CancellationTokenSource();
        Cell.Hold(true);
        Task<SelectedSnapshot?> load = LoadSnapshotAsync(Cell.System.SnapshotStore, Cell.PersistenceInFlight, _recovery.Token);
        ReplyWhenDone(load, () => new JournalReplies.SnapshotLoaded(load.GetAwaiter().GetResult()), error => new JournalReplies.RecoveryStepFailed(error));
    }

    private async Task<SelectedSnapshot?> LoadSnapshotAsync(ISnapshotStore? store, Task? earlierWrite, CancellationToken cancellationToken)
    {
        ActorSystem system = Cell.System;
        if (earlierWrite is not null)
        {
            // The incarnation before this one has a write on its way. Reading before it ends would miss those events.
            await earlierWrite.WaitAsync(system.RecoveryTimeout, system.TimeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!earlierWrite.IsCompleted) { throw new TimeoutException($"A write of the previous incarnation of {PersistenceId} does not end."); }
        }
        SnapshotSelectionCriteria from = _options!.FromSnapshot; // set before this is called
        if (store is null || from == SnapshotSelectionCriteria.None) { return null; }
        return await store.LoadAsync(PersistenceId, from, cancellationToken)
            .WaitAsync(system.RecoveryTimeout, system.TimeProvider, cancellationToken).ConfigureAwait(false);
    }

    private void OnSnapshot(SelectedSnapshot? selected)
    {
        Cell.PersistenceInFlight = null; // waited for
        if (selected is not null)
        {
            LastSequenceNr = selected.Metadata.SequenceNr;
            if (!TryRecover(new SnapshotOffer(selected.Metadata, selected.Snapshot))) { return; }
        }
        ReplayNext();
    }

    private void ReplayNext()
    {
        long from = LastSequenceNr + 1;
        long to = Math.Min(_options!.ToSequenceNr, LastSequenceNr + Math.Min(ReplayBatchSize, _options.ReplayMax - _replayed));
        var events = new List<PersistedEvent>();
        CancellationToken cancellationToken = _recovery?.Token ?? CancellationToken.None;
        Task<long>? replay = null;
        Task bounded = CallJournal(() =>
        {
            replay = Journal.ReplayAsync(PersistenceId, from, to, events.Add, cancellationToken);
            return replay.WaitAsync(Cell.System.RecoveryTimeout, Cell.System.TimeProvider, cancellationToken);
        });
        ReplyWhenDone(
            bounded,
            () => new JournalReplies.EventsReplayed(events, to, replay!.GetAwaiter().GetResult()), // set and complete when the bounded task succeeded
            error => new JournalReplies.RecoveryStepFailed(error));
    }

    private void OnEvents(JournalReplies.EventsReplayed replayed)
    {
        foreach (PersistedEvent stored in replayed.Events)
        {
            // The start of a stream may have been deleted. Later on a gap means that events are lost.
            bool follows = stored.SequenceNr == LastSequenceNr + 1 || (_replayed == 0 && stored.SequenceNr > LastSequenceNr);
            if (!follows)
            {
                FailRecovery(new InvalidOperationException($"Stream {PersistenceId} has event {stored.SequenceNr} where {LastSequenceNr + 1} was expected."), stored.Payload);
                return;
            }
            LastSequenceNr = stored.SequenceNr;
            _replayed++;
            if (!TryRecover(stored.Payload)) { return; }
        }
        long last = Math.Min(replayed.HighestSequenceNr, _options!.ToSequenceNr);
        if (LastSequenceNr >= last || _replayed >= _options.ReplayMax)
        {
            FinishRecovery(replayed.HighestSequenceNr);
        }
        else if (replayed.Events.Count == 0 && _replayed == 0)
        {
            LastSequenceNr = Math.Min(replayed.ToSequenceNr, last); // nothing but deleted events so far
            if (LastSequenceNr >= last) { FinishRecovery(replayed.HighestSequenceNr); }
            else { ReplayNext(); }
        }
        else if (replayed.Events.Count == 0)
        {
            FailRecovery(new InvalidOperationException($"Stream {PersistenceId} ends at {LastSequenceNr} but is said to reach {last}."), null);
        }
        else
        {
            ReplayNext();
        }
    }

    private void FinishRecovery(long highestSequenceNr)
    {
        LastSequenceNr = Math.Max(LastSequenceNr, highestSequenceNr);
        _recovery?.Dispose();
        _recovery = null;
        try
        {
            OnReplaySuccess();
        }
        catch (Exception error)
        {
            FailRecovery(error, null);
            return;
        }
        _recovered = true;
        if (TryRecover(RecoveryCompleted.Instance)) { EndOfCommand(); }
    }

    /// <summary>False when the handler failed; the actor is stopped then.</summary>
    private bool TryRecover(object message)
    {
        Cell.SetCurrent(message, null);
        try
        {
            if (!ReceiveRecover(message)) { Unhandled(message); }
            return true;
        }
        catch (Exception error)
        {
            FailRecovery(error, message);
            return false;
        }
        finally
        {
            Cell.SetCurrent(null, null);
        }
    }

    private void FailRecovery(Exception reason, object? message)
    {
        try
        {
            OnRecoveryFailure(reason, message);
        }
        finally
        {
            Cell.Stop(Cell.Self);
        }
    }
}
