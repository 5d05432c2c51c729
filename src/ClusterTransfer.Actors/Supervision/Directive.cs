namespace ClusterTransfer.Actors;

/// <summary>What a supervisor does with a child that failed.</summary>
public enum Directive
{
    /// <summary>Go on with the next message and the state as it is.</summary>
    Resume,

    /// <summary>Replace the instance; mailbox and stash are kept.</summary>
    Restart,

    /// <summary>Let the supervisor's own supervisor decide.</summary>
    Escalate,

    /// <summary>End the child.</summary>
    Stop,
}

/// <summary>Maps a failure to a directive.</summary>
public interface IDecider
{
    /// <summary>The verdict on one failure.</summary>
    Directive Decide(Exception cause);
}

/// <summary>A decider made of a function.</summary>
public sealed class LocalOnlyDecider(Func<Exception, Directive> decider) : IDecider
{
    /// <inheritdoc/>
    public Directive Decide(Exception cause) => decider(cause);
}

/// <summary>Makes deciders.</summary>
public static class Decider
{
    /// <summary>From a function.</summary>
    public static LocalOnlyDecider From(Func<Exception, Directive> localOnlyDecider) => new(localOnlyDecider);

    /// <summary>From a list of exception types, the first that fits; for all others the default.</summary>
    public static IDecider From(Directive defaultDirective, params KeyValuePair<Type, Directive>[] pairs) =>
        new LocalOnlyDecider(cause =>
        {
            foreach ((Type type, Directive directive) in pairs)
            {
                if (type.IsInstanceOfType(cause)) { return directive; }
            }
            return defaultDirective;
        });
}

/// <summary>Builds the pairs of <see cref="Decider.From(Directive, KeyValuePair{Type, Directive}[])"/>.</summary>
public static class DirectiveExtensions
{
    /// <summary>The directive for an exception type and its subtypes.</summary>
    public static KeyValuePair<Type, Directive> When<TException>(this Directive self)
        where TException : Exception => new(typeof(TException), self);
}
