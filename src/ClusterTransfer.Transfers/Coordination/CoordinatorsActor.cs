using ClusterTransfer.Actors;
using ClusterTransfer.Bus;
using ClusterTransfer.Journal;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Control;
using ClusterTransfer.Transfers.Policies;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>What every coordinator of a hub shares.</summary>
internal sealed record CoordinationServices
{
    /// <summary>The list of transfers the API shows, and their event logs.</summary>
    public required ITransferCatalogue Catalogue { get; init; }

    /// <summary>The newest views, for the API.</summary>
    public required LiveTransfers Live { get; init; }

    /// <summary>Whether the queue is paused.</summary>
    public QueueGate Queue { get; init; } = new();

    /// <summary>Which limits of nodes are set.</summary>
    public NodeLimitBook NodeLimits { get; init; } = new();

    /// <summary>The actor that puts messages on the bus.</summary>
    public required IActorRef Control { get; init; }

    /// <summary>Intervals.</summary>
    public required CoordinationOptions Options { get; init; }

    /// <summary>Clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Decides what has expired.</summary>
    public SteadyClock Expiry => field ??= new SteadyClock(Time);

    /// <summary>Where coordinators log.</summary>
    public required ILogger Log { get; init; }
}

/// <summary>Root of the transfers of this hub: one coordinator for each that has not ended, recovered at start a bounded number at a time.</summary>
internal sealed class CoordinatorsActor : ReceiveActor, IWithTimers
{
    // A coordinator's state is its journal: after a failure it starts anew from there. One that keeps failing stops, the others go on.
    private static readonly SupervisorStrategy Coordinators = new OneForOneStrategy(5, TimeSpan.FromMinutes(1), _ => Directive.Restart);

    private const int MaxHeldBack = 1000;

    private readonly CoordinationServices _services;
    private readonly Backoff _relist;
    private readonly Queue<TransferId> _toRecover = new();
    private readonly HashSet<TransferId> _recovering = [];
    private readonly HashSet<TransferId> _retired = [];

    private readonly List<(CoordinationProtocol.Wish Wish, IActorRef Sender)> _heldBack = [];

    // Coordinators that stopped because their journal failed or another wrote first; each starts anew from its journal after a pause.
    private readonly Dictionary<TransferId, Backoff> _failed = [];
    // Transfers whose journal is damaged: they stand until the next start, the others go on.
    private readonly Dictionary<TransferId, Problem> _unreadable = [];
    private readonly Backoff _queueRestart;
    private readonly EndedSweep _sweep;
    private readonly QueueSettling _settling;
    private readonly Backoff _nodeLimitsRestart;
    private IActorRef _queue = ActorRefs.Nobody;
    private IActorRef _nodeLimits = ActorRefs.Nobody;
    private bool _listed;
    private IReadOnlyList<Member> _members = [];

    public CoordinatorsActor(CoordinationServices services)
    {
        _services = services;
        _relist = NewBackoff();
        _queueRestart = NewBackoff();
        _nodeLimitsRestart = NewBackoff();
        _sweep = new EndedSweep(services);
        _settling = new QueueSettling(services);
        _ = services.Expiry;   // it counts from now on
        Become(Starting);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override SupervisorStrategy SupervisorStrategy() => Coordinators;

    protected override void PreStart()
    {
        StartQueue();
        StartNodeLimits();
        ListOpen();
        Timers.StartPeriodicTimer(EndedSweep.Due.Instance, EndedSweep.Due.Instance, EndedSweep.Interval);
    }

    private void StartQueue()
    {
        CoordinationServices services = _services;
        _queue = Context.Watch(Context.ActorOf(Props.Create(() => new QueueActor(services)), "queue"));
    }

    private void StartNodeLimits()
    {
        CoordinationServices services = _services;
        _nodeLimits = Context.Watch(Context.ActorOf(Props.Create(() => new NodeLimitsActor(services)), "node-limits"));
    }

    private void ListOpen() => _services.Catalogue.ListOpenAsync(CancellationToken.None).PipeTo(
        Self, success: ids => new CoordinationProtocol.TakeUp(ids), failure: error => new StartFailed(error));

    private void Starting()
    {
        Receive<StartFailed>(failed =>
        {
            _services.Log.TransfersNotListed(failed.Error);
            Timers.StartSingleTimer(ListAgain.Instance, ListAgain.Instance, _relist.Next());
        });
        Receive<ListAgain>(_ => ListOpen());
        Receive<CoordinationProtocol.TakeUp>(takeUp =>
        {
            foreach (TransferId id in takeUp.Ids)
            {
                _toRecover.Enqueue(id);
            }

            _listed = true;
            Become(Serving);
            RecoverSome();
        });
        ReceiveCommon();
    }

    private void Serving() => ReceiveCommon();

    private void ReceiveCommon()
    {
        Receive<CoordinationProtocol.Recovered>(recovered =>
        {
            _recovering.Remove(recovered.Id);

            // One that starts anew after a failure has missed them.
            Sender.Tell(new CoordinationProtocol.MembersChanged(_members));
            RecoverSome();
        });
        Receive<Terminated>(OnStopped);
        Receive<TakeUpAgain>(again =>
        {
            _toRecover.Enqueue(again.Id);
            RecoverSome();
        });
        Receive<CoordinationProtocol.Wish>(OnWish);
        Receive<CoordinationProtocol.MembersChanged>(changed =>
        {
            _members = changed.Members;
            TellAll(changed);
        });
        Receive<CoordinationProtocol.QueueWish>(wish => Pass(wish, _queue, StartQueueAgain.Instance));
        Receive<CoordinationProtocol.QueueChanged>(changed =>
        {
            _queueRestart.Reset();
            TellAll(changed);
        });
        Receive<CoordinationProtocol.LimitNode>(wish => Pass(wish, _nodeLimits, StartNodeLimitsAgain.Instance));
        Receive<CoordinationProtocol.NodeLimitChanged>(changed =>
        {
            _nodeLimitsRestart.Reset();
            TellAll(changed);
        });
        Receive<StartNodeLimitsAgain>(_ => StartNodeLimits());
        Receive<CoordinationProtocol.QueueWished>(_ =>
        {
            if (_settling.Begin(Sender, Children()) is { } overdue)
            {
                Timers.StartSingleTimer(overdue, overdue, _services.Options.QueueSettleLimit);
            }
        });
        Receive<CoordinationProtocol.QueueSeen>(seen => _settling.OnSeen(seen, Sender));
        Receive<QueueSettling.Overdue>(_settling.OnOverdue);
        Receive<CoordinationProtocol.Unreadable>(OnUnreadable);
        Receive<CoordinationProtocol.UnreadableLooked>(looked =>
        {
            if (looked.Row is { } row)
            {
                _services.Live.Publish(row with { Problem = _unreadable[looked.Id], NextRetrySeconds = null, CurrentRate = 0, SourceNode = null, DestinationNode = null }, []);
            }
        });
        Receive<StartQueueAgain>(_ => StartQueue());
        Receive<EndedSweep.Due>(_ => _sweep.Begin(Self, Running()));
        Receive<EndedSweep.SweptSome>(swept => _sweep.On(swept, Self, Running()));
        Receive<CoordinationProtocol.FromNode>(fromNode =>
        {
            if (CoordinatorOf(fromNode.Message.TransferId, start: false) is { } coordinator)
            {
                coordinator.Tell(fromNode);
            }
            else if (!WaitsForRecovery(fromNode.Message.TransferId))
            {
                _services.Catalogue.GetAsync(fromNode.Message.TransferId, CancellationToken.None).PipeTo(
                    Self, success: transfer => new CoordinationProtocol.Looked(fromNode, transfer), failure: _ => new CoordinationProtocol.Looked(fromNode, null, Failed: true));
            }
        });
        Receive<CoordinationProtocol.Looked>(OnLooked);
        Receive<CoordinationProtocol.MayForget>(asked =>
            Sender.Tell(new CoordinationProtocol.MayForgetAnswered(asked.Transfers.Where(MayForget).ToHashSet(), _listed)));
        Receive<CoordinationProtocol.Retired>(retired =>
        {
            _retired.Add(retired.Id);
            Sender.Tell(PoisonPill.Instance);   // behind the wishes that were passed on to it, so that each of them is answered or comes back
        });
    }

    private IEnumerable<IActorRef> Children() => Context.GetChildren().Where(child => !child.Equals(_queue) && !child.Equals(_nodeLimits));

    private void TellAll(object message)
    {
        foreach (IActorRef coordinator in Children())
        {
            coordinator.Tell(message);
        }
    }

    // Whoever has a coordinator, or is about to get one, is not touched.
    private HashSet<TransferId> Running() =>
    [
        .. Children().Select(child => new TransferId(child.Path.Name)),
        .. _toRecover,
        .. _failed.Keys,
        .. _unreadable.Keys,
        .. _heldBack.Select(held => held.Wish.Id),
    ];

    // To one that journals; not while it waits to start again.
    private void Pass(object wish, IActorRef journals, object startAgain)
    {
        if (Timers.IsTimerActive(startAgain))
        {
            Sender.Tell(new CoordinationProtocol.Refused(new Problem(Reason.HubUnreachable, "The transfer journal could not be written; nothing was changed.")));
        }
        else
        {
            journals.Forward(wish);
        }
    }

    private void OnUnreadable(CoordinationProtocol.Unreadable unreadable)
    {
        _unreadable[unreadable.Id] = unreadable.Problem;
        _services.Live.NoteUnreadable(unreadable.Id, unreadable.Problem);
        _services.Log.TransferUnreadable(unreadable.Id.Value, unreadable.Problem.Detail);

        // Whoever looks at it sees why it stands; the row may be as old as the damage allows.
        _services.Catalogue.GetAsync(unreadable.Id, CancellationToken.None).PipeTo(
            Self, success: row => new CoordinationProtocol.UnreadableLooked(unreadable.Id, row), failure: _ => new CoordinationProtocol.UnreadableLooked(unreadable.Id, null));
    }

    private void OnWish(CoordinationProtocol.Wish wish)
    {
        if (_unreadable.TryGetValue(wish.Id, out Problem? problem))
        {
            Sender.Tell(new CoordinationProtocol.Refused(problem));
            return;
        }

        bool start = wish is CoordinationProtocol.Submit || WaitsForRecovery(wish.Id) || (_listed && wish is CoordinationProtocol.Retry);
        if (_retired.Contains(wish.Id))
        {
            HoldBack(wish);
        }
        else if (CoordinatorOf(wish.Id, start) is { } coordinator)
        {
            coordinator.Forward(wish);
        }
        else
        {
            Sender.Tell(new CoordinationProtocol.Refused(_listed
                ? new Problem(Reason.WrongState, $"Transfer {wish.Id} has ended.")
                : new Problem(Reason.HubUnreachable, "The hub has just started and does not know its transfers yet.")));
        }
    }

    // Its coordinator is about to be gone. The wish is looked at again once it is, when it can start anew.
    private void HoldBack(CoordinationProtocol.Wish wish)
    {
        if (_heldBack.Count >= MaxHeldBack)
        {
            Sender.Tell(new CoordinationProtocol.Refused(new Problem(Reason.LimitReached, "Too many transfers end just now; come again.")));
            return;
        }

        _heldBack.Add((wish, Sender));
    }

    private void ReleaseHeldBack(TransferId id)
    {
        foreach ((CoordinationProtocol.Wish Wish, IActorRef Sender) held in _heldBack.Where(held => held.Wish.Id == id).ToArray())
        {
            _heldBack.Remove(held);
            Self.Tell(held.Wish, held.Sender);
        }
    }

    // A coordinator that stops without having retired has lost its journal, or the race for it: what is journaled decides how it goes on.
    private void OnStopped(Terminated terminated)
    {
        if (terminated.ActorRef.Equals(_queue))
        {
            TimeSpan pause = _queueRestart.Next();
            _services.Log.QueueStopped(pause.TotalSeconds);
            Timers.StartSingleTimer(StartQueueAgain.Instance, StartQueueAgain.Instance, pause);
            return;
        }

        if (terminated.ActorRef.Equals(_nodeLimits))
        {
            TimeSpan pause = _nodeLimitsRestart.Next();
            _services.Log.NodeLimitsStopped(pause.TotalSeconds);
            Timers.StartSingleTimer(StartNodeLimitsAgain.Instance, StartNodeLimitsAgain.Instance, pause);
            return;
        }

        var id = new TransferId(terminated.ActorRef.Path.Name);
        _settling.OnStopped(terminated.ActorRef);
        _recovering.Remove(id);
        if (_unreadable.ContainsKey(id))
        {
            _failed.Remove(id);
        }
        else if (_retired.Remove(id))
        {
            _failed.Remove(id);
            ReleaseHeldBack(id);
        }
        else
        {
            if (!_failed.TryGetValue(id, out Backoff? pause))
            {
                _failed[id] = pause = NewBackoff();
            }

            TimeSpan next = pause.Next();
            _services.Log.CoordinatorStopped(id.Value, next.TotalSeconds);
            Timers.StartSingleTimer(id, new TakeUpAgain(id), next);
        }

        RecoverSome();
    }

    private bool WaitsForRecovery(TransferId id) => _toRecover.Contains(id) || Timers.IsTimerActive(id);

    private Backoff NewBackoff() => new(_services.Options.RetryMin, _services.Options.RetryMax, Context.System.NextRandom);

    // A node still works for a transfer that has ended: it missed the word.
    private void OnLooked(CoordinationProtocol.Looked looked)
    {
        if (looked is { Transfer: null, Failed: false, About.Message: SessionEnded { Role: var asked } question })
        {
            // Nobody will ever take it up: it was never accepted here, or the hub went back to an older copy of its journal. In that case the copy may be exchanged
            // once more, so what was received stays as long as that of a failed transfer. The node looks at its own clock.
            if (MayForget(question.TransferId))
            {
                _services.Control.Tell(new ControlLinkProtocol.Send(
                    new BusTarget.Node(looked.About.Node), new ForgetLeftover(question.TransferId, question.Epoch, asked) { UnusedFor = _services.Options.KeepFailed }));
            }

            return;
        }

        if (looked is { Transfer: null, Failed: false, About.Message: SessionDoubted { TransferId: var unknown, Epoch: var epoch, Role: var doubting } } && MayForget(unknown))
        {
            // Nobody will ever confirm it. It ends, and what it holds is asked about as of any session that is over.
            _services.Control.Tell(new ControlLinkProtocol.Send(new BusTarget.Node(looked.About.Node), new OutcomeRecorded(unknown, epoch, doubting) { TransferEnded = false }));
            return;
        }

        if (looked.Transfer is not { ExitCode: not null } ended || !TransferAddress.TryParse(ended.Destination, out TransferAddress? destination, out _))
        {
            return;
        }

        SessionRole role = looked.About.Message switch
        {
            SessionEnded message => message.Role,
            SessionProgressed message => message.Role,
            SessionOpened message => message.Role,
            SessionRefused message => message.Role,
            SessionNoted message => message.Role,
            SessionDoubted message => message.Role,
            _ => SessionRole.Source,
        };
        _services.Control.Tell(new ControlLinkProtocol.Send(
            new BusTarget.Node(looked.About.Node),
            new OutcomeRecorded(ended.Id, looked.About.Message.Epoch, role)
            {
                TransferEnded = true,
                Keep = Retention.IsKept(ended, _services.Expiry.Now, _services.Options.KeepFailed),
                Destination = destination,
            }));
    }

    // The row in the catalogue is written later than the stream, so its absence alone proves nothing: before the open transfers are listed, and while one is
    // being recovered or has a coordinator, it may well go on.
    private bool MayForget(TransferId id) => _listed && CoordinatorOf(id, start: false) is null && !WaitsForRecovery(id);

    private void RecoverSome()
    {
        while (_recovering.Count < _services.Options.Recoveries && _toRecover.TryDequeue(out TransferId id))
        {
            if (CoordinatorOf(id, start: false) is null)
            {
                _recovering.Add(id);
                CoordinatorOf(id, start: true);
            }
        }
    }

    private IActorRef? CoordinatorOf(TransferId id, bool start)
    {
        IActorRef child = Context.Child(id.Value);
        if (!child.IsNobody() || !start)
        {
            return child.IsNobody() ? null : child;
        }

        CoordinationServices services = _services;
        IActorRef coordinator = Context.Watch(Context.ActorOf(Props.Create(() => new TransferCoordinator(id, services)), id.Value));
        coordinator.Tell(new CoordinationProtocol.MembersChanged(_members));
        return coordinator;
    }

    private sealed record StartFailed(Exception Error);

    private sealed record TakeUpAgain(TransferId Id);

    private sealed record StartQueueAgain
    {
        public static readonly StartQueueAgain Instance = new();
    }

    private sealed record StartNodeLimitsAgain
    {
        public static readonly StartNodeLimitsAgain Instance = new();
    }

    private sealed record ListAgain
    {
        public static readonly ListAgain Instance = new();
    }
}
