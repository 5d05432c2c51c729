using System.Linq.Expressions;

namespace ClusterTransfer.Actors;

/// <summary>The recipe for an actor: type, how to make it, how it supervises. Immutable, may be shared and used many times.</summary>
public sealed class Props
{
    private readonly IIndirectActorProducer _producer;

    private Props(IIndirectActorProducer producer, SupervisorStrategy? strategy)
    {
        _producer = producer;
        SupervisorStrategy = strategy;
    }

    private Props(Props other)
    {
        _producer = other._producer;
        SupervisorStrategy = other.SupervisorStrategy;
        MailboxLimit = other.MailboxLimit;
        StashCapacity = other.StashCapacity;
    }

    /// <summary>The actor's class.</summary>
    public Type Type => _producer.ActorType;

    /// <summary>Overrides what the actor's own method says; null when it does not.</summary>
    public SupervisorStrategy? SupervisorStrategy { get; private init; }

    /// <summary>Messages that may wait before new ones become dead letters; 0 for no limit of its own.</summary>
    public int MailboxLimit { get; private init; }

    /// <summary>Messages the stash holds; 0 for the system's setting.</summary>
    public int StashCapacity { get; private init; }

    /// <summary>
    /// From an expression of the form <c>() => new X(a, b)</c>. The arguments are evaluated here, once; each incarnation gets the same values.
    /// </summary>
    /// <exception cref="ArgumentException">The expression is not a <c>new</c>.</exception>
    public static Props Create<TActor>(Expression<Func<TActor>> factory, SupervisorStrategy? supervisorStrategy = null)
        where TActor : ActorBase
    {
        ArgumentNullException.ThrowIfNull(factory);
        if (factory.Body is not NewExpression { Constructor: { } constructor } body)
        {
            throw new ArgumentException("The create function must be a 'new T (parameters)' expression.", nameof(factory));
        }
        return new Props(new ConstructorProducer(constructor, ExpressionArguments.Evaluate(body)), supervisorStrategy);
    }

    /// <summary>From the constructor that takes these arguments.</summary>
    public static Props Create<TActor>(params object?[] args)
        where TActor : ActorBase => Create(typeof(TActor), args);

    /// <summary>From the parameterless constructor.</summary>
    public static Props Create<TActor>(SupervisorStrategy supervisorStrategy)
        where TActor : ActorBase, new() => Create<TActor>([]).WithSupervisorStrategy(supervisorStrategy);

    /// <summary>From the constructor of that type that takes these arguments.</summary>
    /// <exception cref="ArgumentException">The type is no actor, or no public constructor fits.</exception>
    public static Props Create(Type type, params object?[] args) => new(ConstructorProducer.Find(type, args), null);

    /// <summary>From a producer that is asked for a new instance each time the actor starts or restarts.</summary>
    public static Props CreateBy(IIndirectActorProducer producer) => new(producer, null);

    /// <summary>The same with another strategy for its children.</summary>
    public Props WithSupervisorStrategy(SupervisorStrategy supervisorStrategy) => new(this) { SupervisorStrategy = supervisorStrategy };

    /// <summary>The same with a bound on waiting messages: what comes beyond it is published as a dead letter. Kernel messages are exempt.</summary>
    public Props WithMailboxLimit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return new(this) { MailboxLimit = limit };
    }

    /// <summary>The same with another bound on the stash.</summary>
    public Props WithStashCapacity(int stashCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stashCapacity, 1);
        return new(this) { StashCapacity = stashCapacity };
    }

    internal ActorBase NewActor() => _producer.Produce();
}

/// <summary>Makes instances of an actor where an expression is not enough.</summary>
public interface IIndirectActorProducer
{
    /// <summary>The class of what <see cref="Produce"/> returns.</summary>
    Type ActorType { get; }

    /// <summary>A new instance, each time.</summary>
    ActorBase Produce();
}
