namespace ClusterTransfer.Actors.Pattern;

/// <summary>
/// Keeps one child running: when it stops (or fails, see <see cref="Backoff"/>), starts it again after a delay that doubles each time.
/// Passes messages on to the child, and what the child sends to it on to its own parent.
/// </summary>
public sealed class BackoffSupervisor : UntypedActor
{
    // Doubling 30 times is more than any delay anyone waits for, and less than overflows.
    private const int MaxDoublings = 30;

    private readonly BackoffOptions _options;
    private IActorRef? _child;
    private int _restartCount;
    private bool _failed;
    private bool _finalStop;

    /// <summary>Use <see cref="Props(BackoffOptions)"/>.</summary>
    public BackoffSupervisor(BackoffOptions options) => _options = options;

    /// <summary>Props of a supervisor with these options.</summary>
    public static Props Props(BackoffOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Actors.Props.Create(() => new BackoffSupervisor(options));
    }

    /// <summary>Props of a supervisor of a child that stops when it fails.</summary>
    public static Props Props(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor) =>
        Props(Backoff.OnStop(childProps, childName, minBackoff, maxBackoff, randomFactor));

    /// <summary>The same with a strategy for what it throws.</summary>
    public static Props PropsWithSupervisorStrategy(
        Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, OneForOneStrategy strategy) =>
        Props(Backoff.OnStop(childProps, childName, minBackoff, maxBackoff, randomFactor).WithSupervisorStrategy(strategy));

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => _options.IsOnStop
        ? _options.Strategy
        : new OneForOneStrategy(-1, Timeout.Infinite, StopInsteadOfRestart, _options.Strategy.LoggingEnabled);

    /// <inheritdoc/>
    protected override void PreStart() => Start();

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Terminated terminated when terminated.ActorRef.Equals(_child):
                OnChildGone();
                break;
            case StartChild:
                Start();
                if (_options.AutoReset is { } after)
                {
                    Context.System.Scheduler.ScheduleTellOnce(after, Self, new ResetRestartCount(_restartCount), Self);
                }
                break;
            case ResetRestartCount reset:
                if (reset.Current == _restartCount) { _restartCount = 0; }
                break;
            case Reset:
                if (_options.AutoReset is null) { _restartCount = 0; }
                else { Unhandled(message); }
                break;
            case GetRestartCount:
                Sender.Tell(new RestartCount(_restartCount), Self);
                break;
            case GetCurrentChild:
                Sender.Tell(new CurrentChild(_child ?? ActorRefs.Nobody), Self);
                break;
            default:
                PassOn(message);
                break;
        }
    }

    private void PassOn(object message)
    {
        if (_child is not null && _child.Equals(Sender))
        {
            Context.Parent.Forward(message);
            return;
        }
        if (_options.IsFinalStopMessage?.Invoke(message) == true) { _finalStop = true; }
        if (_child is not null) { _child.Forward(message); }
        else if (_finalStop) { Context.Stop(Self); }
        else if (_options.ReplyMessage is { } reply) { Sender.Tell(reply, Self); }
        else { Context.System.DeadLetters.Forward(message); }
    }

    private void Start() => _child ??= Context.Watch(Context.ActorOf(_options.ChildProps, _options.ChildName));

    private void OnChildGone()
    {
        _child = null;
        bool startsAgain = (_options.IsOnStop || _failed) && !_finalStop;
        _failed = false;
        int limit = _options.Strategy.MaxNumberOfRetries;
        if (!startsAgain || (limit >= 0 && _restartCount >= limit))
        {
            Context.Stop(Self);
            return;
        }
        Context.System.Scheduler.ScheduleTellOnce(NextDelay(), Self, StartChild.Instance, Self);
        _restartCount++;
    }

    private Directive StopInsteadOfRestart(Exception cause)
    {
        Directive directive = _options.Strategy.Decider.Decide(cause);
        if (directive != Directive.Restart) { return directive; }
        _failed = true;
        return Directive.Stop;
    }

    private TimeSpan NextDelay()
    {
        double random = 1.0 + (Context.System.NextRandom() * _options.RandomFactor);
        double doubled = _options.MinBackoff.Ticks * Math.Pow(2, Math.Min(_restartCount, MaxDoublings));
        double ticks = Math.Min(_options.MaxBackoff.Ticks, doubled) * random;
        return ticks >= long.MaxValue ? _options.MaxBackoff : TimeSpan.FromTicks((long)ticks);
    }

    /// <summary>Asks for the child; answered with <see cref="CurrentChild"/>.</summary>
    public sealed class GetCurrentChild
    {
        private GetCurrentChild() { }

        /// <summary>The only instance.</summary>
        public static GetCurrentChild Instance { get; } = new();
    }

    /// <summary>The child, or nobody while it waits to be started.</summary>
    public sealed record CurrentChild(IActorRef Ref);

    /// <summary>The child says that all is well: the next delay is the smallest again.</summary>
    public sealed class Reset
    {
        private Reset() { }

        /// <summary>The only instance.</summary>
        public static Reset Instance { get; } = new();
    }

    /// <summary>Asks for the count of starts; answered with <see cref="RestartCount"/>.</summary>
    public sealed class GetRestartCount
    {
        private GetRestartCount() { }

        /// <summary>The only instance.</summary>
        public static GetRestartCount Instance { get; } = new();
    }

    /// <summary>Starts since the last reset.</summary>
    public sealed record RestartCount(int Count);

    private sealed class StartChild : IDeadLetterSuppression
    {
        public static readonly StartChild Instance = new();
    }

    private sealed record ResetRestartCount(int Current) : IDeadLetterSuppression;
}
