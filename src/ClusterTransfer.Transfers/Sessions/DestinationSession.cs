using System.Text.Json;
using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Model.Stages;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Work;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>The writing end of a session: accepts manifest pages, has chunks checked and written, makes them durable and publishes files.</summary>
internal sealed partial class DestinationSession : SessionActor
{
    private readonly ControlGate _gate = new();
    private readonly StageClock _stages;
    private readonly DestinationStageMeter _stageMeter;
    private IncomingTransfer? _incoming;
    private IncomingTransfer.Summary? _earlier;
    private SessionBinding? _binding;
    private DestinationPort? _port;
    private bool _opening;
    private bool _finishing;
    private bool _cancelling;
    private bool _draining;

    public DestinationSession(OpenSession command, SessionServices services, SerialLane lane)
        : base(command, services, lane)
    {
        _permit = new PublicationPermit(services.Life);
        _stages = new StageClock(services.Time);
        _stageMeter = new DestinationStageMeter(_stages);
        Become(Opening);
    }

    // Without a store it is what the journal of an earlier session says, if that could be read.
    protected override TransferProgress Progress =>
        _incoming is null ? _earlier?.Progress ?? new TransferProgress() : _incoming.Progress with { Connections = Connections.Count };

    protected override bool HasBegun => _incoming?.HasBegun ?? _earlier is { PagesAccepted: > 0 };

    protected override IReadOnlyList<FileIssue> Issues => _incoming?.Issues ?? [];

    protected override bool IsBusy => base.IsBusy || _port?.IsBusy == true;

    protected override long BytesArrived => _port?.BytesArrived ?? 0;

    protected override StageReport? StageReport() => _stageMeter.Report(Connections.Values);

    protected override void PreStart()
    {
        base.PreStart();

        // The command may have waited as long as this process did not run, and to open is to publish what was verified before.
        if (!HasDoubt())
        {
            BeginToOpen();
        }
    }

    private void BeginToOpen()
    {
        _opening = true;

        // Assigned on the lane, so that an end that comes meanwhile closes it.
        Step("opening the destination", () => _incoming = OpenIncoming(), incoming => new DestinationProtocol.Opened(incoming));
    }

    // A clean close leaves nothing to hash again; where it fails, the next open recovers as after a crash.
    protected override void CloseStore()
    {
        try
        {
            _incoming?.Close();
        }
        catch (ClusterTransferException error)
        {
            Services.Log.StepFailed(TransferId.Value, "a clean close", error);
            _incoming?.Dispose();
        }
    }

    // The last checkpoint is part of the close. What it published counts, and a transfer of which something came is kept for a retry.
    protected override SessionEnded AfterClose(SessionEnded end) =>
        _incoming is null ? end : end with { Progress = Progress with { Connections = end.Progress.Connections }, Issues = Issues };

    // By name: an earlier session may have staged what this one could not even open.
    protected override void ForgetTransfer() =>
        IncomingTransfer.Forget(Services.Locations.Get(Command.Request.Destination.Location), TransferId);

    // First the name disappears, so that no connection can join; then the workers' last chunks end with the store's dispose.
    protected override void OnEnding()
    {
        _gate.Close();
        if (_binding is not null)
        {
            Services.Directory.Remove(_binding);
        }
    }

    protected override void OnStop(StopIntent intent)
    {
        if (intent == StopIntent.Suspend)
        {
            Drain();
        }
        else if (!_finishing)
        {
            Cancel();
        }
    }

    // At once for what may be published, though a checkpoint or the opening may still run: nothing appears any more, also when the session is confirmed after this.
    private void Cancel()
    {
        _permit.Withdraw();
        if (_port is not null)
        {
            _finishing = true;
            Step("cancelling", () => { _incoming!.Cancel(); return true; }, _ => DestinationProtocol.Cancelled.Instance);
            return;
        }

        _cancelling = true;
        if (!_opening)
        {
            BeginToOpen();
        }
    }

    // The source begins no other chunk and says when the last one on its way is acknowledged; then all of it is on disk at the close.
    private void Drain()
    {
        if (_draining)
        {
            return;
        }

        _draining = true;
        if (Connections.Count == 0)
        {
            EndDrained();
            return;
        }

        Timers.StartSingleTimer(SessionProtocol.DrainOver.Instance, SessionProtocol.DrainOver.Instance, Policies.Drain.Limit);
        TellSource(StopCode.Drain, null);
    }

    private void EndDrained() => Leave(SessionEnd.Suspended, StopCode.Suspended, new Problem(Reason.Cancelled, "The coordinator asked for the end."));

    private IncomingTransfer OpenIncoming()
    {
        TransferAddress destination = Command.Request.Destination;
        Location location = Services.Locations.Get(destination.Location);
        try
        {
            return IncomingTransfer.Open(
                location,
                destination.Path,
                TransferId,
                Command.Epoch,
                new IncomingOptions
                {
                    Conflict = Command.Request.Conflict,
                    Durability = Command.Request.Durability,
                    Round = Command.Round,
                    Rescan = Command.Rescan,
                    Only = Command.Files,
                    MayPublish = () => _permit.IsGood,
                    Stages = _stages,
                },
                Services.Time);
        }
        catch (ClusterTransferException error) when (error.Reason == Reason.NoSpace)
        {
            _earlier = IncomingTransfer.TryReadOutcome(location, TransferId);
            throw;
        }
    }

    private void Opening()
    {
        ReceiveCommon();

        // Answered when it is true: opening may have a crash to recover from first.
        Receive<SessionProtocol.AnswerAgain>(_ => { });
        Receive<SessionProtocol.Confirmed>(confirmed =>
        {
            // While it opens, what is held is published after that.
            if (IsConfirmed(confirmed) && !_opening)
            {
                BeginToOpen();
            }
        });
        Receive<DestinationProtocol.Opened>(opened =>
        {
            if (opened.Incoming.SpaceProblem is { } full && !opened.Incoming.IsComplete)
            {
                // Before the source hears of this session: nothing is sent that has no place here.
                EndFor(full);
                return;
            }

            _port = new DestinationPort(Self, opened.Incoming, Services.ChunkWorkers, _gate, Services.Compression.Scratch, _stages);
            _binding = BindingOf(_port);
            if (!Services.Directory.TryAdd(_binding))
            {
                EndFor(new Problem(Reason.SessionLost, "The session id is taken on this node."));
                return;
            }

            NoteRecovery(opened.Incoming.Recovery);

            Services.Peers.Tell(new PeerProtocol.Attach(_binding));
            ReportOpened();
            Timers.StartPeriodicTimer(
                DestinationProtocol.CheckpointDue.Instance, DestinationProtocol.CheckpointDue.Instance, CheckpointInterval);
            Become(Receiving);
            if (_cancelling)
            {
                Cancel();
                return;
            }

            Reverify();
            FinishWhenComplete();
        });
    }

    private void Receiving()
    {
        ReceiveCommon();
        Receive<SessionProtocol.AnswerAgain>(_ => ReportOpened());
        Receive<SessionProtocol.Confirmed>(confirmed =>
        {
            if (IsConfirmed(confirmed))
            {
                TakeHeldPages();
                Publish();
            }
        });
        Receive<SessionProtocol.ControlFrame>(OnFrame);
        Receive<DestinationProtocol.ChunkHandled>(OnChunkHandled);
        Receive<DestinationProtocol.PageAnswered>(OnPageAnswered);
        Receive<DestinationProtocol.PageEarly>(OnPageEarly);
        Receive<DestinationProtocol.PageRefused>(refused => EndFor(refused.Problem));
        Receive<DestinationProtocol.CheckpointDue>(_ => CheckpointWhenDue(force: true));
        Receive<DestinationProtocol.CheckpointDone>(OnCheckpointDone);
        Receive<DestinationProtocol.CheckpointSlow>(_ => ReleaseAcks());
        Receive<DestinationProtocol.Published>(OnPublished);
        Receive<DestinationProtocol.Reverified>(OnReverified);
        Receive<DestinationProtocol.StepDone>(_ => Publish());
        Receive<DestinationProtocol.FilesVouchedFor>(files =>
        {
            _vouchedFor.UnionWith(files.Entries);
            Publish();
        });
        Receive<DestinationProtocol.FinishHeld>(_ =>
        {
            _finishing = false;
            HasDoubt();
            if (_permit.IsGood)
            {
                FinishWhenComplete();
            }
        });
        Receive<DestinationProtocol.Finished>(_ => Leave(SessionEnd.Completed, StopCode.Completed, null));
        Receive<DestinationProtocol.Cancelled>(_ => Leave(
            SessionEnd.Cancelled, StopCode.Cancelled, new Problem(Reason.Cancelled, "Cancelled on request.")));
#if TEETH
        if (Tooth.Bites("success-at-drain-limit"))
        {
            Receive<SessionProtocol.DrainOver>(_ => Leave(SessionEnd.Completed, StopCode.Completed, null));
        }

#endif
        Receive<SessionProtocol.DrainOver>(_ => EndDrained());
        Receive<ConnectionFacts.DialFailed>(_ => { });
    }

    protected override void OnJoined(ConnectionHandle connection)
    {
        connection.Send(Frame(FrameType.HaveBits, HaveBitsBody.PagesAccepted(_incoming!.PagesAccepted, _incoming.LastPageHash).ToArray()));
        connection.Send(Frame(FrameType.Credit, new CreditBody(Services.Options.WindowBytes).ToArray()));
        SendNotices();
    }

    protected override IReadOnlyDictionary<string, JsonElement> OnLeft(ConnectionHandle connection, PumpEnd end)
    {
        _lost.Lose(connection.Number);
        DropHeldPages(connection.Number);
        _acks.Drop(connection.Number);
        CountHeldAcks();
        HoldAcksNotForEver();   // What was held the longest may have gone with it.
        if (_draining && Connections.Count == 0)
        {
            EndDrained();
        }
        else
        {
            SendNotices();
        }

        return EventData.Of(
            ("connection", connection.Number),
            ("peer", Command.Peer),
            ("end", end.Reason),
            ("reason", end.Problem?.Reason.Info().Code),
            ("score", connection.Health.Score),
            ("bad", connection.Health.Bad),
            ("good", connection.Health.Good),
            ("forgiven", connection.Health.Forgiven),
            ("lastReason", connection.Health.LastReason));
    }

    private void NoteRecovery(RecoveryReport recovery)
    {
        if (!recovery.IsNew)
        {
            Note(
                "recovered",
                $"Continued from what was here: {recovery.FilesPublished} files published by recovery, {recovery.ChunksLost} chunks lost, "
                + $"{recovery.ChunksToVerify} to hash again{(recovery.JournalDamaged ? "; the journal was damaged and mended" : string.Empty)}.");
        }
    }

    private void OnFrame(SessionProtocol.ControlFrame frame)
    {
        switch (frame.Header.Type)
        {
            case FrameType.ManifestPage:
                AcceptPageUnlessInDoubt(frame);
                break;
            case FrameType.ManifestSeal when ManifestSealBody.TryRead(frame.Body, out ManifestSealBody? seal):
                StepFor(frame, "sealing the manifest", () => { _incoming!.AcceptSeal(seal.Seal); return true; }, _ => DestinationProtocol.StepDone.Instance);
                break;
            case FrameType.FileDone when FileDoneBody.TryRead(frame.Body, out FileDoneBody? done):
                StepFor(frame, "noting file digests", () => NoteRoots(done), _ => new DestinationProtocol.FilesVouchedFor([.. done.Files.Select(file => file.Entry)]));
                break;
            case FrameType.SourceChanged when SourceChangedBody.TryRead(frame.Body, out SourceChangedBody? changed):
                StepFor(frame, "noting files that cannot be delivered", () => NoteFailed(changed), _ => DestinationProtocol.StepDone.Instance);
                break;
            case FrameType.Stop when StopBody.TryRead(frame.Body, out StopBody? stop):
                Leave(SessionEnd.Suspended, null, new Problem(Reason.SessionLost, $"{Command.Peer} ended the session: {PathText.Escape(stop.Detail)}"));
                break;
            default:
                RefuseFrame(frame);
                frame.Place?.Leave();
                break;
        }
    }

    // The frame keeps its place until the step has ended: what waits for the disk is bounded as well.
    private void StepFor<T>(SessionProtocol.ControlFrame frame, string name, Func<T> step, Func<T, object> done) => Step(
        name,
        () =>
        {
            try
            {
                return step();
            }
            finally
            {
                frame.Place?.Leave();
            }
        },
        done);

    private bool NoteRoots(FileDoneBody done)
    {
        foreach ((EntryIndex entry, Digest root) in done.Files)
        {
            _incoming!.FileDone(entry, root);
        }

        return true;
    }

    private bool NoteFailed(SourceChangedBody changed)
    {
        foreach ((EntryIndex entry, Reason reason, string detail) in changed.Entries)
        {
            _incoming!.EntryFailed(entry, new Problem(reason, PathText.Escape(detail)));
        }

        return true;
    }

    protected override void EndFor(Problem problem)
    {
        SessionEnd end = EndOf(problem);
        Leave(end, end == SessionEnd.Suspended ? StopCode.Suspended : StopCode.Failed, problem);
    }

    /// <summary>Tells the source, then ends.</summary>
    private void Leave(SessionEnd end, StopCode? code, Problem? problem)
    {
        if (code is { } stop)
        {
            TellSource(stop, problem);
        }

        End(end, problem);
    }

    // Over each connection: this must not wait behind the chunks that another one still receives.
    private void TellSource(StopCode code, Problem? problem)
    {
        foreach (ConnectionHandle connection in Connections.Values)
        {
            connection.Send(Frame(
                FrameType.Stop, new StopBody(code, problem?.Reason ?? Reason.None, problem?.Detail ?? string.Empty).ToArray()));
        }
    }
}
