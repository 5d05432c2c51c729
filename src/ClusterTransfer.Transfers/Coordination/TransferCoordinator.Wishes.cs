using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Transfers.Coordination;

// What the user wants of the transfer beside what it is doing: cancel, pause, resume, and retry once it has ended.
internal sealed partial class TransferCoordinator
{
    private bool _sourceGone;
    private bool _destinationGone;
    private IActorRef? _reopeningFor;
    private IReadOnlyList<string>? _retryFiles;

    private void OnCancel() => OnWish(
        "cancelled", _record.CancelRequested, () => new TransferEvents.CancelRequested(Now), "cancel-requested", "Cancelling on request.");

    private void OnPause()
    {
        if (!RefuseWhileCancelling("paused"))
        {
            OnWish("paused", _record.PauseRequested, () => new TransferEvents.PauseRequested(Now), "pause-requested", "Pausing on request.");
        }
    }

    private void OnResume()
    {
        if (!RefuseWhileCancelling("resumed"))
        {
            OnWish("resumed", !_record.PauseRequested, () => new TransferEvents.ResumeRequested(Now), "resume-requested", "Going on as requested.");
        }
    }

    // A wish that is there already is answered like one that is new: a client may repeat it after a lost answer.
    private void OnWish(string done, bool isThere, Func<object> happened, string kind, string text)
    {
        IActorRef replyTo = Sender;
        if (_record.Submitted is null)
        {
            RefuseUnknown(replyTo);
        }
        else if (_record.Ended is { } ended)
        {
            Refuse(replyTo, $"Transfer {_id} is {ended.State}; it cannot be {done}.");
        }
        else if (isThere)
        {
            replyTo.Tell(new CoordinationProtocol.Accepted(_view.Resource));
        }
        else
        {
            Persist(happened(), wish =>
            {
                _record.Apply(wish);
                _retry.Reset();
                _view.NextRetryAt = null;
                LogEvent(kind, text);
                Proceed();
                replyTo.Tell(new CoordinationProtocol.Accepted(_view.Resource));
            });
        }
    }

    private bool RefuseWhileCancelling(string done)
    {
        if (_record is not { CancelRequested: true, Ended: null })
        {
            return false;
        }

        Refuse(Sender, $"Transfer {_id} is being cancelled; it cannot be {done}.");
        return true;
    }

    // ---- pause

    private void Hold()
    {
        Timers.Cancel(CoordinationProtocol.NextSession.Instance);
        _view.Waiting = WhyHeld;
        _view.QueueSince = _services.Queue.Since;
        if (_record.Session is null)
        {
            Become(Paused);
            Show();
            return;
        }

        _sourceGone = _destinationGone = false;
        _sourceHeardAt = _destinationHeardAt = _services.Time.GetTimestamp();
        Become(Pausing);
        Show();
        AskToPause();
    }

    private void Paused()
    {
        ReceiveCommon();
        Command<CoordinationProtocol.Repeat>(_ => RefreshCatalogue());
    }

    private void Pausing()
    {
        ReceiveCommon();
        Command<CoordinationProtocol.Repeat>(_ =>
        {
            AskToPause();
            RefreshCatalogue();
        });
    }

    private void AskToPause()
    {
        if (_record.Session is not { } session)
        {
            return;
        }

        AskToPause(SessionRole.Destination, session.DestinationIncarnation, _destinationGone, _destinationHeardAt);
        if (_record.Session is not null)
        {
            AskToPause(SessionRole.Source, session.SourceIncarnation, _sourceGone, _sourceHeardAt);
        }
    }

    private void AskToPause(SessionRole role, Incarnation opened, bool gone, long heardAt)
    {
        if (gone)
        {
            return;
        }

        NodeId node = NodeOf(_record.Session!, role);
        Member? member = _members.FirstOrDefault(member => member.Node == node);
        if (member is not null && member.Incarnation != opened)
        {
            OnEndGone(role);   // The run of the node that had it is over.
        }
        else if (member is null && _services.Time.GetElapsedTime(heardAt) > _services.Options.SilenceLimit)
        {
            // It may be alive behind a broken link. Its other end closes, and when it speaks again it is told.
            OnEndGone(role);
        }
        else
        {
            SendTo(node, PauseOf(role, _record.Session!.Epoch));
        }
    }

    private StopSession PauseOf(SessionRole role, Epoch epoch) =>
        new(_id, epoch, CommandIdOf($"pause-{role}"), StopIntent.Suspend) { Role = role };

    private void OnEndGone(SessionRole role)
    {
        _sourceGone |= role == SessionRole.Source;
        _destinationGone |= role == SessionRole.Destination;
        if (!_sourceGone || !_destinationGone || _record.Session is not { } session)
        {
            return;
        }

        Persist(new TransferEvents.SessionParked(session.Epoch, _view.Source.BytesSent, _view.Source.ChunksRetried, Now), parked =>
        {
            _record.Apply(parked);
            _view.ForgetSession();
            LogEvent("paused", $"Paused; {_view.Destination.BytesDurable} bytes are on the destination's disk.");
            Proceed();
        });
    }

    // ---- retry

    private void OnRetry(CoordinationProtocol.Retry wish)
    {
        if (_retiring)
        {
            Context.Parent.Forward(wish);   // Taken up here it would end with this actor; the parent holds it until the next one can start.
        }
        else if (_record.Submitted is null)
        {
            RefuseUnknown(Sender);
        }
        else if (_record.Ended is null)
        {
            Refuse(Sender, $"Transfer {_id} is {_view.Resource.State} and has not ended; there is nothing to retry.");
        }
        else if (_record.Ended.State is not (TransferState.Failed or TransferState.Partial))
        {
            Refuse(Sender, $"Transfer {_id} is {_record.Ended.State}; only one that failed or was partly delivered can be retried.");
        }
        else if (_services.Expiry.Now - _record.Ended.At > _services.Options.KeepFailed)
        {
            Refuse(Sender, $"Transfer {_id} is {_record.Ended.State} since {_record.Ended.At:u}; what was kept of it has been removed since. Submit it again.");
        }
        else if (_reopeningFor is not null)
        {
            Refuse(Sender, $"Transfer {_id} is being retried already.");
        }
        else
        {
            (IReadOnlyList<string>? files, Problem? refusal) = RetrySelection.Of(_id, _record.Ended, _record.DestinationDone is not null, wish.What ?? new RetryTransfer());
            if (refusal is not null)
            {
                Sender.Tell(new CoordinationProtocol.Refused(refusal));
                return;
            }

            _retryFiles = files;
            _reopeningFor = Sender;
            ReopenRow();
        }
    }

    // The row first: were the retry journaled under a row that says it has ended, a restart of the hub would not take it up.
    // The other way round is harmless: a coordinator that finds the end in its journal writes the row again.
    private void ReopenRow()
    {
        if (_cataloguing)
        {
            return;   // Behind the write that is under way; OnCatalogued comes back here.
        }

        _cataloguing = true;
        _services.Catalogue.UpsertAsync(
            _view.Build(_id, _record) with { State = TransferState.Queued, EndedAt = null, ExitCode = null }, CancellationToken.None).PipeTo(
            Self, success: () => new CoordinationProtocol.RowReopened(), failure: error => new CoordinationProtocol.RowReopened(error));
    }

    private void OnRowReopened(CoordinationProtocol.RowReopened reopened)
    {
        IActorRef replyTo = _reopeningFor!;   // set before the write began
        _cataloguing = false;
        _catalogueStale = true;
        if (reopened.Error is not null)
        {
            _reopeningFor = null;
            _services.Log.CatalogueNotWritten(_id.Value, reopened.Error);
            replyTo.Tell(new CoordinationProtocol.Refused(new Problem(Reason.HubUnreachable, "The transfer journal could not be written; nothing was changed.")));
            return;
        }

        Persist(new TransferEvents.RetryRequested(RetryRules.NeedsRescan(_record.Ended!, _retryFiles), Now, _retryFiles), retry =>
        {
            _record.Apply(retry);
            _reopeningFor = null;
            _retry.Reset();
            _fruitless = 0;
            _failedCancels = 0;
            _waitsForSpace = false;
            _view.BeginRound(_record);
            LogEvent(
                "retry-requested",
                $"Taken up again{(retry.Files is { } files ? $" for {files.Count} of its files" : string.Empty)}{(retry.Rescan ? ", with a new list of the source" : string.Empty)}.");
            Proceed();
            replyTo.Tell(new CoordinationProtocol.Accepted(_view.Resource));
            CatalogueNow();
        });
    }

    private static void Refuse(IActorRef replyTo, string detail) => replyTo.Tell(new CoordinationProtocol.Refused(new Problem(Reason.WrongState, detail)));

    // Nothing is journaled under this id, so nothing would ever end this actor.
    private void RefuseUnknown(IActorRef replyTo)
    {
        replyTo.Tell(new CoordinationProtocol.Refused(new Problem(Reason.TransferUnknown, $"Transfer {_id} was never accepted.")));
        Retire();
    }
}
