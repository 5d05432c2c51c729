namespace ClusterTransfer.Actors;

/// <summary>Treats all children alike when one fails.</summary>
public sealed class AllForOneStrategy : SupervisorStrategy
{
    /// <param name="maxNrOfRetries">Restarts allowed in the window; null or -1 for no limit, 0 for none.</param>
    /// <param name="withinTimeRange">The window; null for none.</param>
    /// <param name="decider">Maps failures to directives.</param>
    public AllForOneStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, IDecider decider)
        : base(maxNrOfRetries, withinTimeRange, decider, loggingEnabled: true) { }

    /// <param name="maxNrOfRetries">Restarts allowed in the window; null or -1 for no limit, 0 for none.</param>
    /// <param name="withinTimeRange">The window; null for none.</param>
    /// <param name="localOnlyDecider">Maps failures to directives.</param>
    public AllForOneStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, Func<Exception, Directive> localOnlyDecider)
        : base(maxNrOfRetries, withinTimeRange, Actors.Decider.From(localOnlyDecider), loggingEnabled: true) { }

    /// <param name="maxNrOfRetries">Restarts allowed in the window; -1 for no limit, 0 for none.</param>
    /// <param name="withinTimeMilliseconds">The window; -1 for none.</param>
    /// <param name="localOnlyDecider">Maps failures to directives.</param>
    /// <param name="loggingEnabled">Whether each failure is logged.</param>
    public AllForOneStrategy(int maxNrOfRetries, int withinTimeMilliseconds, Func<Exception, Directive> localOnlyDecider, bool loggingEnabled = true)
        : base(maxNrOfRetries, TimeSpan.FromMilliseconds(withinTimeMilliseconds), Actors.Decider.From(localOnlyDecider), loggingEnabled) { }

    /// <param name="localOnlyDecider">Maps failures to directives.</param>
    public AllForOneStrategy(Func<Exception, Directive> localOnlyDecider)
        : this(null, null, localOnlyDecider) { }

    /// <param name="decider">Maps failures to directives.</param>
    public AllForOneStrategy(IDecider decider)
        : this(null, null, decider) { }

    /// <inheritdoc/>
    protected override void ProcessFailure(IActorContext context, bool restart, IActorRef child, Exception cause, ChildRestartStats stats, IReadOnlyCollection<ChildRestartStats> children)
    {
        bool permitted = restart && children.All(sibling => sibling.RequestRestartPermission(MaxNumberOfRetries, WithinTimeRangeMilliseconds));
        foreach (ChildRestartStats sibling in children)
        {
            if (permitted) { RestartChild(sibling.Child, cause, suspendFirst: !sibling.Child.Equals(child)); }
            else { context.Stop(sibling.Child); }
        }
    }
}
