namespace ClusterTransfer.Actors;

/// <content>Life cycle and failures: the fault handling of the classic actor model.</content>
internal sealed partial class ActorCell
{
    /// <summary>What happens once the dying children are gone.</summary>
    private enum AfterChildren { Nothing, Create, Recreate, Terminate }

    private int _suspendCount;
    private bool _heldByPersistence;
    private AfterChildren _afterChildren;
    private Exception? _recreateCause;
    private LocalActorRef? _perpetrator;
    private SupervisorStrategy? _strategy;
    private SystemMessageList _waitingSystemMessages;
    private int _restarts;
    private string? _lastFailure;

    public bool IsFailed => _perpetrator is not null;

    /// <summary>Restarts so far; any thread.</summary>
    public int Restarts => Volatile.Read(ref _restarts);

    /// <summary>Type and message of the last failure; any thread.</summary>
    public string? LastFailure => Volatile.Read(ref _lastFailure);

    private bool IsTerminating => _afterChildren == AfterChildren.Terminate;

    private SupervisorStrategy Strategy => _strategy ??= Props.SupervisorStrategy ?? _actor!.SupervisorStrategyInternal;

    /// <summary>While held, user messages wait in the mailbox; the persistent actor holds it during recovery and between a write and its handler.</summary>
    public void Hold(bool held)
    {
        _heldByPersistence = held;
        UpdateBlocked();
    }

    /// <summary>Handles one system message; called by the mailbox's turn.</summary>
    public void SystemInvoke(SystemMessage message)
    {
        bool waits = (message.WaitsForChildren && IsWaitingForChildren)
            || (message.WaitsWhileSuspended && _suspendCount > 0);
        if (waits)
        {
            _waitingSystemMessages.Append(message);
            return;
        }
        bool wasWaiting = IsWaitingForChildren;
        int suspendedBefore = _suspendCount;
        try
        {
            Handle(message);
        }
        catch (Exception error)
        {
            HandleFailure(error, message is FailedMessage failed ? failed.Child : Self);
        }
        if ((wasWaiting && !IsWaitingForChildren) || _suspendCount < suspendedBefore) { Mailbox.PrependSystem(ref _waitingSystemMessages); }
    }

    private bool IsWaitingForChildren => _afterChildren is AfterChildren.Create or AfterChildren.Recreate;

    private void Handle(SystemMessage message)
    {
        switch (message)
        {
            case CreateMessage: Create(); break;
            case TerminateMessage: Terminate(); break;
            case FailedMessage failed: Supervise(failed); break;
            case RecreateMessage recreate: Recreate(recreate.Cause); break;
            case SuspendMessage: SuspendSelfAndChildren(); break;
            case ResumeMessage resume: ResumeAfter(resume.CausedByFailure); break;
            case WatchMessage watch: AddWatcher(watch.Watcher); break;
            case UnwatchMessage unwatch: RemoveWatcher(unwatch.Watcher); break;
            case DeathWatchNotification death: OnDeath(death.Actor); break;
            case InternalReply reply when ReferenceEquals(reply.Target, _actor): _actor!.OnInternalReply(reply.Reply); break;
            case InternalReply: break; // for an incarnation that is gone
            default: throw new InvalidOperationException($"Unknown system message {message.GetType().Name}.");
        }
    }

    /// <summary>Suspends this actor and its children and reports the failure to the parent, once until its verdict.</summary>
    private void HandleFailure(Exception error, LocalActorRef perpetrator)
    {
        Volatile.Write(ref _lastFailure, $"{error.GetType().Name}: {error.Message}");
        if (IsFailed || IsTerminating || Mailbox.IsClosed) { return; }
        try
        {
            SuspendSelf();
            _perpetrator = perpetrator;
            foreach (LocalActorRef child in ChildrenSnapshot())
            {
                // The child that failed is suspended already, by its own failure.
                if (!ReferenceEquals(child, perpetrator)) { child.Suspend(); }
            }
            ParentRef.SendSystemMessage(new FailedMessage(Self, error));
        }
        catch (Exception unexpected)
        {
            System.WriteLog(LogEventLevel.Error, Self.Path, "Could not report a failure to the parent; the actor is stopped.", unexpected);
            Stop(Self);
        }
    }

    private void Supervise(FailedMessage failed)
    {
        if (!IsChild(failed.Child)) { return; } // gone in the meantime
        IActorRef? before = _sender;
        _sender = failed.Child;
        try
        {
            if (!Strategy.HandleFailure(this, failed.Child, failed.Cause, StatsOf(failed.Child), AllChildStats()))
            {
                // Escalation: the child's failure becomes this actor's own, and its parent decides.
                global::System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failed.Cause);
            }
        }
        finally
        {
            _sender = before;
        }
    }

    private void SuspendSelf()
    {
        _suspendCount++;
        UpdateBlocked();
    }

    private void ResumeSelf()
    {
        if (_suspendCount > 0) { _suspendCount--; }
        UpdateBlocked();
    }

    private void UpdateBlocked() => Mailbox.UserBlocked = _suspendCount > 0 || _awaiting > 0 || _heldByPersistence;

    private void SuspendSelfAndChildren()
    {
        SuspendSelf();
        foreach (LocalActorRef child in ChildrenSnapshot()) { child.Suspend(); }
    }

    private void ResumeAfter(Exception? causedByFailure)
    {
        if (_actor is null)
        {
            // Its creation failed, so there is nothing to resume: try again.
            CreateAgain();
            return;
        }
        LocalActorRef? perpetrator = _perpetrator;
        ResumeSelf();
        if (causedByFailure is not null)
        {
            _perpetrator = null;
            SetCurrent(null, null);
        }
        foreach (LocalActorRef child in ChildrenSnapshot()) { child.Resume(ReferenceEquals(child, perpetrator) ? causedByFailure : null); }
    }

    private void CreateAgain()
    {
        StopAllChildren();
        if (!WaitForDyingChildren(AfterChildren.Create)) { FinishCreateAgain(); }
    }

    private void FinishCreateAgain()
    {
        ResumeSelf();
        _perpetrator = null;
        Create();
    }

    private void Recreate(Exception cause)
    {
        if (_actor is null)
        {
            CreateAgain();
            return;
        }
        if (_afterChildren != AfterChildren.Nothing)
        {
            // It stops anyway; only the suspension that came with the failure is taken back.
            ResumeAfter(null);
            return;
        }
        ActorBase failed = _actor;
        object? message = _currentMessage;
        try
        {
            _timers?.CancelAll();
            failed.AroundPreRestart(cause, message);
        }
        catch (Exception error)
        {
            System.WriteLog(LogEventLevel.Error, Self.Path, "PreRestart failed; the restart goes on.", error);
        }
        ClearActor();
        SetCurrent(null, null);
        _recreateCause = cause;
        if (!WaitForDyingChildren(AfterChildren.Recreate)) { FinishRecreate(); }
    }

    private void FinishRecreate()
    {
        Exception cause = _recreateCause!; // set by Recreate, the only way here
        _recreateCause = null;
        LocalActorRef[] survivors = ChildrenSnapshot();
        try
        {
            _heldByPersistence = false;
            ResumeSelf();
            _perpetrator = null;
            Volatile.Write(ref _restarts, _restarts + 1);
            _actor = NewActor();
            _actor.AroundPostRestart(cause);
            // Only now that the parent runs again: children it kept are restarted, as its failure may have been theirs.
            foreach (LocalActorRef child in survivors) { child.Restart(cause); }
        }
        catch (Exception error)
        {
            ClearActor();
            HandleFailure(new PostRestartException(Self, error, cause), Self);
        }
    }

    /// <summary>True when children are still dying; <paramref name="then"/> happens when the last one is gone.</summary>
    private bool WaitForDyingChildren(AfterChildren then)
    {
        lock (ChildrenLock)
        {
            if (then == AfterChildren.Terminate) { _acceptsChildren = false; }
            if (_dyingChildren == 0) { return false; }
        }
        _afterChildren = then;
        return true;
    }

    private void OnChildGone()
    {
        lock (ChildrenLock)
        {
            if (_dyingChildren > 0) { return; }
        }
        AfterChildren then = _afterChildren;
        if (then == AfterChildren.Terminate)
        {
            FinishTerminate();
            return;
        }
        _afterChildren = AfterChildren.Nothing;
        if (then == AfterChildren.Create) { FinishCreateAgain(); }
        if (then == AfterChildren.Recreate) { FinishRecreate(); }
    }

    private void Terminate()
    {
        if (IsTerminating) { return; }
        lock (ChildrenLock) { _acceptsChildren = false; } // before the children are told, so that none slips in between
        SetReceiveTimeout(null);
        StopAllChildren();
        if (WaitForDyingChildren(AfterChildren.Terminate))
        {
            SuspendSelf(); // no user message is handled while the children end
            return;
        }
        FinishTerminate();
    }

    private void FinishTerminate()
    {
        _afterChildren = AfterChildren.Terminate;
        _suspendCount++;
        UpdateBlocked();
        try
        {
            _timers?.CancelAll();
            _actor?.AroundPostStop();
        }
        catch (Exception error)
        {
            System.WriteLog(LogEventLevel.Error, Self.Path, "PostStop failed.", error);
        }
        ClearActor();
        _idleTimer?.Dispose();
        _idleTimer = null;
        Mailbox.Close();
        ParentRef.SendSystemMessage(new DeathWatchNotification(Self));
        TellWatchers();
        UnwatchAll();
        SetCurrent(null, null);
        _strategy = null;
        _waitingSystemMessages = default;
        Volatile.Write(ref _behaviourSource, null);
    }
}
