namespace ClusterTransfer.Actors.Pattern;

/// <summary>How a <see cref="BackoffSupervisor"/> behaves. Immutable; each method returns a changed copy.</summary>
public sealed record BackoffOptions
{
    internal BackoffOptions(bool isOnStop, Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, int maxNrOfRetries)
    {
        ArgumentNullException.ThrowIfNull(childProps);
        if (minBackoff <= TimeSpan.Zero) { throw new ArgumentException("MinBackoff must be greater than 0.", nameof(minBackoff)); }
        if (maxBackoff < minBackoff) { throw new ArgumentException("MaxBackoff must not be less than MinBackoff.", nameof(maxBackoff)); }
        if (randomFactor is not (>= 0.0 and <= 1.0)) { throw new ArgumentException("RandomFactor must be between 0.0 and 1.0.", nameof(randomFactor)); }
        IsOnStop = isOnStop;
        ChildProps = childProps;
        ChildName = childName;
        MinBackoff = minBackoff;
        MaxBackoff = maxBackoff;
        RandomFactor = randomFactor;
        AutoReset = minBackoff;
        Strategy = new OneForOneStrategy(maxNrOfRetries, null, SupervisorStrategy.DefaultDecider);
    }

    internal bool IsOnStop { get; }

    internal Props ChildProps { get; }

    internal string ChildName { get; }

    internal TimeSpan MinBackoff { get; }

    internal TimeSpan MaxBackoff { get; }

    internal double RandomFactor { get; }

    /// <summary>The count starts anew when the child ran for so long; null when only <see cref="BackoffSupervisor.Reset"/> does that.</summary>
    internal TimeSpan? AutoReset { get; private init; }

    internal OneForOneStrategy Strategy { get; private init; }

    internal object? ReplyMessage { get; private init; }

    internal Func<object, bool>? IsFinalStopMessage { get; private init; }

    /// <summary>The delay starts from the smallest again when the child ran for so long. Default: the smallest delay.</summary>
    public BackoffOptions WithAutoReset(TimeSpan resetBackoff)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(resetBackoff, TimeSpan.Zero);
        return this with { AutoReset = resetBackoff };
    }

    /// <summary>The delay starts from the smallest again only when the child sends <see cref="BackoffSupervisor.Reset"/> to its parent.</summary>
    public BackoffOptions WithManualReset() => this with { AutoReset = null };

    /// <summary>Which failures restart, stop, resume or escalate; its limit of retries counts too.</summary>
    public BackoffOptions WithSupervisorStrategy(OneForOneStrategy supervisorStrategy)
    {
        ArgumentNullException.ThrowIfNull(supervisorStrategy);
        return this with { Strategy = supervisorStrategy };
    }

    /// <summary>Every failure stops the child; the limit of retries stays.</summary>
    public BackoffOptions WithDefaultStoppingStrategy() =>
        this with { Strategy = new OneForOneStrategy(Strategy.MaxNumberOfRetries, null, SupervisorStrategy.StoppingStrategy.Decider) };

    /// <summary>What senders get while there is no child; without it their messages are dead letters.</summary>
    public BackoffOptions WithReplyWhileStopped(object replyWhileStopped) => this with { ReplyMessage = replyWhileStopped };

    /// <summary>After so many starts the supervisor stops itself; -1 for no limit.</summary>
    public BackoffOptions WithMaxNrOfRetries(int maxNrOfRetries) =>
        this with { Strategy = new OneForOneStrategy(maxNrOfRetries, Range(Strategy), Strategy.Decider) };

    /// <summary>A message that means the end: passed on to the child, and once the child has stopped the supervisor stops too.</summary>
    public BackoffOptions WithFinalStopMessage(Func<object, bool> isFinalStopMessage) => this with { IsFinalStopMessage = isFinalStopMessage };

    private static TimeSpan? Range(OneForOneStrategy strategy) =>
        strategy.WithinTimeRangeMilliseconds < 0 ? null : TimeSpan.FromMilliseconds(strategy.WithinTimeRangeMilliseconds);
}
