namespace ClusterTransfer.Actors;

/// <summary>How an actor treats failures of its children. Stateless: counts live with each child.</summary>
public abstract class SupervisorStrategy
{
    /// <summary>Stop for failures of creation, kill and death pact; otherwise restart.</summary>
    public static readonly IDecider DefaultDecider = Actors.Decider.From(static cause =>
        cause is ActorInitializationException or ActorKilledException or DeathPactException ? Directive.Stop : Directive.Restart);

    /// <summary>One child at a time, by the default decider, without limit.</summary>
    public static readonly OneForOneStrategy DefaultStrategy = new(DefaultDecider);

    /// <summary>Stops every child that fails.</summary>
    public static readonly OneForOneStrategy StoppingStrategy = new(static _ => Directive.Stop);

    private protected SupervisorStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, IDecider decider, bool loggingEnabled)
    {
        ArgumentNullException.ThrowIfNull(decider);
        MaxNumberOfRetries = maxNrOfRetries ?? -1;
        WithinTimeRangeMilliseconds = withinTimeRange is { } range && range != Timeout.InfiniteTimeSpan
            ? (int)Math.Min(range.TotalMilliseconds, int.MaxValue)
            : Timeout.Infinite;
        Decider = decider;
        LoggingEnabled = loggingEnabled;
    }

    /// <summary>Restarts allowed, in the window when there is one; -1 for no limit.</summary>
    public int MaxNumberOfRetries { get; }

    /// <summary>The window; -1 for none.</summary>
    public int WithinTimeRangeMilliseconds { get; }

    /// <summary>Maps failures to directives.</summary>
    public IDecider Decider { get; }

    /// <summary>Whether each failure is logged.</summary>
    public bool LoggingEnabled { get; }

    /// <summary>False when the failure escalates.</summary>
    internal bool HandleFailure(ActorCell supervisor, LocalActorRef child, Exception cause, ChildRestartStats stats, IReadOnlyCollection<ChildRestartStats> children)
    {
        Directive directive = Decider.Decide(cause);
        Log(supervisor, child, cause, directive);
        switch (directive)
        {
            case Directive.Escalate:
                return false;
            case Directive.Resume:
                child.Resume(cause);
                return true;
            default:
                ProcessFailure(supervisor, directive == Directive.Restart, child, cause, stats, children);
                return true;
        }
    }

    /// <summary>Restarts or stops whom the strategy concerns.</summary>
    protected abstract void ProcessFailure(IActorContext context, bool restart, IActorRef child, Exception cause, ChildRestartStats stats, IReadOnlyCollection<ChildRestartStats> children);

    /// <summary>Restarts a child; one that did not fail itself is suspended first.</summary>
    protected static void RestartChild(IActorRef child, Exception cause, bool suspendFirst)
    {
        var internalChild = (InternalActorRef)child;
        if (suspendFirst) { internalChild.Suspend(); }
        internalChild.Restart(cause);
    }

    private void Log(ActorCell supervisor, LocalActorRef child, Exception cause, Directive directive)
    {
        if (!LoggingEnabled) { return; }
        LogEventLevel level = directive is Directive.Resume ? LogEventLevel.Warning
            : directive is Directive.Escalate ? LogEventLevel.Debug
            : LogEventLevel.Error;
        supervisor.System.WriteLog(level, child.Path, $"{directive} after {cause.GetType().Name}: {cause.Message}", cause);
    }
}
