using System.Security.Cryptography;
using System.Text;
using ClusterTransfer.Actors;
using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.Bus;
using ClusterTransfer.Journal;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Model.Faults;
using ClusterTransfer.Transfers.Control;
using ClusterTransfer.Transfers.Policies;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>Takes one transfer from Queued to its end: gives sessions to pairs of nodes, repeats commands until answered, records outcomes.</summary>
/// <remarks>Persistent: validates, journals, then acts. Knows nothing of chunks; what has arrived is the destination's knowledge.</remarks>
internal sealed partial class TransferCoordinator : ReceivePersistentActor, IWithTimers
{
    // Sessions in a row that brought not one durable byte; after that a person must look.
    private const int MaxFruitlessSessions = 20;

    private readonly TransferId _id;
    private readonly CoordinationServices _services;
    private readonly TransferRecord _record = new();
    private readonly Backoff _retry;
    private readonly ProgressWatch _progress;
    private IReadOnlyList<Member> _members = [];

    // Whether a session began before this coordinator did, so that reports of it went to one that is gone.
    private bool _recoveredLate;
    private bool _destinationOpened;
    private bool _sourceOpened;
    private long _sourceHeardAt;
    private long _destinationHeardAt;
    private int _reportsAsked;
    private int _fruitless;
    private long _durableAtSessionStart;

    public TransferCoordinator(TransferId id, CoordinationServices services)
    {
        _id = id;
        _services = services;
        _retry = new Backoff(services.Options.RetryMin, services.Options.RetryMax, Context.System.NextRandom);
        _progress = new ProgressWatch(services.Time);
        _view = new TransferView(services.Time);
        RecoverAny(happened =>
        {
            Fault.Point("c7.before");
            if (happened is RecoveryCompleted)
            {
                OnRecovered();
                Fault.Point("c7.after");
            }
            else
            {
                _record.Apply(happened);
            }
        });
        Queued();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public override string PersistenceId => $"transfer-{_id}";

    private TransferRequest Request => _record.Submitted!.Request;

    protected override void PreStart() => Timers.StartPeriodicTimer(
        CoordinationProtocol.Repeat.Instance, CoordinationProtocol.Repeat.Instance, _services.Options.RepeatInterval);

    protected override void PostStop() => _services.Live.Remove(_id);

    // Reading it again would find the same: a person has to look. Whatever else goes wrong while it is read may pass.
    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        base.OnRecoveryFailure(reason, message);
        if (reason is JournalFormatException damage)
        {
            Context.Parent.Tell(new CoordinationProtocol.Unreadable(_id, damage.Problem));
        }
    }

    private void OnRecovered()
    {
        Context.Parent.Tell(new CoordinationProtocol.Recovered(_id));
        if (_record.Submitted is null)
        {
            return;   // New: the submit command is next.
        }

        _waitsForSpace = _record.WaitsForSpace;
        _recoveredLate = _record.Sessions > 0;
        if (_record.Round > 0)
        {
            _view.BeginRound(_record);
        }

        Proceed();
    }

    /// <summary>Goes on from whatever the record says; the same after recovery as in life.</summary>
    private void Proceed()
    {
        _heldByQueue = _services.Queue.IsPaused;
        Show();
        if (_record.Ended is not null)
        {
            Become(Ended);
            AnnounceEnd();
        }
        else if (_record.DestinationDone is not null)
        {
            // Before the cancel: that came too late, the destination's answer decides.
            _reportsAsked = 0;
            Become(Finishing);
        }
        else if (_record is { CancelRequested: true, Sessions: 0 })
        {
            Conclude(TransferState.Cancelled, new Problem(Reason.Cancelled, "Cancelled before it began."), []);
        }
        else if (_record.CancelRequested)
        {
            Become(Cancelling);
            AskToCancel();
        }
        else if (IsHeld)
        {
            Hold();
        }
        else if (_record.Session is not null)
        {
            StartNegotiation();
        }
        else
        {
            Become(Queued);
            GiveSession();
        }
    }

    private void Queued()
    {
        ReceiveCommon();
        Command<CoordinationProtocol.NextSession>(_ => GiveSession());
        Command<CoordinationProtocol.Repeat>(_ => RefreshCatalogue());
    }

    private void Negotiating()
    {
        ReceiveCommon();
        Command<CoordinationProtocol.Repeat>(_ =>
        {
            if (!LeaveTheAbsent())
            {
                SendOpen();
            }

            RefreshCatalogue();
        });
    }

    private void Active()
    {
        ReceiveCommon();
        Command<CoordinationProtocol.Repeat>(_ =>
        {
            if (!LeaveTheAbsent())
            {
                AskTheSilent();
            }

            RefreshCatalogue();
        });
    }

    private void Finishing()
    {
        ReceiveCommon();
        Command<CoordinationProtocol.Repeat>(_ =>
        {
            // Counted, not timed: while this process does not run (frozen, starved) nobody asks, and what the source said meanwhile may lie behind this message.
            if (++_reportsAsked * _services.Options.RepeatInterval > _services.Options.SourceReportTimeout)
            {
                EndWithoutReport();
                return;
            }

            AskSourceToReport();
            RefreshCatalogue();
        });
    }

    private void EndWithoutReport()
    {
        if (_view.Source.ScanComplete)
        {
            LogEvent("source-report-missing", "The source's final report did not arrive in time; its last known counts are used.");
            ConcludeCompleted(_view.Source, _view.SourceIssues);
        }
        else
        {
            // Only the source knows what its scan could not read: without its word, "everything arrived" would be a guess.
            Conclude(
                TransferState.Partial,
                new Problem(Reason.PartlyDelivered, "Every listed file has its outcome, but the source's report is missing: whether its scan could read everything is not known."),
                Outcome.Merge(_record.DestinationDone!.Issues, NotDelivered(_record.DestinationDone, _record.Parked), _record.KeptIssues));
        }
    }

    private void Cancelling()
    {
        ReceiveCommon();
        Command<CoordinationProtocol.Repeat>(_ =>
        {
            AskToCancel();
            RefreshCatalogue();
        });
    }

    private void Ended()
    {
        ReceiveCommon();
        Command<CoordinationProtocol.Repeat>(_ => RetireWhenCatalogued());
    }

    private void ReceiveCommon()
    {
        // A repeat with the same key is answered with the transfer as it is, whatever state that is.
        Command<CoordinationProtocol.Submit>(OnSubmit);
        Command<CoordinationProtocol.FromNode>(OnFromNode);
        Command<CoordinationProtocol.MembersChanged>(changed =>
        {
            _members = changed.Members;
            OnMembersChanged();
        });
        Command<CoordinationProtocol.Cancel>(_ => OnCancel());
        Command<CoordinationProtocol.Pause>(_ => OnPause());
        Command<CoordinationProtocol.Resume>(_ => OnResume());
        Command<CoordinationProtocol.Limit>(OnLimit);
        Command<CoordinationProtocol.NodeLimitChanged>(OnNodeLimitChanged);
        Command<CoordinationProtocol.Retry>(OnRetry);
        Command<CoordinationProtocol.QueueChanged>(_ => OnQueueChanged());
        Command<CoordinationProtocol.QueueSeen>(seen => Sender.Tell(seen));
        Command<CoordinationProtocol.RowReopened>(OnRowReopened);
        Command<CoordinationProtocol.Catalogued>(OnCatalogued);
        Command<EventLogged>(OnEventLogged);
    }

    private void OnSubmit(CoordinationProtocol.Submit submit)
    {
        if (_record.Submitted is not null)
        {
            Sender.Tell(new CoordinationProtocol.Accepted(_view.Resource));
            return;
        }

        Fault.Point("c0.after");
        IActorRef replyTo = Sender;
        TransferRequest request = submit.Request with { Policies = _services.Options.Policies };
        Persist(new TransferEvents.Submitted(_id, request, submit.ResultName, Now), submitted =>
        {
            _record.Apply(submitted);
            LogEvent("accepted", $"Accepted: {submitted.Request.Source} into {submitted.Request.Destination} as {PathText.Escape(submitted.ResultName)}.");
            Proceed();

            // Who lists the transfers after this answer must find this one.
            _submitter = (replyTo, _view.Resource);
            CatalogueNow();
        });
    }

    private void OnMembersChanged()
    {
        if (_record.Submitted is null || _record.DestinationDone is not null || _record.Ended is not null)
        {
            return;   // Once the destination is done, no session is missing: only the source's last report is waited for.
        }

        if (_record.CancelRequested)
        {
            AskToCancel();
        }
        else if (IsHeld)
        {
            AskToPause();
        }
        else if (_record.Session is { } session)
        {
            foreach ((NodeId node, Incarnation incarnation) in new[]
            {
                (session.Source, session.SourceIncarnation), (session.Destination, session.DestinationIncarnation),
            })
            {
                if (_members.FirstOrDefault(member => member.Node == node) is { } member && member.Incarnation != incarnation)
                {
                    Break(new Problem(Reason.SessionLost, $"Node {node} was restarted."), atOnce: true);
                    return;
                }
            }
        }
        else if (!Timers.IsTimerActive(CoordinationProtocol.NextSession.Instance))
        {
            GiveSession();
        }

        Show();
    }

    // ---- sessions

    private void GiveSession()
    {
        if (_record.Submitted is null || _record.Session is not null || _record.CancelRequested || IsHeld || !_services.Queue.IsKnown || _record.Ended is not null)
        {
            return;
        }

        Member? source = Serving(Request.Source.Location);
        Member? destination = Serving(Request.Destination.Location);
        if (source is null || destination is null)
        {
            LocationName missing = source is null ? Request.Source.Location : Request.Destination.Location;
            _view.Waiting = new Problem(Reason.NodeUnreachable, $"The node that serves location '{missing}' is not connected.");
            Show();
            return;
        }

        _view.Waiting = _waitsForSpace ? _record.LastProblem : null;
        var given = new TransferEvents.SessionGiven(
            new Epoch(Math.Max(1, _record.Epoch.Coordinator), _record.Epoch.Session + 1),
            new SessionId((uint)RandomNumberGenerator.GetInt32(1, int.MaxValue)),
            RandomNumberGenerator.GetBytes(32),
            source.Node,
            source.Incarnation,
            destination.Node,
            destination.Incarnation,
            destination.DataAddresses,
            Now);
#if TEETH
        if (Tooth.Bites("session-before-journal"))
        {
            _record.Apply(given);
            StartNegotiation();
        }

#endif
        NodeId? before = _record.LastSession?.Destination;
        Persist(given, happened =>
        {
            _record.Apply(happened);
            if (before is { } node && node != happened.Destination)
            {
                _view.ForgetDestination();
            }

            _view.ForgetSession();   // An end of the session before may have reported after that one was given up.
            _durableAtSessionStart = _view.Destination.BytesDurable;
            StartNegotiation();
        });
    }

    private void StartNegotiation()
    {
        _destinationOpened = false;
        _sourceOpened = false;
        _sourceHeardAt = _destinationHeardAt = _services.Time.GetTimestamp();
        _progress.Begin((Request.Policies ?? TransferPolicies.Default).Progress);
        Become(Negotiating);
        Show();
        SendOpen();
    }

    // The destination first: it fails fast, and a source that dials finds its session there.
    private void SendOpen()
    {
        if (!_destinationOpened)
        {
            Send(OpenFor(SessionRole.Destination));
        }
        else if (!_sourceOpened)
        {
            Send(OpenFor(SessionRole.Source));
        }
    }

    private OpenSession OpenFor(SessionRole role)
    {
        TransferEvents.SessionGiven session = _record.Session!;
        bool forSource = role == SessionRole.Source;
        return new OpenSession(_id, session.Epoch)
        {
            CommandId = CommandIdOf($"open-{role}"),
            SessionId = session.SessionId,
            Role = role,
            Target = forSource ? session.SourceIncarnation : session.DestinationIncarnation,
            Peer = forSource ? session.Destination : session.Source,
            PeerDataAddresses = forSource ? session.DataAddresses : [],
            Secret = session.Secret,
            Request = Request with { ResultName = _record.Submitted!.ResultName },
            Round = _record.Round,
            Rescan = _record.Rescan,
            Files = _record.Files,
            Limit = _record.Limit,
        };
    }

    // The same command over all its repeats, also after a restart of the hub.
    private CommandId CommandIdOf(string command) =>
        new(new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{_id}/{_record.Epoch}/{command}")).AsSpan(0, 16)));

    private void Break(Problem problem, bool atOnce = false, Epoch? refused = null)
    {
        if (_record.Session is not { } session)
        {
            return;
        }

        Persist(
            new TransferEvents.SessionBroken(session.Epoch, problem, _view.Source.BytesSent, _view.Source.ChunksRetried, Now, refused),
            broken =>
            {
                _record.Apply(broken);
                _view.ForgetSession();
                if (_record.WaitsForSpace)
                {
                    WaitForSpace(problem);
                    return;
                }

                bool fruitful = _view.Destination.BytesDurable > _durableAtSessionStart;
                _fruitless = fruitful ? 0 : _fruitless + 1;
                if (fruitful || atOnce)
                {
                    _retry.Reset();
                }

                LogEvent("session-lost", $"Session {broken.Epoch} is over: {problem.Detail}");
                if (_fruitless >= MaxFruitlessSessions)
                {
                    Conclude(TransferState.Failed, problem with { Detail = $"{problem.Detail} ({MaxFruitlessSessions} sessions in a row brought nothing.)" }, []);
                    return;
                }

                Become(Queued);
                TimeSpan pause = atOnce ? TimeSpan.Zero : _retry.Next();
                _view.NextRetryAt = _services.Time.GetUtcNow() + pause;
                Timers.StartSingleTimer(CoordinationProtocol.NextSession.Instance, CoordinationProtocol.NextSession.Instance, pause);
                Show();
            });
    }

    private Member? Serving(LocationName location) => _members.FirstOrDefault(member => member.Locations.Any(served => served.Name == location));

    private DateTimeOffset Now => _services.Time.GetUtcNow();

    private void Send(OpenSession open) => SendTo(NodeOf(_record.Session!, open.Role), open);

    private void SendTo(NodeId node, SessionMessage message) =>
        _services.Control.Tell(new ControlLinkProtocol.Send(new BusTarget.Node(node), message));
}
