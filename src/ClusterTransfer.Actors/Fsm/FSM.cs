namespace ClusterTransfer.Actors;

/// <summary>
/// An actor as a state machine: for each state a function from event and data to the next state. Declare states with
/// <see cref="When"/>, the first with <see cref="StartWith"/>, and call <see cref="Initialize"/> at the end of the constructor.
/// </summary>
/// <typeparam name="TState">The states, mostly an enum.</typeparam>
/// <typeparam name="TData">The data that goes from state to state.</typeparam>
public abstract class FSM<TState, TData> : FSMBase, IWithTimers
    where TState : notnull
{
    private readonly Dictionary<TState, (StateFunction Function, TimeSpan? Timeout)> _states = [];
    private readonly List<TransitionHandler> _transitions = [];
    private readonly HashSet<IActorRef> _subscribers = [];
    private StateFunction? _unhandled;
    private Action<StopEvent<TState, TData>>? _termination;
    private State<TState, TData>? _current;
    private State<TState, TData>? _next;
    private ICancelable? _timeout;
    private long _generation;
    private bool _terminated;

    /// <summary>What a state does with an event; null when it does not handle it.</summary>
    public delegate State<TState, TData>? StateFunction(Event<TData> fsmEvent);

    /// <summary>Called at each transition, before the next state counts.</summary>
    public delegate void TransitionHandler(TState initialState, TState nextState);

    /// <summary>The present state.</summary>
    public TState StateName => Current.StateName;

    /// <summary>The present data.</summary>
    public TData StateData => Current.StateData;

    /// <summary>The data after the transition; only in a handler of transitions.</summary>
    /// <exception cref="InvalidOperationException">No transition is under way.</exception>
    public TData NextStateData => _next is { } next
        ? next.StateData
        : throw new InvalidOperationException("NextStateData is only available during OnTransition.");

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by the kernel before PreStart

    internal override string? OperatorState => Volatile.Read(ref _current)?.StateName.ToString();

    private State<TState, TData> Current => _current
        ?? throw new InvalidOperationException("You must call StartWith before the state machine is used.");

    /// <summary>Declares what a state does. A second declaration of the same state is asked when the first returns null.</summary>
    public void When(TState stateName, StateFunction func, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(func);
        if (_states.TryGetValue(stateName, out (StateFunction Function, TimeSpan? Timeout) first))
        {
            _states[stateName] = (fsmEvent => first.Function(fsmEvent) ?? func(fsmEvent), first.Timeout ?? timeout);
            return;
        }
        _states.Add(stateName, (func, timeout));
    }

    /// <summary>Sets the first state and data.</summary>
    public void StartWith(TState stateName, TData stateData, TimeSpan? timeout = null) =>
        _current = new State<TState, TData>(stateName, stateData) { Timeout = timeout };

    /// <summary>Enters the first state, as a transition from itself to itself, and starts its time-out.</summary>
    public void Initialize() => MakeTransition(Current);

    /// <summary>To another state, or to the same again as a transition.</summary>
    public State<TState, TData> GoTo(TState nextStateName) => new(nextStateName, Current.StateData);

    /// <summary>To another state with other data.</summary>
    public State<TState, TData> GoTo(TState nextStateName, TData stateData) => new(nextStateName, stateData);

    /// <summary>Remains in this state; no transition, and the time-out of the state starts again.</summary>
    public State<TState, TData> Stay() => new(Current.StateName, Current.StateData) { Notifies = false };

    /// <summary>Ends the machine.</summary>
    public State<TState, TData> Stop() => Stop(Normal.Instance);

    /// <summary>Ends the machine with a reason.</summary>
    public State<TState, TData> Stop(Reason reason) => Stop(reason, Current.StateData);

    /// <summary>Ends the machine with a reason and last data.</summary>
    public State<TState, TData> Stop(Reason reason, TData stateData) => Stay() with { StateData = stateData, StopReason = reason };

    /// <summary>Sends the message to this machine after a delay, once or again and again; replaces a timer of the same name.</summary>
    public void SetTimer(string name, object msg, TimeSpan timeout, bool repeat = false)
    {
        if (repeat) { Timers.StartPeriodicTimer(name, msg, timeout); }
        else { Timers.StartSingleTimer(name, msg, timeout); }
    }

    /// <summary>Ends a timer; its message does not arrive any more.</summary>
    public void CancelTimer(string name) => Timers.Cancel(name);

    /// <summary>Whether a timer of that name will still fire.</summary>
    public bool IsTimerActive(string name) => Timers.IsTimerActive(name);

    /// <summary>Sets the default time-out of a state; null for none.</summary>
    public void SetStateTimeout(TState state, TimeSpan? timeout) =>
        _states[state] = _states.TryGetValue(state, out (StateFunction Function, TimeSpan? Timeout) declared)
            ? (declared.Function, timeout)
            : throw new InvalidOperationException($"State {state} is not declared; call When before SetStateTimeout.");

    /// <summary>Adds a handler of transitions; all are called, in the order added.</summary>
    public void OnTransition(TransitionHandler transitionHandler) => _transitions.Add(transitionHandler);

    /// <summary>Sets what is called when the machine ends.</summary>
    public void OnTermination(Action<StopEvent<TState, TData>> terminationHandler) => _termination = terminationHandler;

    /// <summary>Sets what happens to events a state does not handle; what this does not handle either is logged and dropped.</summary>
    public void WhenUnhandled(StateFunction stateFunction) => _unhandled = stateFunction;

    /// <summary>Changes the outcome of a state's function: <c>Transform(When...).Using(state => ...)</c>.</summary>
    public TransformHelper Transform(StateFunction func) => new(func);

    /// <inheritdoc/>
    protected sealed override bool Receive(object message)
    {
        switch (message)
        {
            case TimeoutMarker marker:
                // An older generation lost the race against a message.
                if (marker.Generation == _generation && _timeout is not null) { Process(StateTimeout.Instance); }
                return true;
            case SubscribeTransitionCallBack subscribe:
                if (_subscribers.Add(subscribe.ActorRef)) { Context.WatchWith(subscribe.ActorRef, new UnsubscribeTransitionCallBack(subscribe.ActorRef)); }
                subscribe.ActorRef.Tell(new CurrentState<TState>(Self, Current.StateName), Self);
                return true;
            case UnsubscribeTransitionCallBack unsubscribe:
                if (_subscribers.Remove(unsubscribe.ActorRef)) { Context.Unwatch(unsubscribe.ActorRef); }
                return true;
            default:
                Process(message);
                return true;
        }
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        // A stop of its own has been reported already.
        if (_current is not null) { End(Stay() with { StopReason = Shutdown.Instance }); }
        base.PostStop();
    }

    /// <summary>Logs the end: failures as errors, other reasons not at all.</summary>
    protected virtual void LogTermination(Reason reason)
    {
        if (reason is Failure failure)
        {
            Cell.System.WriteLog(LogEventLevel.Error, Cell.Self.Path, $"Terminating due to failure: {failure.Cause}", failure.Cause as Exception);
        }
    }

    private void Process(object message)
    {
        CancelTimeout();
        var fsmEvent = new Event<TData>(message, Current.StateData);
        State<TState, TData>? next = _states.TryGetValue(Current.StateName, out (StateFunction Function, TimeSpan? Timeout) state)
            ? state.Function(fsmEvent)
            : null;
        Apply(next ?? _unhandled?.Invoke(fsmEvent) ?? NotHandled(message));
    }

    private State<TState, TData> NotHandled(object message)
    {
        Cell.System.WriteLog(LogEventLevel.Warning, Cell.Self.Path, $"Unhandled event {message.GetType().Name} in state {Current.StateName}.", null);
        if (message is Terminated terminated) { throw new DeathPactException(terminated.ActorRef); }
        return Stay();
    }

    private void Apply(State<TState, TData> next)
    {
        if (next.StopReason is null)
        {
            MakeTransition(next);
            return;
        }
        Reply(next);
        End(next);
        Context.Stop(Self);
    }

    private void MakeTransition(State<TState, TData> next)
    {
        if (!_states.TryGetValue(next.StateName, out (StateFunction Function, TimeSpan? Timeout) declared))
        {
            End(Stay() with { StopReason = new Failure($"Next state {next.StateName} does not exist") });
            Context.Stop(Self);
            return;
        }
        Reply(next);
        TState from = Current.StateName;
        if (next.Notifies || !EqualityComparer<TState>.Default.Equals(from, next.StateName))
        {
            _next = next;
            try
            {
                foreach (TransitionHandler handler in _transitions) { handler(from, next.StateName); }
            }
            finally
            {
                _next = null;
            }
            foreach (IActorRef subscriber in _subscribers) { subscriber.Tell(new Transition<TState>(Self, from, next.StateName), Self); }
        }
        // The time-out and the answers belong to this step only; a Stay later starts from the state's own default.
        _current = next with { Timeout = null, Replies = [] };
        StartTimeout(next.Timeout ?? declared.Timeout);
    }

    private void Reply(State<TState, TData> state)
    {
        foreach (object reply in state.Replies) { Sender.Tell(reply, Self); }
    }

    private void StartTimeout(TimeSpan? timeout)
    {
        CancelTimeout();
        if (timeout is not { } due || due == TimeSpan.MaxValue || due < TimeSpan.Zero) { return; }
        _timeout = Context.System.Scheduler.ScheduleTellOnceCancelable(due, Self, new TimeoutMarker(_generation), Self);
    }

    private void CancelTimeout()
    {
        _timeout?.Cancel();
        _timeout = null;
        _generation++;
    }

    /// <summary>Reports the end, once.</summary>
    private void End(State<TState, TData> last)
    {
        CancelTimeout();
        if (_terminated) { return; }
        _terminated = true;
        LogTermination(last.StopReason!); // only called with a reason
        Timers.CancelAll();
        _current = last;
        _termination?.Invoke(new StopEvent<TState, TData>(last.StopReason!, last.StateName, last.StateData));
    }

    /// <summary>The second half of <see cref="Transform"/>.</summary>
    public sealed class TransformHelper
    {
        private readonly StateFunction _func;

        internal TransformHelper(StateFunction func) => _func = func;

        /// <summary>The function with its outcome changed.</summary>
        public StateFunction Using(Func<State<TState, TData>, State<TState, TData>> andThen) =>
            fsmEvent => _func(fsmEvent) is { } next ? andThen(next) : null;
    }
}
