namespace ClusterTransfer.Actors;

/// <summary>
/// The kernel's side of one actor: its mailbox, behaviour, children, watches and failures. Except where noted, everything here
/// is touched only by the turn of the mailbox, one at a time. Parts few actors need are made when first used.
/// </summary>
internal sealed partial class ActorCell : IUntypedActorContext
{
    [ThreadStatic]
    private static ActorCell? _current;

    private ActorBase? _actor;
    private object? _currentMessage;
    private IActorRef? _sender;
    private Receive? _behaviour;
    private Delegate? _behaviourSource;
    private Stack<(Receive Behaviour, Delegate? Source)>? _behindBehaviour;
    private IdleTimer? _idleTimer;
    private MessageStash? _stash;
    private TimerScheduler? _timers;
    private bool _currentIsStashed;

    public ActorCell(ActorSystem system, Props props, InternalActorRef parent, ActorPath path)
    {
        System = system;
        Props = props;
        ParentRef = parent;
        Self = new LocalActorRef(this, path);
        Mailbox = new Mailbox(this, system.Dispatcher, system.Throughput);
    }

    /// <summary>The cell whose turn runs on this thread.</summary>
    public static ActorCell? Current
    {
        get => _current;
        set => _current = value;
    }

    public ActorSystem System { get; }

    public Props Props { get; }

    public LocalActorRef Self { get; }

    public Mailbox Mailbox { get; }

    public InternalActorRef ParentRef { get; }

    public IActorRef Sender => _sender ?? System.DeadLetters;

    public IActorRef? SenderOrNull => _sender;

    public object? CurrentMessage => _currentMessage;

    /// <summary>Whether the message being handled was stashed; set by the stash.</summary>
    public bool CurrentIsStashed
    {
        get => _currentIsStashed;
        set => _currentIsStashed = value;
    }

    /// <summary>What the incarnation that writes leaves for the next one: a journal write still on its way.</summary>
    public Task? PersistenceInFlight { get; set; }

    IActorRef IActorContext.Self => Self;

    IActorRef IActorContext.Parent => ParentRef;

    Props IActorContext.Props => Props;

    public TimeSpan? ReceiveTimeout => _idleTimer?.Timeout;

    public void SetReceiveTimeout(TimeSpan? timeout)
    {
        if (timeout is null && _idleTimer is null) { return; }
        _idleTimer ??= new IdleTimer(Self, System.TimeProvider);
        _idleTimer.Set(timeout);
    }

    public void Become(Receive receive) => Become(receive, receive);

    public void BecomeStacked(Receive receive) => BecomeStacked(receive, receive);

    public void Become(UntypedReceive receive) => Become(message => { receive(message); return true; }, receive);

    public void BecomeStacked(UntypedReceive receive) => BecomeStacked(message => { receive(message); return true; }, receive);

    /// <param name="receive">The new behaviour.</param>
    /// <param name="source">The delegate whose method names the state for operators.</param>
    public void Become(Receive receive, Delegate source)
    {
        _behaviour = receive;
        Volatile.Write(ref _behaviourSource, source);
    }

    public void BecomeStacked(Receive receive, Delegate source)
    {
        if (_behaviour is not null) { (_behindBehaviour ??= new()).Push((_behaviour, _behaviourSource)); }
        Become(receive, source);
    }

    public void UnbecomeStacked()
    {
        if (_behindBehaviour is { Count: > 0 })
        {
            (_behaviour, Delegate? source) = _behindBehaviour.Pop();
            Volatile.Write(ref _behaviourSource, source);
            return;
        }
        _behaviour = _actor is null ? null : _actor.ReceiveMethod;
        Volatile.Write(ref _behaviourSource, null);
    }

    /// <summary>Handles one user message; called by the mailbox's turn.</summary>
    public void Invoke(object message, IActorRef? sender)
    {
        _currentMessage = message;
        _sender = sender;
        _currentIsStashed = false;
        try
        {
            if (message is IAutoReceivedMessage) { AutoReceive(message); }
            else { Deliver(message); }
        }
        catch (Exception error)
        {
            HandleFailure(error, perpetrator: Self);
        }
        if (!IsAwaiting) { EndOfMessage(message); }
    }

    /// <summary>Gives a message to the behaviour.</summary>
    private void Deliver(object message) => _actor!.AroundReceive(_behaviour!, message);

    private void AutoReceive(object message)
    {
        switch (message)
        {
            case TimerMessage timer:
                if (_timers?.Take(timer) is { } payload)
                {
                    _currentMessage = payload;
                    if (payload is IAutoReceivedMessage and not TimerMessage) { AutoReceive(payload); }
                    else { Deliver(payload); }
                }
                break;
            case IdleTick:
                if (_idleTimer?.IsDue() == true)
                {
                    _currentMessage = Actors.ReceiveTimeout.Instance;
                    Deliver(Actors.ReceiveTimeout.Instance);
                }
                break;
            case Terminated terminated:
                if (TakeQueuedTerminated(terminated.ActorRef, out object? chosen))
                {
                    _currentMessage = chosen ?? terminated;
                    Deliver(_currentMessage);
                }
                break;
            case PoisonPill:
                Stop(Self);
                break;
            case Kill:
                throw new ActorKilledException("Kill");
            case Identify identify:
                Sender.Tell(new ActorIdentity(identify.MessageId, Self), Self);
                break;
            default:
                Deliver(message);
                break;
        }
    }

    /// <summary>What remains to be done once a message is wholly handled, after its last await.</summary>
    private void EndOfMessage(object message)
    {
        _idleTimer?.OnMessageHandled(_currentMessage ?? message);
        if (IsFailed) { return; } // PreRestart still wants to see the failing message
        _currentMessage = null;
        _sender = null;
    }

    /// <summary>For journal handlers: makes a past sender and message current again.</summary>
    public void SetCurrent(object? message, IActorRef? sender)
    {
        _currentMessage = message;
        _sender = sender;
    }

    private void Create()
    {
        try
        {
            _actor = NewActor();
            _actor.AroundPreStart();
        }
        catch (Exception error)
        {
            ClearActor();
            throw new ActorInitializationException(Self, $"Exception during creation: {error.Message}", error);
        }
    }

    private ActorBase NewActor()
    {
        _behaviour = null;
        _behindBehaviour = null;
        _strategy = null;
        Volatile.Write(ref _behaviourSource, null);
        ActorBase actor = Props.NewActor();
        if (!ReferenceEquals(actor.Cell, this))
        {
            throw new ActorInitializationException(Self, $"The producer of {Props.Type.Name} returned an instance made for another actor.", null);
        }
        actor.EndConstruction();
        _behaviour ??= actor.ReceiveMethod;
        if (actor is IActorStash withStash) { withStash.Stash = _stash = new MessageStash(this); }
        if (actor is IWithTimers withTimers) { withTimers.Timers = _timers = new TimerScheduler(this); }
        return actor;
    }

    /// <summary>Lets go of the instance: timers end, the stash returns to the mailbox, a disposable actor is disposed.</summary>
    private void ClearActor()
    {
        _timers?.CancelAll();
        _timers = null;
        try
        {
            _stash?.UnstashAll();
        }
        finally
        {
            _stash = null;
        }
        if (_actor is IDisposable disposable)
        {
            try
            {
                disposable.Dispose();
            }
            catch (Exception error)
            {
                System.WriteLog(LogEventLevel.Error, Self.Path, "Dispose of the actor failed.", error);
            }
        }
        _actor = null;
        _behaviour = null;
        _behindBehaviour = null;
    }

    /// <summary>Name of the state for operators; any thread.</summary>
    public string StateName
    {
        get
        {
            string? name = Volatile.Read(ref _actor)?.OperatorState ?? Volatile.Read(ref _behaviourSource)?.Method.Name;
            // Names of lambdas and local functions are made by the compiler and say nothing to an operator.
            return name is null || name.Contains('<', StringComparison.Ordinal) ? "Running" : name;
        }
    }
}
