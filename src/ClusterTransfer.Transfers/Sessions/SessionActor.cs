using System.Text.Json;
using ClusterTransfer.Actors;
using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Model.Faults;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Transfers.Control;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Policies;
using ClusterTransfer.Transfers.Work;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;
using SessionRole = ClusterTransfer.Model.Control.SessionRole;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>What both ends of a session have in common: connections, the lane of blocking steps, reports to the coordinator, and an orderly end.</summary>
/// <remarks>An end of a session lives until the coordinator has recorded how it ended: it repeats its report until then.</remarks>
internal abstract class SessionActor : ReceiveActor, IWithTimers
{
    private const string CloseStep = "close";

    private readonly Dictionary<int, ConnectionHandle> _connections = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly NoticeLine _notices;
    private SessionEnded? _end;

    protected SessionActor(OpenSession command, SessionServices services, SerialLane lane)
    {
        Command = command;
        Services = services;
        Lane = lane;
        _notices = new NoticeLine(Self);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected OpenSession Command { get; }

    protected SessionServices Services { get; }

    protected SerialLane Lane { get; }

    /// <summary>Fires when this end ends: long steps stop at their next safe point.</summary>
    protected CancellationToken Stopping => _stopping.Token;

    protected TransferId TransferId => Command.TransferId;

    /// <summary>How the transfer copes with what goes wrong.</summary>
    protected TransferPolicies Policies => Command.Request.Policies ?? TransferPolicies.Default;

    /// <summary>How many connections the session is to have.</summary>
    protected virtual int WantedConnections => Command.Request.Connections ?? Services.Options.Connections;

    /// <summary>The live connections of the session, by number.</summary>
    protected IReadOnlyDictionary<int, ConnectionHandle> Connections => _connections;

    /// <summary>The counts of this end so far.</summary>
    protected abstract TransferProgress Progress { get; }

    /// <summary>Files this end knows were not delivered; a report names as many as fit into it.</summary>
    protected abstract IReadOnlyList<FileIssue> Issues { get; }

    /// <summary>What went over each live connection, at most <see cref="SessionProgressed.MaxConnections"/>; none where the other end reports them.</summary>
    protected virtual IReadOnlyList<ConnectionReport> ConnectionReports() => [];

    /// <summary>Some of the files that were given up because of a chunk, others each time; none where the other end reports them.</summary>
    protected virtual IReadOnlyList<FileIssue> ParkedToReport() => [];

    /// <summary>The limit in force, and that which something waited for since this was asked last; nulls where the other end sends.</summary>
    protected virtual (long? Limit, HeldBack? HeldBackBy) LimitReport() => (null, null);

    /// <summary>Whether this end works on its own disk now, or lets a pause before another attempt pass.</summary>
    protected virtual bool IsBusy => !Lane.Drained.IsCompleted;

    /// <summary>Bytes of frames that have reached this end, where that says how fast it goes on.</summary>
    protected virtual long BytesArrived => 0;

    /// <summary>Whether this end has something of the transfer that is worth waiting for.</summary>
    protected abstract bool HasBegun { get; }

    /// <summary>Closes the files of this end; runs on the lane after all other steps.</summary>
    protected abstract void CloseStore();

    /// <summary>Removes what the transfer left on this node; runs on the lane, after the coordinator recorded the transfer's end.</summary>
    protected abstract void ForgetTransfer();

    /// <summary>A connection was proven for this session.</summary>
    protected abstract void OnJoined(ConnectionHandle connection);

    /// <summary>A connection is gone.</summary>
    /// <returns>What went over it in this session, for the event.</returns>
    protected abstract IReadOnlyDictionary<string, JsonElement> OnLeft(ConnectionHandle connection, PumpEnd end);

    /// <summary>The next frame of what the peer must hear of, to go over that connection; null when nothing is due.</summary>
    protected abstract OutgoingFrame? NextNotice(int connection);

    /// <summary>A report is due; before it, whatever this end has to ask or to look at.</summary>
    /// <param name="isHeldBack">Whether something waited for a limit since the last report.</param>
    protected virtual void OnReportDue(bool isHeldBack)
    {
    }

    /// <summary>What the coordinator's stop means to this end while it runs.</summary>
    protected abstract void OnStop(StopIntent intent);

    protected override void PreStart() => Timers.StartPeriodicTimer(
        SessionProtocol.ReportProgress.Instance, SessionProtocol.ReportProgress.Instance, Services.Options.ProgressInterval);

    protected override void PostStop()
    {
        _stopping.Cancel();
        if (_end is null)
        {
            // It failed, or the node stops. The next session needs the connections, the name and, behind this on the same lane, the store.
            LeaveConnections();
            _ = Lane.RunAsync(() => { CloseStore(); return true; });
        }
    }

    // A session's state is on disk at both ends; a failed actor ends as suspended and the coordinator opens a newer session.
    protected override void PreRestart(Exception reason, object? message) => Context.Stop(Self);

    /// <summary>Handlers every running state needs.</summary>
    protected void ReceiveCommon()
    {
        Receive<SessionProtocol.Stop>(stop => OnStop(stop.Intent));
        Receive<SessionProtocol.Evict>(evict => End(SessionEnd.Suspended, evict.Problem, report: false));
        Receive<SessionProtocol.Recorded>(recorded =>
        {
            if (recorded.TransferEnded)
            {
                End(SessionEnd.Cancelled, new Problem(Reason.Cancelled, "The transfer has ended."), report: false, forget: !recorded.Keep);
            }
            else
            {
                // Though this end never said that it is over: a newer session has been given, perhaps to another node.
                End(SessionEnd.Suspended, new Problem(Reason.Superseded, "A newer session has taken over."), report: false);
            }
        });
        Receive<SessionProtocol.ReportProgress>(_ =>
        {
            (long? limit, HeldBack? heldBackBy) = LimitReport();
            OnReportDue(isHeldBack: heldBackBy is not null);
            Report(new SessionProgressed(TransferId, Command.Epoch, Command.Role, Progress)
            {
                Incarnation = Services.Incarnation,
                Connections = ConnectionReports(),
                Parked = ParkedToReport(),
                Busy = IsBusy || heldBackBy is not null,
                Limit = limit,
                HeldBackBy = heldBackBy,
                BytesArrived = BytesArrived,
            });
        });
        Receive<SessionProtocol.StepFailed>(OnStepFailed);
        Receive<SessionProtocol.NoticeTaken>(taken =>
        {
            if (_notices.Freed(taken, _connections))
            {
                SendNotices();
            }
        });
        Receive<ConnectionFacts.ConnectionJoined>(joined =>
        {
            _connections[joined.Connection.Number] = joined.Connection;
            OnJoined(joined.Connection);
        });
        Receive<ConnectionFacts.ConnectionLeft>(left =>
        {
            if (_connections.Remove(left.Number, out ConnectionHandle? connection))
            {
                IReadOnlyDictionary<string, JsonElement> data = OnLeft(connection, left.End);
                Note("connection-lost", $"Connection {left.Number} to {Command.Peer} ended: {left.End.Problem?.Detail.TrimEnd('.') ?? left.End.Reason.ToString()}.", data);
            }
        });
        Receive<ConnectionFacts.ScoreChanged>(OnScoreChanged);
    }

    /// <summary>Runs a blocking step on the lane; its result comes back as the message that <paramref name="done"/> makes of it.</summary>
    protected void Step<T>(string name, Func<T> step, Func<T, object> done) => Lane.RunAsync(step).PipeTo(
        Self, success: done, failure: error => new SessionProtocol.StepFailed(name, error));

    /// <summary>Sends to the coordinator; may be lost.</summary>
    protected void Report(BusMessage message) =>
        Services.Control.Tell(new ControlLinkProtocol.Send(new BusTarget.Coordinator(TransferId), message));

    protected void ReportOpened() => Report(new SessionOpened(TransferId, Command.Epoch, Command.Role, Services.Incarnation));

    /// <summary>A line for the transfer's event log; passing, may be lost.</summary>
    protected void Note(string kind, string text, IReadOnlyDictionary<string, JsonElement>? data = null) =>
        Report(new SessionNoted(TransferId, Command.Epoch, Command.Role, kind, text) { Data = data });

    private void OnScoreChanged(ConnectionFacts.ScoreChanged changed)
    {
        ConnectionHealth health = changed.Health;
        Note(
            health.Score > 0 ? "connection-score" : "connection-forgiven",
            health.Score > 0
                ? $"Connection {changed.Number} to {Command.Peer} brought something damaged: {health.LastReason}. Its score is {health.Score} of {changed.Limit}."
                : $"All that connection {changed.Number} to {Command.Peer} brought damaged is forgiven.",
            EventData.Of(
                ("connection", changed.Number),
                ("peer", Command.Peer),
                ("score", health.Score),
                ("limit", changed.Limit),
                ("bad", health.Bad),
                ("good", health.Good),
                ("forgiven", health.Forgiven),
                ("lastReason", health.LastReason)));
    }

    /// <summary>A frame of this session, ready to send.</summary>
    protected OutgoingFrame Frame(FrameType type, byte[] body, FrameFlags flags = FrameFlags.None, uint entry = 0, uint chunk = 0) =>
        OutgoingFrame.Control(new FrameHeader(type, flags, Command.SessionId, Command.Epoch, new EntryIndex(entry), new ChunkIndex(chunk), 0, 0), body);

    /// <summary>Any live connection, for frames that may take each of them; null when there is none.</summary>
    protected ConnectionHandle? AnyConnection() => _connections.Count == 0 ? null : _connections.Values.First();

    /// <summary>Sends the next notice, unless one waits for its place or none is due.</summary>
    protected void SendNotices() => _notices.Send(AnyConnection(), NextNotice, Stopping);

    /// <summary>The connection carried a frame that has no place in this session, or a body that cannot be read: it ends, the session goes on over others.</summary>
    protected void RefuseFrame(SessionProtocol.ControlFrame frame) => frame.From.Actor.Tell(new ConnectionProtocol.GiveUp(
        new Problem(Reason.ProtocolViolation, $"{Command.Peer} sent a {frame.Header.Type} frame that does not fit here.")));

    /// <summary>What connections must know of this end.</summary>
    /// <param name="port">Where its frames go.</param>
    protected SessionBinding BindingOf(ISessionPort port) => new(
        TransferId,
        Command.Epoch,
        Command.SessionId,
        Command.Role,
        Command.Peer,
        Command.PeerDataAddresses,
        Command.Secret,
        WantedConnections,
        Self,
        port)
    {
        BadChunks = Policies.BadChunks,
    };

    /// <summary>Ends this end: leaves the connections, waits for the steps, closes the files, then reports until the coordinator has recorded it.</summary>
    protected void End(SessionEnd end, Problem? problem, bool report = true, bool forget = false)
    {
        if (_end is not null)
        {
            return;
        }

        _end = ReportedIssues.Fit(new SessionEnded(TransferId, Command.Epoch, Command.Role, end) { Problem = problem, Progress = Progress, Issues = Issues });
        Services.Log.SessionEnds(TransferId.Value, Command.Role.ToString(), Command.Epoch.ToString(), end.ToString(), problem?.Detail ?? "no problem");
        foreach (IActorRef chunk in Context.GetChildren())
        {
            Context.Stop(chunk);
        }

        _stopping.Cancel();
        Timers.Cancel(SessionProtocol.ReportProgress.Instance);
        LeaveConnections();
        CloseBehindAllSteps(() =>
        {
            CloseStore();
            if (forget)
            {
                ForgetTransfer();
            }
        });
        Become(report ? Ending : Leaving);
    }

    /// <summary>Ends this end for a reason that its class decides on: what may pass is tried again by a newer session.</summary>
    protected virtual void EndFor(Problem problem) => End(EndOf(problem), problem);

    // A frame that breaks the protocol costs its connection only, and that is replaced. What breaks it and gets as far as the session is what the two ends keep of the
    // transfer: request, pages, seal. None of that ever changes, so a newer session would meet the same.
    // A full disk stops a transfer that has not begun; one that has waits for space.
    protected SessionEnd EndOf(Problem problem)
    {
        bool mayPass = problem.Reason == Reason.NoSpace
            ? HasBegun
            : problem.Reason.Info().Class == ReasonClass.Transient;
        return mayPass ? SessionEnd.Suspended : SessionEnd.Failed;
    }

    /// <summary>The session accepts nothing from here on; called once.</summary>
    protected virtual void OnEnding()
    {
    }

    /// <summary>The end as it is once the store is closed: that may still have put something in place.</summary>
    protected virtual SessionEnded AfterClose(SessionEnded end) => end;

    private void CloseBehindAllSteps(Action close) => Step(
        CloseStep,
        () =>
        {
            close();
            return true;
        },
        _ => SessionProtocol.Closed.Instance);

    private void LeaveConnections()
    {
        // First: a connection that judges a proof now either does not find the session any more, or handles the unbinding after it.
        OnEnding();
        Services.Peers.Tell(new PeerProtocol.Detach(Command.Peer, Command.SessionId, Command.Role));
        foreach (ConnectionHandle connection in _connections.Values)
        {
            connection.Actor.Tell(new ConnectionProtocol.UnbindSession(Command.SessionId, Command.Role));
        }

        _connections.Clear();
    }

    private void Ending()
    {
        Receive<SessionProtocol.Closed>(_ =>
        {
            if (Command.Role == SessionRole.Destination)
            {
                Fault.Point("d17.before");
            }

            _end = ReportedIssues.Fit(AfterClose(_end!)); // there since the session began to end
            Report(_end);
            Timers.StartPeriodicTimer(SessionProtocol.RepeatEnd.Instance, SessionProtocol.RepeatEnd.Instance, Services.Options.ReportInterval);
            Become(Ended);
        });
        Receive<SessionProtocol.StepFailed>(failed =>
        {
            LogFailure(failed);
            if (failed.Error is JournalFlushException)
            {
                Become(Leaving);   // As when it fails in a running session: nobody is told of an end.
            }

            if (failed.Step == CloseStep)
            {
                Self.Tell(SessionProtocol.Closed.Instance);
            }
        });
        Receive<SessionProtocol.Evict>(_ => Become(Leaving));
        ReceiveAny(_ => { });
    }

    private void Ended()
    {
        Receive<SessionProtocol.RepeatEnd>(_ => Report(_end!));
        Receive<SessionProtocol.AnswerAgain>(_ => Report(_end!));
        Receive<SessionProtocol.Stop>(_ => Report(_end!));
        Receive<SessionProtocol.Evict>(_ => Context.Stop(Self));
        Receive<SessionProtocol.Recorded>(recorded =>
        {
            if (Command.Role == SessionRole.Destination)
            {
                Fault.Point("d17.after");
            }

            if (!recorded.TransferEnded || recorded.Keep)
            {
                Context.Stop(Self);
                return;
            }

            Timers.CancelAll();
            CloseBehindAllSteps(ForgetTransfer);
            Become(Leaving);
        });
        ReceiveAny(_ => { });
    }

    private void Leaving()
    {
        Receive<SessionProtocol.Closed>(_ => Context.Stop(Self));
        Receive<SessionProtocol.StepFailed>(failed =>
        {
            LogFailure(failed);
            if (failed.Step == CloseStep)
            {
                Context.Stop(Self);
            }
        });
        ReceiveAny(_ => { });
    }

    private void OnStepFailed(SessionProtocol.StepFailed failed)
    {
        LogFailure(failed);
        if (failed.Error is JournalFlushException)
        {
            // The node stops. Nobody is told of an end: what was durable stays, and the next run finds out what that is.
            End(SessionEnd.Suspended, new Problem(Reason.SessionLost, failed.Error.Message), report: false);
            return;
        }

        EndFor((failed.Error as ClusterTransferException)?.Problem
            ?? new Problem(Reason.Unclassified, $"{failed.Step} failed on this node: {PathText.Escape(failed.Error.Message)}"));
    }

    private void LogFailure(SessionProtocol.StepFailed failed)
    {
        if (failed.Error is JournalFlushException)
        {
            Services.Fail(TransferId, failed.Error);
        }

        Services.Log.StepFailed(TransferId.Value, failed.Step, failed.Error);
    }
}
