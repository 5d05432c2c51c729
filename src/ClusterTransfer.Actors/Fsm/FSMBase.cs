namespace ClusterTransfer.Actors;

/// <summary>Messages and values of state machines; see <see cref="FSM{TState, TData}"/>.</summary>
public abstract class FSMBase : ActorBase
{
    private protected FSMBase() { }

    /// <summary>Sent to a new subscriber of transitions: the state at that time.</summary>
    public sealed record CurrentState<TS>(IActorRef FsmRef, TS State);

    /// <summary>Sent to subscribers at each transition.</summary>
    public sealed record Transition<TS>(IActorRef FsmRef, TS From, TS To);

    /// <summary>Asks a state machine for its transitions: first a <see cref="CurrentState{TS}"/>, then a <see cref="Transition{TS}"/> each.</summary>
    public sealed record SubscribeTransitionCallBack(IActorRef ActorRef);

    /// <summary>Ends a subscription.</summary>
    public sealed record UnsubscribeTransitionCallBack(IActorRef ActorRef);

    /// <summary>Why a state machine ends.</summary>
    public abstract record Reason;

    /// <summary>It called <c>Stop()</c>.</summary>
    public sealed record Normal : Reason
    {
        /// <summary>The only instance.</summary>
        public static Normal Instance { get; } = new();
    }

    /// <summary>It was stopped from outside.</summary>
    public sealed record Shutdown : Reason
    {
        /// <summary>The only instance.</summary>
        public static Shutdown Instance { get; } = new();
    }

    /// <summary>It ends because of an error.</summary>
    /// <param name="Cause">An exception or a text.</param>
    public sealed record Failure(object Cause) : Reason;

    /// <summary>The event given to a state that was not left in time.</summary>
    public sealed class StateTimeout
    {
        private StateTimeout() { }

        /// <summary>The only instance.</summary>
        public static StateTimeout Instance { get; } = new();
    }

    /// <summary>A message with the data of the machine when it arrived.</summary>
    /// <param name="FsmEvent">The message.</param>
    /// <param name="StateData">The data.</param>
    public sealed record Event<TD>(object FsmEvent, TD StateData);

    /// <summary>The end of a state machine.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="TerminatedState">The last state.</param>
    /// <param name="StateData">The last data.</param>
    public sealed record StopEvent<TS, TD>(Reason Reason, TS TerminatedState, TD StateData);

    /// <summary>Where to go next: what a state's function returns. Immutable.</summary>
    /// <typeparam name="TS">Type of the states.</typeparam>
    /// <typeparam name="TD">Type of the data.</typeparam>
    public sealed record State<TS, TD>
    {
        internal State(TS stateName, TD stateData) => (StateName, StateData) = (stateName, stateData);

        /// <summary>The state.</summary>
        public TS StateName { get; internal init; }

        /// <summary>The data.</summary>
        public TD StateData { get; internal init; }

        /// <summary>How long it may last; null for the default of the state.</summary>
        public TimeSpan? Timeout { get; internal init; }

        /// <summary>Why the machine ends; null when it goes on.</summary>
        public Reason? StopReason { get; internal init; }

        /// <summary>Answers to the sender of the current message.</summary>
        public IReadOnlyList<object> Replies { get; internal init; } = [];

        /// <summary>Whether this counts as a transition even when the state stays the same: true for <c>GoTo</c>, false for <c>Stay</c>.</summary>
        internal bool Notifies { get; init; } = true;

        /// <summary>With other data.</summary>
        public State<TS, TD> Using(TD nextStateData) => this with { StateData = nextStateData };

        /// <summary>With a time-out that counts for this visit only; <see cref="TimeSpan.MaxValue"/> for none.</summary>
        public State<TS, TD> ForMax(TimeSpan timeout) => this with { Timeout = timeout };

        /// <summary>With one more answer to the sender of the current message.</summary>
        public State<TS, TD> Replying(object replyValue) => this with { Replies = [.. Replies, replyValue] };
    }

    /// <summary>Sent by the clock when a state was not left in time.</summary>
    private protected sealed record TimeoutMarker(long Generation) : IDeadLetterSuppression;
}
