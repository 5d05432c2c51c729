using ClusterTransfer.Actors;
using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Model.Faults;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Outgoing;
using ClusterTransfer.Transfers.Control;
using ClusterTransfer.Transfers.Work;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>The node's ends of sessions: one child for each transfer and role, fenced by epoch. Commands come from coordinators by the bus.</summary>
internal sealed class SessionsActor : ReceiveActor, IWithTimers
{
    // An end of a session cannot be restarted in place: it stops, and the coordinator, missing it, opens a newer session.
    private static readonly SupervisorStrategy Ends = new OneForOneStrategy(_ => Directive.Stop);

    // Asked about at one time, so that the control link keeps up; those that are left wait for the next time.
    private const int MaxLeftovers = 128;

    // Ends of transfers that are remembered; more end within the time a message can be late only on a hub that has other troubles.
    private const int MaxEnded = 10_000;

    private static readonly TimeSpan LeftoverInterval = TimeSpan.FromHours(1);

    private readonly SessionServices _services;
    private readonly Dictionary<(TransferId, SessionRole), SessionSlot> _slots = [];

    // Where the next round of questions about leftovers begins, when there are more than one round takes.
    private int _askedBefore;

    // The highest epoch opened by this run of the process, or recorded as over. Kept beyond the end of the transfer: a command that was
    // long on its way would else begin the transfer anew, and nobody waits for that any more.
    private readonly Dictionary<(TransferId, SessionRole), Epoch> _opened = [];
    private readonly Queue<((TransferId, SessionRole) Key, Epoch Epoch)> _ended = new();

    // What one session of a transfer and role still has to do, closing its store above all, comes before what the next does.
    private readonly Dictionary<(TransferId, SessionRole), SerialLane> _lanes = [];

    // Transfers whose journal is being asked for the answer to a cancel; a repeat meanwhile asks nothing more.
    private readonly HashSet<TransferId> _answering = [];

    // Transfers of which a cancel came that may be older than a gap in the life of this process: to look into such a journal is to publish what was verified before.
    // Each with the epoch of that cancel: what is confirmed of one says nothing of another.
    private readonly Dictionary<TransferId, (Epoch Epoch, PublicationPermit Permit)> _cancelling = [];

    public SessionsActor(SessionServices services)
    {
        _services = services;
        Become(Serving);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override SupervisorStrategy SupervisorStrategy() => Ends;

    // What is kept of a failed transfer is asked about again and again, until the hub says that its time is over.
    protected override void PreStart() => Timers.StartPeriodicTimer(
        SessionProtocol.AskAboutLeftovers.Instance, SessionProtocol.AskAboutLeftovers.Instance, LeftoverInterval);

    private void Serving()
    {
        Receive<OpenSession>(OnOpen);
        Receive<StopSession>(OnStop);
        Receive<LimitSession>(OnLimit);
        Receive<SessionConfirmed>(OnConfirmed);
        Receive<OutcomeRecorded>(OnRecorded);
        Receive<Leftover>(leftover =>
        {
            _answering.Remove(leftover.TransferId);
            _cancelling.Remove(leftover.TransferId);
            if (leftover.Answer is not null)
            {
                Send(leftover.TransferId, leftover.Answer);
            }
        });
        Receive<ForgetLeftover>(OnForget);
        Receive<SessionProtocol.Forget>(OnForgetKept);
        Receive<Forgotten>(forgotten =>
        {
            if (forgotten.Error is not null)
            {
                _services.Log.LeftoverNotRemoved(forgotten.Error);
            }
        });
        Receive<SessionProtocol.AskAboutLeftovers>(_ => LookForLeftovers());
        Receive<LeftoversFound>(found =>
        {
            if (found.Error is not null)
            {
                _services.Log.LeftoversNotListed(found.Error);
            }

            AskAbout(found.Ends);
        });
        Receive<SessionProtocol.ShutDown>(_ => ShutDown());
        Receive<Terminated>(terminated =>
        {
            if (Remove(terminated.ActorRef) is { Slot.Next: { } next } removed)
            {
                Open(removed.Key, next);
            }
        });
    }

    // The node stops: every end closes its files, so that a restart has nothing to hash again.
    private void ShutDown()
    {
        IActorRef replyTo = Sender;
        foreach (SessionSlot slot in _slots.Values)
        {
            slot.Actor.Tell(new SessionProtocol.Evict(new Problem(Reason.SessionLost, "The node stops.")));
        }

        Become(ShuttingDown);
        AnswerWhenEmpty();

        void ShuttingDown()
        {
            Receive<Terminated>(terminated =>
            {
                Remove(terminated.ActorRef);
                AnswerWhenEmpty();
            });
            ReceiveAny(_ => { });
        }

        void AnswerWhenEmpty()
        {
            if (_slots.Count == 0)
            {
                replyTo.Tell(SessionProtocol.Closed.Instance);
            }
        }
    }

    private ((TransferId, SessionRole) Key, SessionSlot Slot)? Remove(IActorRef actor)
    {
        foreach (((TransferId, SessionRole) key, SessionSlot slot) in _slots)
        {
            if (slot.Actor.Equals(actor))
            {
                _slots.Remove(key);
                return (key, slot);
            }
        }

        return null;
    }

    private void OnOpen(OpenSession open)
    {
        if (open.Role == SessionRole.Destination)
        {
            Fault.Point("d0.before");
        }

        if (open.Target != _services.Incarnation)
        {
            Refuse(open, new Problem(Reason.SessionLost, "The node has restarted since."), Epoch.None);
            return;
        }

        // A journal whose flush failed still reads well from memory. Only another process may believe what it says.
        if (_services.Failed.Task.IsCompleted)
        {
            Refuse(open, new Problem(Reason.SessionLost, "The node stops: a journal of its could not be flushed."), Epoch.None);
            return;
        }

        if (!RateLimit.IsValid(open.Limit))
        {
            Refuse(open, new Problem(Reason.ProtocolViolation, $"The coordinator asks for a limit of {open.Limit} bytes/s; want {RateLimit.Min} to {RateLimit.Max}."), Epoch.None);
            return;
        }

        (TransferId, SessionRole) key = (open.TransferId, open.Role);
        if (!_slots.TryGetValue(key, out SessionSlot? slot))
        {
            if (_opened.TryGetValue(key, out Epoch opened) && open.Epoch <= opened)
            {
                // It was open and is gone. Its other end has counted on it: only a newer session begins from what is on disk at both.
                Refuse(
                    open,
                    open.Epoch < opened
                        ? new Problem(Reason.Superseded, "A newer session has taken over.")
                        : new Problem(Reason.SessionLost, "This end of the session is gone."),
                    opened);
                return;
            }

            Open(key, open);
            return;
        }

        Epoch newest = slot.Next?.Epoch ?? slot.Epoch;
        if (open.Epoch < newest)
        {
            Refuse(open, new Problem(Reason.Superseded, "A newer session has taken over."), newest);
        }
        else if (open.Epoch == slot.Epoch)
        {
            slot.Actor.Tell(SessionProtocol.AnswerAgain.Instance);
        }
        else
        {
            // The newer session takes over when the older one has closed its files: one writer at a time.
            slot.Next = open;
            slot.Actor.Tell(new SessionProtocol.Evict(new Problem(Reason.Superseded, $"Session {open.Epoch} takes over.")));
        }
    }

    private void Open((TransferId Id, SessionRole Role) key, OpenSession open)
    {
        SessionServices services = _services;
        SerialLane lane = LaneOf(key);
        IActorRef actor = Context.Watch(Context.ActorOf(
            open.Role == SessionRole.Source
                ? Props.Create(() => new SourceSession(open, services, lane))
                : Props.Create(() => new DestinationSession(open, services, lane)),
            $"{key.Role.ToString().ToLowerInvariant()}-{key.Id}-{open.Epoch}"));
        _slots[key] = new SessionSlot(actor, open.Epoch);
        _opened[key] = open.Epoch;
        if (open.Role == SessionRole.Destination)
        {
            Fault.Point("d0.after");
        }
    }

    private SerialLane LaneOf((TransferId, SessionRole) key)
    {
        foreach ((TransferId, SessionRole) idle in _lanes.Keys.Where(other => !_slots.ContainsKey(other) && _lanes[other].Drained.IsCompleted).ToArray())
        {
            _lanes.Remove(idle);
        }

        return _lanes.TryGetValue(key, out SerialLane? lane) ? lane : _lanes[key] = new SerialLane(_services.StepWorkers);
    }

    // One that is for another session is out of date, or early: the reports of that session bring another.
    private void OnLimit(LimitSession limit)
    {
        if (RateLimit.IsValid(limit.Limit) && _slots.TryGetValue((limit.TransferId, SessionRole.Source), out SessionSlot? slot) && slot.Epoch == limit.Epoch)
        {
            slot.Actor.Tell(new SessionProtocol.Limit(limit.Limit));
        }
    }

    private void OnStop(StopSession stop)
    {
        if (_services.Failed.Task.IsCompleted)
        {
            return;   // as for a newer session; the command is repeated until the next run of the node answers it
        }

        foreach (((TransferId Id, SessionRole Role) key, SessionSlot slot) in _slots)
        {
            if (key.Id == stop.TransferId && slot.Epoch <= stop.Epoch && (stop.Role ?? key.Role) == key.Role)
            {
                slot.Actor.Tell(new SessionProtocol.Stop(stop.Intent));
            }
        }

        if (stop is { Intent: StopIntent.Suspend, Role: { } role } && !_slots.ContainsKey((stop.TransferId, role)))
        {
            Send(stop.TransferId, new SessionRefused(
                stop.TransferId, stop.Epoch, role, new Problem(Reason.SessionLost, "This end of the session is gone.")));
            return;
        }

        (TransferId, SessionRole) sourceKey = (stop.TransferId, SessionRole.Source);
        if (!_slots.ContainsKey(sourceKey) && stop is { Intent: StopIntent.Suspend, Request: { } request } && _answering.Add(stop.TransferId))
        {
            // The session went with an earlier run of this process; what its scan found is in the manifest it kept.
            SessionServices services = _services;
            LaneOf(sourceKey).RunAsync<BusMessage?>(() => ReportLeftover(services, stop, request)).PipeTo(
                Self, success: answer => new Leftover(stop.TransferId, answer), failure: _ => new Leftover(stop.TransferId, null));
        }

        (TransferId, SessionRole) destinationKey = (stop.TransferId, SessionRole.Destination);
        if (!_slots.ContainsKey(destinationKey) && stop.Intent == StopIntent.Cancel && stop.Destination is { } destination && !_answering.Contains(stop.TransferId))
        {
            if (!_cancelling.TryGetValue(stop.TransferId, out (Epoch Epoch, PublicationPermit Permit) cancelling) || cancelling.Epoch != stop.Epoch)
            {
                _cancelling[stop.TransferId] = cancelling = (stop.Epoch, new PublicationPermit(_services.Life));
            }

            PublicationPermit permit = cancelling.Permit;
            if (permit.Doubt is { } gap)
            {
                Send(stop.TransferId, new SessionDoubted(stop.TransferId, stop.Epoch, SessionRole.Destination, gap) { Incarnation = _services.Incarnation });
                return;   // the command is repeated until answered
            }

            // The session went with an earlier run of this process; its journal beside the data has the answer.
            SessionServices services = _services;
            _answering.Add(stop.TransferId);
            LaneOf(destinationKey).RunAsync<BusMessage?>(() => CancelLeftover(services, stop, destination, permit)).PipeTo(
                Self, success: answer => new Leftover(stop.TransferId, answer), failure: error => new Leftover(stop.TransferId, Failed(stop, error)));
        }
    }

    // An answer may be long on its way. What an earlier run of this process asked, or was asked of an earlier epoch, it does not answer now.
    private void OnConfirmed(SessionConfirmed confirmed)
    {
        if (confirmed.Incarnation != _services.Incarnation)
        {
            return;
        }

        if (_slots.TryGetValue((confirmed.TransferId, confirmed.Role), out SessionSlot? slot))
        {
            if (slot.Epoch == confirmed.Epoch)
            {
                slot.Actor.Tell(new SessionProtocol.Confirmed(confirmed.Gap));
            }
        }
        else if (confirmed.Role == SessionRole.Destination
            && _cancelling.TryGetValue(confirmed.TransferId, out (Epoch Epoch, PublicationPermit Permit) cancelling) && cancelling.Epoch == confirmed.Epoch)
        {
            cancelling.Permit.Confirm(confirmed.Gap);
        }
    }

    private void OnRecorded(OutcomeRecorded recorded)
    {
        _cancelling.Remove(recorded.TransferId);
        if (recorded is { TransferEnded: true, Keep: false })
        {
            RememberEnd((recorded.TransferId, recorded.Role), recorded.Epoch);
        }

        if (_slots.TryGetValue((recorded.TransferId, recorded.Role), out SessionSlot? slot))
        {
            if (slot.Epoch <= recorded.Epoch)
            {
                slot.Actor.Tell(new SessionProtocol.Recorded(recorded.TransferEnded, recorded.Keep));
            }

            return;
        }

        if (recorded is { TransferEnded: true, Keep: false })
        {
            SessionServices services = _services;
            LaneOf((recorded.TransferId, recorded.Role)).RunAsync(() => ForgetLeftover(services, recorded)).PipeTo(
                Self, success: _ => new Forgotten(), failure: error => new Forgotten(error));
        }
    }

    private void OnForget(ForgetLeftover forget)
    {
        (TransferId, SessionRole) key = (forget.TransferId, forget.Role);
        if (!_slots.ContainsKey(key))
        {
            SessionServices services = _services;
            LaneOf(key).RunAsync(() => ForgetUnused(services, forget)).PipeTo(Self, success: _ => new Forgotten(), failure: error => new Forgotten(error));
        }
    }

    // As a person asked: told what became of it.
    private void OnForgetKept(SessionProtocol.Forget forget)
    {
        (TransferId, SessionRole) key = (forget.Transfer, forget.Place == KeptPlaces.Outgoing ? SessionRole.Source : SessionRole.Destination);
        if (_slots.ContainsKey(key))
        {
            Sender.Tell(new ForgottenItem(0, new Problem(Reason.WrongState, "A session has it open.")));
            return;
        }

        SessionServices services = _services;
        LaneOf(key).RunAsync(() => RemoveKept(services, forget)).PipeTo(
            Sender,
            success: bytes => new ForgottenItem(bytes),
            failure: error => new ForgottenItem(0, (error as ClusterTransferException)?.Problem ?? new Problem(Reason.Unclassified, PathText.Escape(error.Message))));
    }

    private static long RemoveKept(SessionServices services, SessionProtocol.Forget forget)
    {
        long bytes = KeptPlaces.Remove(services.Locations, services.OutgoingFolder, forget.Transfer, forget.Place);
        services.Log.LeftoverRemoved(forget.Transfer.Value, forget.Place);
        return bytes;
    }

    private void RememberEnd((TransferId, SessionRole) key, Epoch epoch)
    {
        Epoch highest = _opened.TryGetValue(key, out Epoch opened) && opened > epoch ? opened : epoch;
        _opened[key] = highest;
        _ended.Enqueue((key, highest));
        if (_ended.Count > MaxEnded)
        {
            // Unless it was taken up again since, under a newer epoch.
            ((TransferId, SessionRole) Key, Epoch Epoch) oldest = _ended.Dequeue();
            if (_opened.TryGetValue(oldest.Key, out Epoch known) && known == oldest.Epoch && !_slots.ContainsKey(oldest.Key))
            {
                _opened.Remove(oldest.Key);
            }
        }
    }

    // A transfer that ended while this node was away is not going to be spoken of again: whoever holds something of it asks.
    private void LookForLeftovers()
    {
        SessionServices services = _services;
        services.StepWorkers.RunAsync(() => Leftovers(services), CancellationToken.None).PipeTo(
            Self, success: ends => new LeftoversFound(ends), failure: error => new LeftoversFound([], error));
    }

    // The end of a session of an earlier run. Its epoch is below any: a running transfer passes it over, one that has ended answers that it has.
    private void AskAbout(IReadOnlyList<(TransferId Id, SessionRole Role)> ends)
    {
        (TransferId Id, SessionRole Role)[] idle = [.. ends.Where(end => !_slots.ContainsKey(end)).OrderBy(end => end.Id.Value, StringComparer.Ordinal).ThenBy(end => end.Role)];
        if (idle.Length <= MaxLeftovers)
        {
            _askedBefore = 0;
        }

        // Those that stay because they can be retried must not keep the rest from being asked about.
        int from = idle.Length == 0 ? 0 : _askedBefore % idle.Length;
        _askedBefore = from + MaxLeftovers;
        foreach ((TransferId id, SessionRole role) in idle.Skip(from).Concat(idle.Take(from)).Take(MaxLeftovers))
        {
            Send(id, new SessionEnded(id, Epoch.None, role, SessionEnd.Suspended) { Progress = new TransferProgress() });
        }
    }

    private static List<(TransferId Id, SessionRole Role)> Leftovers(SessionServices services)
    {
        List<(TransferId Id, SessionRole Role)> ends = [.. OutgoingTransfer.KnownTo(services.OutgoingFolder).Select(id => (id, SessionRole.Source))];
        foreach (Location location in KeptPlaces.Writable(services.Locations))
        {
            ends.AddRange(IncomingTransfer.KnownTo(location).Select(id => (id, SessionRole.Destination)));
        }

        return ends;
    }

    private static SessionEnded? CancelLeftover(SessionServices services, StopSession stop, TransferAddress destination, PublicationPermit permit)
    {
        Location location = services.Locations.Get(destination.Location);

        // The journal refuses to be opened for another request than its own, and the command does not carry all of it.
        IncomingTransfer.Summary? begun = IncomingTransfer.TryReadOutcome(location, stop.TransferId);
        IncomingOptions options = begun is null ? new IncomingOptions() : new IncomingOptions { Conflict = begun.Conflict, Durability = begun.Durability };
        using var incoming = IncomingTransfer.Open(
            location, destination.Path, stop.TransferId, stop.Epoch, options with { Round = stop.Round, MayPublish = () => permit.IsGood }, services.Time);
        if (incoming.IsHolding)
        {
            return null;   // This process did not run just now; the coordinator is asked when it repeats the command.
        }

        // It was taken up again and this node never heard of it: that it was complete before is no answer to a cancel of what was wanted since.
        bool complete = incoming.IsComplete && (begun?.Round ?? 0) >= stop.Round;
        if (!complete)
        {
            incoming.Cancel();
        }
        else if (!incoming.Finish())
        {
            return null;   // Links and folders are not all in place yet, and must not be put there now; as above.
        }

        return ReportedIssues.Fit(new SessionEnded(stop.TransferId, stop.Epoch, SessionRole.Destination, complete ? SessionEnd.Completed : SessionEnd.Cancelled)
        {
            Progress = incoming.Progress,
            Issues = incoming.Issues,
        });
    }

    private static SessionEnded? ReportLeftover(SessionServices services, StopSession stop, TransferRequest request)
    {
        if (!OutgoingTransfer.KnownTo(services.OutgoingFolder).Contains(stop.TransferId))
        {
            return null;   // Nothing was kept, so there is nothing to say; the coordinator draws its conclusion.
        }

        using OutgoingTransfer outgoing = OutgoingTransfer.Open(
            services.Locations.Get(request.Source.Location),
            request.Source.Path,
            request.ResultName,
            Path.Combine(services.OutgoingFolder, stop.TransferId.Value),
            new OutgoingOptions { BaseChunkSize = services.Options.ChunkSize });
        return ReportedIssues.Fit(new SessionEnded(stop.TransferId, stop.Epoch, SessionRole.Source, SessionEnd.Suspended)
        {
            Problem = new Problem(Reason.SessionLost, "The node has restarted since."),
            Progress = ScanReport.Of(outgoing),
            Issues = [.. outgoing.ParkedIssues, .. outgoing.ScanIssues],
        });
    }

    private static SessionEnded Failed(StopSession stop, Exception error) =>
        new(stop.TransferId, stop.Epoch, SessionRole.Destination, SessionEnd.Failed)
        {
            Problem = (error as ClusterTransferException)?.Problem ?? new Problem(Reason.Unclassified, PathText.Escape(error.Message)),
            Progress = new TransferProgress(),
        };

    private static bool ForgetLeftover(SessionServices services, OutcomeRecorded recorded)
    {
        if (recorded.Role == SessionRole.Source)
        {
            OutgoingTransfer.Forget(Path.Combine(services.OutgoingFolder, recorded.TransferId.Value));
        }
        else if (recorded.Destination is { } destination)
        {
            IncomingTransfer.Forget(services.Locations.Get(destination.Location), recorded.TransferId);
        }

        return true;
    }

    private static bool ForgetUnused(SessionServices services, ForgetLeftover forget)
    {
        if (forget.Role == SessionRole.Source)
        {
            if (IsUnused(OutgoingTransfer.KeptOf(services.OutgoingFolder, forget.TransferId)))
            {
                OutgoingTransfer.Forget(Path.Combine(services.OutgoingFolder, forget.TransferId.Value));
                services.Log.LeftoverRemoved(forget.TransferId.Value, KeptPlaces.Outgoing);
            }

            return true;
        }

        foreach (Location location in KeptPlaces.Writable(services.Locations))
        {
            if (IsUnused(IncomingTransfer.KeptOf(location, forget.TransferId)))
            {
                IncomingTransfer.Forget(location, forget.TransferId);
                services.Log.LeftoverRemoved(forget.TransferId.Value, KeptPlaces.Of(location));
            }
        }

        return true;

        bool IsUnused(KeptFolder? kept) => kept is { Transfer: not null }
            && (forget.UnusedFor <= TimeSpan.Zero || services.Time.GetUtcNow() - kept.LastWritten >= forget.UnusedFor);
    }

    private void Refuse(OpenSession open, Problem problem, Epoch highest) =>
        Send(open.TransferId, new SessionRefused(open.TransferId, open.Epoch, open.Role, problem) { HighestEpoch = highest });

    private void Send(TransferId transfer, BusMessage message) =>
        _services.Control.Tell(new ControlLinkProtocol.Send(new BusTarget.Coordinator(transfer), message));

    private sealed class SessionSlot(IActorRef actor, Epoch epoch)
    {
        public IActorRef Actor { get; } = actor;

        public Epoch Epoch { get; } = epoch;

        /// <summary>The newer session that waits for this one to close.</summary>
        public OpenSession? Next { get; set; }
    }

    private sealed record Leftover(TransferId TransferId, BusMessage? Answer);

    private sealed record LeftoversFound(IReadOnlyList<(TransferId Id, SessionRole Role)> Ends, Exception? Error = null);

    private sealed record Forgotten(Exception? Error = null);
}
