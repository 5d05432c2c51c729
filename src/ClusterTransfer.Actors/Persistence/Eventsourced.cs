namespace ClusterTransfer.Actors.Persistence;

/// <summary>
/// An actor whose state is the sum of its events. It recovers by replaying them; while it recovers, and between a
/// <see cref="Persist{TEvent}"/> and its handler, commands wait in the mailbox in their order. Stop, restart and suspension work
/// in that time as always.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "The source of cancellation has neither timer nor handle; it ends with the recovery or the actor.")]
public abstract partial class Eventsourced : ActorBase, IWithUnboundedStash
{
    // Written batches of PersistAsync and DeferAsync that may wait for the journal before commands wait too.
    private const int MaxWaitingBatches = 64;

    private readonly Queue<Queue<PersistInvocation>> _batches = new();
    private Queue<PersistInvocation> _unsent = new();
    private bool _writing;
    private int _holding;

    /// <summary>Name of the stream of this actor; the same for each incarnation, and of one live actor only.</summary>
    public abstract string PersistenceId { get; }

    /// <summary>Sequence number of the last event this actor has handled or, during recovery, was given.</summary>
    public long LastSequenceNr { get; private set; }

    /// <summary>Sequence number a snapshot taken now would have.</summary>
    public long SnapshotSequenceNr => LastSequenceNr;

    /// <inheritdoc/>
    public IStash Stash { get; set; } = null!; // set by the kernel before PreStart

    /// <summary>Handles a command.</summary>
    protected abstract bool ReceiveCommand(object message);

    /// <summary>Handles an event, a <see cref="SnapshotOffer"/> or <see cref="RecoveryCompleted"/> during recovery.</summary>
    protected abstract bool ReceiveRecover(object message);

    /// <inheritdoc/>
    protected sealed override bool Receive(object message) => ReceiveCommand(message);

    /// <summary>Stores an event, then runs the handler with the sender of the present command. No other command is handled in between.</summary>
    /// <exception cref="InvalidOperationException">Called while events are replayed.</exception>
    public void Persist<TEvent>(TEvent @event, Action<TEvent> handler) => Enqueue(@event, handler, isPersistent: true, holdsCommands: true);

    /// <summary>Stores events, all or none, then runs the handler for each.</summary>
    /// <exception cref="InvalidOperationException">Called while events are replayed.</exception>
    public void PersistAll<TEvent>(IEnumerable<TEvent> events, Action<TEvent> handler)
    {
        ArgumentNullException.ThrowIfNull(events);
        foreach (TEvent @event in events) { Persist(@event, handler); }
    }

    /// <summary>Like <see cref="Persist{TEvent}"/>, but further commands are handled before the event is durable.</summary>
    /// <exception cref="InvalidOperationException">Called while events are replayed.</exception>
    public void PersistAsync<TEvent>(TEvent @event, Action<TEvent> handler) => Enqueue(@event, handler, isPersistent: true, holdsCommands: false);

    /// <summary>Like <see cref="PersistAll{TEvent}(IEnumerable{TEvent}, Action{TEvent})"/>, but further commands are handled before the events are durable.</summary>
    /// <exception cref="InvalidOperationException">Called while events are replayed.</exception>
    public void PersistAllAsync<TEvent>(IEnumerable<TEvent> events, Action<TEvent> handler)
    {
        ArgumentNullException.ThrowIfNull(events);
        foreach (TEvent @event in events) { PersistAsync(@event, handler); }
    }

    /// <summary>Stores events, all or none, then runs the handler for each, then the last action.</summary>
    /// <exception cref="InvalidOperationException">Called while events are replayed.</exception>
    public void PersistAll<TEvent>(IEnumerable<TEvent> events, Action<TEvent> handler, Action onComplete)
    {
        PersistAll(events, handler);
        Defer(new object(), _ => onComplete());
    }

    /// <summary>Runs the handler after those of all events given before; stores nothing. No other command is handled in between.</summary>
    /// <exception cref="InvalidOperationException">Called while events are replayed.</exception>
    public void Defer<TEvent>(TEvent @event, Action<TEvent> handler)
    {
        if (_unsent.Count == 0 && _batches.Count == 0 && !_writing && !IsRecovering)
        {
            handler(@event);
            return;
        }
        Enqueue(@event, handler, isPersistent: false, holdsCommands: true);
    }

    /// <summary>Runs the handler after those of all events given before; stores nothing.</summary>
    /// <exception cref="InvalidOperationException">Called while events are replayed.</exception>
    public void DeferAsync<TEvent>(TEvent @event, Action<TEvent> handler)
    {
        if (_unsent.Count == 0 && _batches.Count == 0 && !_writing && !IsRecovering)
        {
            handler(@event);
            return;
        }
        Enqueue(@event, handler, isPersistent: false, holdsCommands: false);
    }

    /// <summary>An event could not be stored. The actor is stopped after this, whatever it does.</summary>
    protected virtual void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        Cell.System.WriteLog(
            LogEventLevel.Error, Cell.Self.Path, $"Failed to persist {@event.GetType().Name} with sequence number {sequenceNr} of {PersistenceId}; the actor is stopped.", cause);

    /// <summary>
    /// The journal refused an event (<see cref="EventRejectedException"/>) and stored nothing of its batch. The actor goes on; the
    /// handler of the event is not called. Called for each event of the batch.
    /// </summary>
    protected virtual void OnPersistRejected(Exception cause, object @event, long sequenceNr) =>
        Cell.System.WriteLog(
            LogEventLevel.Error, Cell.Self.Path, $"Rejected to persist {@event.GetType().Name} with sequence number {sequenceNr} of {PersistenceId}.", cause);

    /// <inheritdoc/>
    protected internal override bool AroundReceive(Receive receive, object message)
    {
        try
        {
            return base.AroundReceive(receive, message);
        }
        finally
        {
            // An async handler does this at its own end. After a failure too: what was persisted before it is written, as in the classic API.
            if (!Cell.IsAwaiting) { EndOfCommand(); }
        }
    }

    /// <inheritdoc/>
    protected override void Unhandled(object message)
    {
        if (message is RecoveryCompleted) { return; }
        base.Unhandled(message);
    }

    /// <summary>Runs async work as part of the current command; events persisted in it are written at its end.</summary>
    protected void RunTask(Func<Task> asyncAction) => Cell.RunTask(async () =>
    {
        try
        {
            await asyncAction();
        }
        finally
        {
            EndOfCommand();
        }
    });

    internal override void OnInternalReply(object reply)
    {
        switch (reply)
        {
            case JournalReplies.SnapshotLoaded loaded: OnSnapshot(loaded.Selected); break;
            case JournalReplies.EventsReplayed replayed: OnEvents(replayed); break;
            case JournalReplies.RecoveryStepFailed failed: FailRecovery(failed.Cause, null); break;
            case JournalReplies.Written written: OnWritten(written.Invocations); break;
            case JournalReplies.WriteFailed failed: OnWriteFailed(failed); break;
        }
    }

    private void Enqueue<TEvent>(TEvent @event, Action<TEvent> handler, bool isPersistent, bool holdsCommands)
    {
        ArgumentNullException.ThrowIfNull(@event);
        ArgumentNullException.ThrowIfNull(handler);
        if (IsRecovering)
        {
            throw new InvalidOperationException("Cannot persist during replay. Events can be persisted when receiving RecoveryCompleted or later.");
        }
        if (holdsCommands) { _holding++; }
        _unsent.Enqueue(new PersistInvocation(
            @event, stored => handler((TEvent)stored), isPersistent, holdsCommands, Cell.CurrentMessage, Cell.SenderOrNull));
    }

    private void EndOfCommand()
    {
        if (_unsent.Count > 0)
        {
            _batches.Enqueue(_unsent);
            _unsent = new Queue<PersistInvocation>();
        }
        WriteNext();
        UpdateHold();
    }

    private void UpdateHold() => Cell.Hold(IsRecovering || _holding > 0 || _batches.Count >= MaxWaitingBatches);

    /// <summary>One batch at a time is with the journal, so that expected sequence numbers are known.</summary>
    private void WriteNext()
    {
        if (_writing || !_batches.TryDequeue(out Queue<PersistInvocation>? batch)) { return; }
        _writing = true;
        object[] events = [.. batch.Where(invocation => invocation.IsPersistent).Select(invocation => invocation.Event)];
        Task write = events.Length == 0
            ? Task.CompletedTask
            : CallJournal(() => Journal.AppendAsync(PersistenceId, LastSequenceNr, events, CancellationToken.None));
        Cell.PersistenceInFlight = write.IsCompleted ? null : write;
        ReplyWhenDone(write, () => new JournalReplies.Written(batch), error => new JournalReplies.WriteFailed(batch, error));
    }

    private void OnWritten(Queue<PersistInvocation> invocations)
    {
        Cell.PersistenceInFlight = null;
        try
        {
            while (invocations.TryDequeue(out PersistInvocation? invocation))
            {
                if (invocation.IsPersistent) { LastSequenceNr++; }
                if (invocation.HoldsCommands) { _holding--; }
                Cell.SetCurrent(invocation.Message, invocation.Sender);
                invocation.Handler(invocation.Event);
            }
            Cell.SetCurrent(null, null);
        }
        finally
        {
            if (invocations.Count > 0)
            {
                // A handler failed. If the verdict is Resume, the rest goes on after it; a restart makes a new instance and drops this.
                Cell.Self.SendSystemMessage(new InternalReply(this, new JournalReplies.Written(invocations)));
            }
            else
            {
                _writing = false;
                EndOfCommand();
            }
        }
    }

    /// <summary>Like <see cref="OnWritten"/> with nothing written: deferred handlers still run, in their places.</summary>
    private void OnRejected(Queue<PersistInvocation> invocations, Exception cause)
    {
        Cell.PersistenceInFlight = null;
        long sequenceNr = LastSequenceNr;
        try
        {
            while (invocations.TryDequeue(out PersistInvocation? invocation))
            {
                if (invocation.HoldsCommands) { _holding--; }
                Cell.SetCurrent(invocation.Message, invocation.Sender);
                if (invocation.IsPersistent) { OnPersistRejected(cause, invocation.Event, ++sequenceNr); }
                else { invocation.Handler(invocation.Event); }
            }
            Cell.SetCurrent(null, null);
        }
        finally
        {
            if (invocations.Count > 0)
            {
                Cell.Self.SendSystemMessage(new InternalReply(this, new JournalReplies.WriteFailed(invocations, cause)));
            }
            else
            {
                _writing = false;
                EndOfCommand();
            }
        }
    }

    private void OnWriteFailed(JournalReplies.WriteFailed failed)
    {
        if (failed.Cause is EventRejectedException)
        {
            OnRejected(failed.Invocations, failed.Cause);
            return;
        }
        Cell.PersistenceInFlight = null;
        PersistInvocation first = failed.Invocations.First(invocation => invocation.IsPersistent);
        Cell.SetCurrent(first.Message, first.Sender);
        try
        {
            OnPersistFailure(failed.Cause, first.Event, LastSequenceNr + 1);
        }
        finally
        {
            Cell.Stop(Cell.Self);
        }
    }

    private IEventJournal Journal => Cell.System.Journal
        ?? throw new InvalidOperationException($"The actor system {Cell.System.Name} has no journal, which {GetType().Name} needs.");

    /// <summary>A journal that throws instead of returning a failed task is treated the same.</summary>
    private static Task CallJournal(Func<Task> call)
    {
        try
        {
            return call();
        }
        catch (Exception error)
        {
            return Task.FromException(error);
        }
    }

    private void ReplyWhenDone(Task task, Func<object> success, Func<Exception, object> failure)
    {
        ActorSystem system = Cell.System;
        system.TaskStarted();
        task.ContinueWith(
            ended =>
            {
                Exception? error = ended.Exception?.InnerExceptions[0] ?? (ended.IsCanceled ? new TaskCanceledException(ended) : null);
                Cell.Self.SendSystemMessage(new InternalReply(this, error is null ? success() : failure(error)));
                system.TaskEnded();
            },
            CancellationToken.None, TaskContinuationOptions.DenyChildAttach, InlineTaskScheduler.Instance);
    }
}
