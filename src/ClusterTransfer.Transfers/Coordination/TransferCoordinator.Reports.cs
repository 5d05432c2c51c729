using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Model.Faults;
using ClusterTransfer.Transfers.Sessions;

namespace ClusterTransfer.Transfers.Coordination;

// What the nodes say of their ends of the session, and what follows from it.
internal sealed partial class TransferCoordinator
{
    // A destination that fails to cancel so often will not: its reason ends the transfer, and a person can look.
    private const int MaxFailedCancels = 5;

    // A hub that was restored from a backup gives epochs that its nodes have seen already; it follows them up to here and no further.
    private const uint MaxEpochLeap = 1_000_000;

    private int _failedCancels;

    private void OnFromNode(CoordinationProtocol.FromNode fromNode)
    {
        SessionMessage message = fromNode.Message;
        if (_record.Submitted is null)
        {
            return;
        }

        if (message is SessionEnded ended)
        {
            OnSessionEnded(fromNode.Node, ended);
            return;
        }

        if (message is SessionDoubted doubted)
        {
            OnDoubted(fromNode.Node, doubted);
            return;
        }

        if (_record.Ended is not null || _record.Session is not { } session || message.Epoch != session.Epoch)
        {
            if (message is SessionProgressed { Role: var role })
            {
                TellItIsOver(fromNode.Node, message.Epoch, role);
            }

            return;
        }

        // Only the two nodes of the session have a say in it.
        switch (message)
        {
            case SessionOpened opened when fromNode.Node == NodeOf(session, opened.Role):
                Fault.Point("c3.before");
                OnOpened(opened);
                if (opened.Role == SessionRole.Source)
                {
                    JudgeLimit(session);
                }

                Fault.Point("c3.after");
                break;
            case SessionRefused refused when fromNode.Node == NodeOf(session, refused.Role):
                OnRefused(refused);
                break;
            case SessionProgressed progressed when fromNode.Node == NodeOf(session, progressed.Role):
                Heard(progressed.Role);
                _view.Note(progressed.Role, progressed.Progress, progressed.BytesArrived);
                _view.NoteStages(progressed.Role, progressed.Stages);
                if (progressed.Role == SessionRole.Source)
                {
                    _view.NoteConnections(progressed.Connections);
                    _view.HeldBackBy = progressed.HeldBackBy;
                    TellLimit(session, progressed.Limit);
                    NoteParked(progressed.Parked);
                }

                if (progressed.Progress.Connections > 0)
                {
                    _view.Waiting = WhyHeld;
                }

                Show();
                WatchProgress(session, progressed);
                break;
            case SessionNoted noted when fromNode.Node == NodeOf(session, noted.Role):
                if (noted.Kind == SessionNotes.DialFailed && _view.Source.Connections == 0 && !IsHeld)
                {
                    _view.Waiting = new Problem(Reason.NodeUnreachable, noted.Text);
                }

                LogEvent(noted.Kind, noted.Text, EventData.Fit(noted.Data));
                break;
            default:
                break;
        }
    }

    private void WatchProgress(TransferEvents.SessionGiven session, SessionProgressed progressed)
    {
        _progress.Note(progressed);
        if (_progress.IsStalled && !IsHeld && _record is { CancelRequested: false, DestinationDone: null })
        {
            Break(new Problem(
                Reason.NoProgress,
                $"Less than {(Request.Policies ?? TransferPolicies.Default).Progress.Bytes} bytes reached {session.Destination} from {session.Source} within {_progress.Idle.TotalSeconds:0} s, though both were ready and connected."));
        }
    }

    // It slept, and another may have been given the transfer meanwhile. Between two sessions nothing is said: it asks again, and the next epoch answers it.
    private void OnDoubted(NodeId node, SessionDoubted doubted)
    {
        if (_record.Ended is not null || doubted.Epoch < _record.Epoch)
        {
            SendRecorded(node, doubted.Epoch, doubted.Role);
        }
        else if (doubted.Epoch == _record.Epoch && IsInForceAt(node, doubted.Role))
        {
            if (_record.CancelRequested)
            {
                AskToCancel();   // First, so that nothing that was held appears any more.
            }

            SendTo(node, new SessionConfirmed(_id, doubted.Epoch, doubted.Role, doubted.Gap) { Incarnation = doubted.Incarnation });
        }
    }

    // A cancel is asked of whoever serves the destination, with a session or without.
    private bool IsInForceAt(NodeId node, SessionRole role) => _record.CancelRequested && role == SessionRole.Destination
        ? node == Serving(Request.Destination.Location)?.Node
        : _record.Session is { } session && node == NodeOf(session, role);

    // It works for a session that is over and has missed the word.
    private void TellItIsOver(NodeId node, Epoch epoch, SessionRole role)
    {
        if (_record.Ended is not null || epoch < _record.Epoch)
        {
            SendRecorded(node, epoch, role);
        }
        else if (IsHeld)
        {
            SendTo(node, PauseOf(role, epoch));
        }
    }

    private static NodeId NodeOf(TransferEvents.SessionGiven session, SessionRole role) =>
        role == SessionRole.Source ? session.Source : session.Destination;

    private void Heard(SessionRole role)
    {
        if (role == SessionRole.Source)
        {
            _sourceHeardAt = _services.Time.GetTimestamp();
        }
        else
        {
            _destinationHeardAt = _services.Time.GetTimestamp();
        }
    }

    private void OnOpened(SessionOpened opened)
    {
        Heard(opened.Role);
        if ((_destinationOpened && _sourceOpened) || _record.CancelRequested || IsHeld || _record.DestinationDone is not null)
        {
            return;
        }

        _destinationOpened |= opened.Role == SessionRole.Destination;
        _sourceOpened |= opened.Role == SessionRole.Source;
        if (!_destinationOpened || !_sourceOpened)
        {
            SendOpen();
            return;
        }

        TransferEvents.SessionGiven session = _record.Session!;
        OnSpaceReturned();
        LogEvent("session-opened", $"Session {session.Epoch} from {session.Source} to {session.Destination} is open.");
        if (!_record.RoundStarted || _record.LastProblem is not null)
        {
            // Of a round whose average rate begins here. Journaled again after a session that broke: a hub that restarts later must not take what ended that one for what it waits for now.
            Persist(new TransferEvents.Started(Now), started =>
            {
                _record.Apply(started);
                BecomeActive();
            });
        }
        else
        {
            BecomeActive();
        }
    }

    private void BecomeActive()
    {
        Become(Active);
        Show();
    }

    private void OnRefused(SessionRefused refused)
    {
        if (_record.CancelRequested || _record.DestinationDone is not null)
        {
            return;
        }

        if (IsHeld)
        {
            OnEndGone(refused.Role);   // It has no session of that epoch, so nothing is left to close there.
            return;
        }

        bool mayWait = refused.Problem.Reason == Reason.NoSpace && _record.StartedAt is not null;
        if (refused.Problem.Reason.Info().Class == ReasonClass.Permanent && !mayWait)
        {
            Conclude(TransferState.Failed, refused.Problem, []);
        }
        else
        {
            Epoch known = refused.HighestEpoch;
            bool behind = known > _record.Epoch && known.Coordinator == _record.Epoch.Coordinator && known.Session - _record.Epoch.Session <= MaxEpochLeap;
            Break(refused.Problem, atOnce: behind || (refused.Problem.Reason == Reason.SessionLost && _fruitless == 0), behind ? known : null);
        }
    }

    private void OnSessionEnded(NodeId node, SessionEnded ended)
    {
        if (_record.Ended is not null || ended.Epoch < _record.Epoch)
        {
            SendRecorded(node, ended.Epoch, ended.Role);
            return;
        }

        if (ended.Epoch > _record.Epoch || !HasASayIn(node, ended.Role))
        {
            return;
        }

        if (ended.Role == SessionRole.Source)
        {
            OnSourceEnded(node, ended);
        }
        else
        {
            _view.Note(ended.Role, ended.Progress);
            OnDestinationEnded(node, ended);
        }
    }

    // The two nodes of the session; and whoever serves the destination now, which a cancel asks.
    private bool HasASayIn(NodeId node, SessionRole role) =>
        (_record.LastSession is { } session && node == NodeOf(session, role))
        || (_record.CancelRequested && role == SessionRole.Destination && node == Serving(Request.Destination.Location)?.Node);

    private void OnSourceEnded(NodeId node, SessionEnded ended)
    {
        _view.NoteSourceEnded(ended.Progress, ended.Issues);
        if (_record.DestinationDone is not null)
        {
            ConcludeCompleted(ended.Progress, ended.Issues);
            return;
        }

        NoteParked(ended.Issues);
        switch (ended.End)
        {
            case SessionEnd.Completed when !_record.CancelRequested && IsHeld:
                // Nothing is left to close there. The destination's own word may be on its way, and comes before the pause; or that end is gone as well.
                OnEndGone(ended.Role);
                break;
            case SessionEnd.Completed:
                // The destination's own word decides; it is on its way or will be repeated.
                break;
            case SessionEnd.Failed when !_record.CancelRequested:
                Conclude(TransferState.Failed, ended.Problem, ended.Issues);
                break;
            default:
                OnClosed(node, ended);
                break;
        }
    }

    private void OnDestinationEnded(NodeId node, SessionEnded ended)
    {
        if (_record.DestinationDone is not null)
        {
            return;   // A repeat. It is told once the outcome is recorded.
        }

        switch (ended.End)
        {
            case SessionEnd.Completed:
                // A cancel that came too late changes nothing: the destination's answer decides.
                Persist(new TransferEvents.DestinationDone(ended.Epoch, ended.Progress, ended.Issues, Now), done =>
                {
                    _record.Apply(done);
                    if (_view.SourceEnded)
                    {
                        ConcludeCompleted(_view.Source, _view.SourceIssues);
                    }
                    else
                    {
                        Proceed();
                    }
                });
                break;
            case SessionEnd.Cancelled when _record.CancelRequested:
                Conclude(
                    TransferState.Cancelled,
                    new Problem(Reason.Cancelled, $"Cancelled on request; {ended.Progress.FilesPublished} files were published before."),
                    ended.Issues);
                break;
            case SessionEnd.Failed when !_record.CancelRequested || ++_failedCancels >= MaxFailedCancels:
                Conclude(TransferState.Failed, ended.Problem, ended.Issues);
                break;
            default:
                OnClosed(node, ended);
                break;
        }
    }

    // An end closed without an outcome. It may forget the session; the transfer holds, or another session follows.
    private void OnClosed(NodeId node, SessionEnded ended)
    {
        SendRecorded(node, ended.Epoch, ended.Role);
        if (ended.End != SessionEnd.Suspended || _record.CancelRequested)
        {
            return;
        }

        if (IsHeld)
        {
            OnEndGone(ended.Role);
        }
        else
        {
            Break(ended.Problem ?? new Problem(Reason.SessionLost, $"{node} ended the session."));
        }
    }

    // The source hears of the end from the destination; one that lost its connections just then is asked.
    private void AskSourceToReport()
    {
        if (_record.LastSession is { } session)
        {
            SendTo(session.Source, new StopSession(_id, _record.Epoch, CommandIdOf("report"), StopIntent.Suspend)
            {
                Request = Request with { ResultName = _record.Submitted!.ResultName },
            });
        }
    }

    private void AskToCancel()
    {
        if (Serving(Request.Destination.Location) is not { } destination)
        {
            _view.Waiting = new Problem(
                Reason.NodeUnreachable, $"The node that serves location '{Request.Destination.Location}' is not connected; it must confirm the end.");
            Show();
            return;
        }

        _view.Waiting = null;
        SendTo(destination.Node, new StopSession(_id, _record.Epoch, CommandIdOf("cancel"), StopIntent.Cancel)
        {
            Round = _record.Round,
            Destination = Request.Destination,
        });
    }

    private void ConcludeCompleted(TransferProgress source, IReadOnlyList<FileIssue> sourceIssues)
    {
        TransferEvents.DestinationDone done = _record.DestinationDone!;
        (TransferState state, Problem? problem, IReadOnlyList<FileIssue> issues) =
            Outcome.OfCompleted(Request, done.Progress, done.Issues, source, NotDelivered(done, [.. sourceIssues, .. _record.Parked]), _record.KeptIssues);
        Conclude(state, problem, issues);
    }

    private void Conclude(TransferState state, Problem? problem, IReadOnlyList<FileIssue> issues)
    {
        if (_record.Ended is not null)
        {
            return;
        }

        // Once the destination is done, its word was heard on what was said before.
        issues = Outcome.Merge([], [.. _record.DestinationDone is null ? _record.Parked : [], .. issues], _record.KeptIssues);
        bool countsUnknown = _recoveredLate && _record is { StartedAt: not null, DestinationDone: null } && !_view.DestinationHeard;
        Persist(new TransferEvents.Ended(state, problem, _view.CombinedProgress(_record), issues, Now, countsUnknown ? true : null), ended =>
        {
            _record.Apply(ended);
            _view.Waiting = null;
            _view.NextRetryAt = null;
            LogEvent(state.ToString().ToLowerInvariant(), problem is null ? "Completed." : $"{state}: {problem.Detail}", WaitsOfAll());
            Proceed();
        });
    }

    // Both ends may forget the transfer. Whoever misses this asks by repeating its report, and is told again.
    private void AnnounceEnd()
    {
        if (_record.LastSession is { } session)
        {
            SendRecorded(session.Source, _record.Epoch, SessionRole.Source);
            SendRecorded(session.Destination, _record.Epoch, SessionRole.Destination);
        }

        CatalogueNow();
    }

    private void SendRecorded(NodeId node, Epoch epoch, SessionRole role)
    {
        Fault.Point("c4.before");
        SendTo(node, new OutcomeRecorded(_id, epoch, role)
        {
            TransferEnded = _record.Ended is not null,
            Keep = _record.Ended is { } ended && RetryRules.Keeps(ended),
            Destination = Request.Destination,
        });
        Fault.Point("c4.after");
    }
}
