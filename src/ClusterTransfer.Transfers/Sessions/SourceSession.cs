using System.Text.Json;
using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Model.Faults;
using ClusterTransfer.Model.Stages;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Outgoing;
using ClusterTransfer.Transfers.Chunks;
using ClusterTransfer.Transfers.Compression;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Work;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Pacing;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>The reading end of a session: scans, sends manifest pages, gives chunks to connections that have room, and answers for what it read.</summary>
internal sealed partial class SourceSession : SessionActor
{
    // A chunk actor is not restarted: its chunk goes back to the ledger and a new actor takes it up.
    private static readonly SupervisorStrategy ChunkActors = new OneForOneStrategy(_ => Directive.Stop);

    private readonly SourceLedger _ledger = new();
    private readonly ControlGate _gate = new();
    private readonly TransferPacer _pacer;
    private readonly List<FileIssue> _issues = [];
    private OutgoingTransfer? _outgoing;
    private ChunkMover? _mover;
    private CompressionCounters? _compressed;
    private LinkMeter? _link;
    private long _bytesSent;
    private string? _currentPath;
    private TransferProgress _scanProgress = new();

    public SourceSession(OpenSession command, SessionServices services, SerialLane lane)
        : base(command, services, lane)
    {
        _pacer = new TransferPacer(services.Limits, services.Time, command.Peer, command.Limit, TransferWeight.Of(command.Request.Weight));
        _stages = new StageClock(services.Time);
        _stageMeter = new SourceStageMeter(_stages);
        _tuner = NewTuner();
        Become(Opening);
    }

    protected override TransferProgress Progress => _scanProgress with
    {
        BytesSent = _bytesSent,
        ChunksRetried = _sentAgain.Count,
        ChunksLz4 = _compressed?.ChunksLz4 ?? 0,
        ChunksZstandard = _compressed?.ChunksZstandard ?? 0,
        BytesSaved = _compressed?.BytesSaved ?? 0,
        Connections = Connections.Count,
        CurrentPath = _currentPath,
    };

    // Bytes went out, or a session before this one was given.
    protected override bool HasBegun => _bytesSent > 0 || Command.Epoch.Session > 1;

    // What has evidence first: a report that is too long is cut at its end.
    protected override IReadOnlyList<FileIssue> Issues => [.. _parked, .. _outgoing?.ScanIssues ?? [], .. _issues];

    // A pause that our own policy asks for is no standstill: one that is longer than the watchdog waits would end session after session, each of which counts attempts anew.
    protected override bool IsBusy => base.IsBusy || _mover?.IsReading == true || (_ledger.Waiting > 0 && _ledger.InFlight.Count == 0);

    protected override (long? Limit, HeldBack? HeldBackBy) LimitReport() =>
        (_pacer.Limit, _pacer.HeldBack());

    // What nobody has asked for since Dispatch looked last is brought up to date first.
    protected override StageReport? StageReport()
    {
        CountPlaces();
        return _stageMeter.Report();
    }

    protected override void OnReportDue(bool isHeldBack) => Tune(isHeldBack);

    private string StateFolder => Path.Combine(Services.OutgoingFolder, TransferId.Value);

    protected override SupervisorStrategy SupervisorStrategy() => ChunkActors;

    protected override void PreStart()
    {
        base.PreStart();
        // Assigned on the lane, so that an end that comes meanwhile closes it.
        Step("opening the source", () => _outgoing = OpenOutgoing(), outgoing => new SourceProtocol.Opened(outgoing));
    }

    protected override void CloseStore() => _outgoing?.Dispose();

    protected override void OnEnding()
    {
        _gate.Close();
        _pacer.Dispose();
    }

    protected override void ForgetTransfer() => OutgoingTransfer.Forget(StateFolder);

    protected override void OnStop(StopIntent intent)
    {
        Fault.Point("u4.before");
        if (intent == StopIntent.Cancel)
        {
            TransferMeters.StopSignals.Add(1);
            End(SessionEnd.Cancelled, new Problem(Reason.Cancelled, AskedToEnd));
        }
        else
        {
            Drain();
        }

        Fault.Point("u4.after");
    }

    private OutgoingTransfer OpenOutgoing()
    {
        Fault.Point("u0.before");
        Location location = Services.Locations.Get(Command.Request.Source.Location);
        var outgoing = OutgoingTransfer.Open(
            location,
            Command.Request.Source.Path,
            Command.Request.ResultName,
            StateFolder,
            new OutgoingOptions { BaseChunkSize = Services.Options.ChunkSize, Round = Command.Round, Rescan = Command.Rescan, Stages = _stages });
        try
        {
            outgoing.RaiseEpoch(Command.Epoch);
            Fault.Point("u0.after");
            return outgoing;
        }
        catch
        {
            outgoing.Dispose();
            throw;
        }
    }

    private void Opening()
    {
        IActorRef self = Self;   // told by workers, which have no actor's context
        ReceiveCommon();

        // Answered when it is true: opening may have a crash to recover from first.
        Receive<SessionProtocol.AnswerAgain>(_ => { });
        Receive<SessionProtocol.Limit>(limit => _pacer.Limit = limit.BytesPerSecond);
        Receive<SourceProtocol.Opened>(opened =>
        {
            LinkMeter link = _link = new LinkMeter(Services.Time);
            var compressor = new ChunkCompressor(Policies.Compression, Services.Compression, Services.Time, link, change => self.Tell(change));
            _compressed = compressor.Counters;
            _mover = new ChunkMover(opened.Outgoing, Command.SessionId, Command.Epoch, Services.SendBuffers, Services.ChunkWorkers, _pacer, compressor, link, _stages);
            _scanProgress = ScanReport.Of(_outgoing!);
            TakeUpParked();
            ReportOpened();
            Services.Peers.Tell(new PeerProtocol.Attach(BindingOf(new SourcePort(Self, _gate))));
            Become(Sending);
            JudgeConnections();
            ScanOn();
        });
    }

    private void Sending()
    {
        ReceiveCommon();
        Receive<SessionProtocol.AnswerAgain>(_ => ReportOpened());
        Receive<SessionProtocol.Limit>(limit => _pacer.Limit = limit.BytesPerSecond);
        Receive<SourceProtocol.Scanned>(scanned =>
        {
            _scanProgress = ScanReport.Of(_outgoing!);
            PumpPages();
            if (scanned.More)
            {
                ScanOn();
            }
            else
            {
                SendSealWhenDue();
            }
        });
        Receive<SourceProtocol.PagesCompared>(OnPagesCompared);
        Receive<CodecChange>(OnCodecChanged);
        Receive<SourceProtocol.PageLoaded>(OnPageLoaded);
        Receive<SourceProtocol.PageOfLostChunks>(OnPageOfLostChunks);
        Receive<SourceProtocol.RootKnown>(OnRootKnown);
        Receive<SourceProtocol.ParkedOnDisk>(OnParkedOnDisk);
        Receive<SourceProtocol.EntryFailed>(failed => FailEntry(failed.Page, failed.Entry, failed.Problem));
        Receive<SessionProtocol.ControlFrame>(OnFrame);
        Receive<ConnectionFacts.DialFailed>(OnDialFailed);
        Receive<SourceProtocol.ConnectionsOverdue>(_ => OnConnectionsOverdue());
        Receive<SessionProtocol.DrainOver>(_ => EndDrained());
        Receive<ConnectionFacts.SessionRefusedByPeer>(refused => EndFor(
            new Problem(Reason.SessionLost, $"{Command.Peer} refused the session: {refused.Detail}.")));
        ReceiveChunkOutcomes();
    }

    protected override void OnJoined(ConnectionHandle connection)
    {
        _tallies[connection.Number] = new ConnectionTally();
        _refusedDials = 0;
        _lastDialProblem = null;
        _lost.Forget();
        OnConnectionsChanged(connection);
        JudgeConnections();
        SendNotices();
        PumpPages();
        SendSealWhenDue();
        Dispatch();
    }

    protected override IReadOnlyDictionary<string, JsonElement> OnLeft(ConnectionHandle connection, PumpEnd end)
    {
        _tallies.Remove(connection.Number, out ConnectionTally? tally);
        List<ChunkIndex> requeued = TakeBack(connection.Number, end.Reason);
        if (requeued.Count > 0)
        {
            int alone = requeued.Count(chunk => _ledger.TroubleOf(chunk)?.GoesAlone == true);
            Note(
                "chunks-requeued",
                $"{requeued.Count} chunks that were on their way over connection {connection.Number} go over the others{(alone > 0 ? $", {alone} of them alone" : string.Empty)}.",
                EventData.Of(
                    ("connection", connection.Number), ("chunks", requeued.Count), ("alone", alone), ("first", string.Join(',', requeued.Take(MaxNamedChunks).Select(chunk => chunk.Value)))));
        }

        ForgetCarrier(connection.Number);
        OnConnectionsChanged(joined: null);
        JudgeConnections();
        SendNotices();
        PumpPages();
        SendSealWhenDue();
        Dispatch();
        return SummaryOf(connection, tally ?? new ConnectionTally(), end, requeued.Count);
    }

    private void ScanOn()
    {
        if (_outgoing!.Seal is null)
        {
            Step("scanning the source", () => _outgoing.ScanNext(Stopping), more => new SourceProtocol.Scanned(more));
        }
        else
        {
            SendSealWhenDue();
        }
    }

    private void OnFrame(SessionProtocol.ControlFrame frame)
    {
        TakeFrame(frame);
        frame.Place?.Leave();
    }

    private void TakeFrame(SessionProtocol.ControlFrame frame)
    {
        switch (frame.Header.Type)
        {
            case FrameType.HaveBits when HaveBitsBody.TryRead(frame.Body, out HaveBitsBody? have):
                OnHaveBits(frame, have);
                break;
            case FrameType.Ack when AckBody.TryRead(frame.Body, out AckBody? ack):
                OnAck(frame.Header, ack);
                break;
            case FrameType.Nack when NackBody.TryRead(frame.Body, out NackBody? nack):
                OnNack(frame, nack);
                break;
            case FrameType.FileDone when FileDoneBody.TryRead(frame.Body, out FileDoneBody? done):
                OnFilesFinal(done);
                break;
            case FrameType.Credit when CreditBody.TryRead(frame.Body, out CreditBody credit):
                // A peer's word may only tighten our own limit.
                _window = Math.Clamp(credit.WindowBytes, 0, Services.Options.WindowBytes);
                Dispatch();
                break;
            case FrameType.Stop when StopBody.TryRead(frame.Body, out StopBody? stop):
                OnPeerStops(stop);
                break;
            default:
                RefuseFrame(frame);
                break;
        }
    }

    private void OnPeerStops(StopBody stop)
    {
        switch (stop.Code)
        {
            case StopCode.Completed:
                End(SessionEnd.Completed, null);
                break;
            case StopCode.Drain:
                Drain();
                break;
            case StopCode.Cancelled:
                TransferMeters.StopSignals.Add(1);
                End(SessionEnd.Cancelled, new Problem(Reason.Cancelled, "The destination was asked to end the transfer."));
                break;
            case StopCode.Suspended when stop.Reason == Reason.NoSpace:
                // Where it waits for space, so does the transfer: whichever end the coordinator hears first. What this end has sent of it says nothing.
                End(SessionEnd.Suspended, new Problem(Reason.NoSpace, $"{Command.Peer} ended the session: {PathText.Escape(stop.Detail)}"));
                break;
            default:
                EndFor(new Problem(Reason.SessionLost, $"{Command.Peer} ended the session: {PathText.Escape(stop.Detail)}"));
                break;
        }
    }
}
