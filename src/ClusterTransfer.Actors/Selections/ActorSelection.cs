namespace ClusterTransfer.Actors;

/// <summary>
/// The actors at a path, looked up anew for each message: none, one, or with wildcards many. A message to a single path without an
/// actor becomes a dead letter; an <see cref="Identify"/> there is answered with a null subject.
/// </summary>
public sealed class ActorSelection : ICanTell, ISystemBound
{
    private readonly ActorSystem _system;

    internal ActorSelection(ActorSystem system, IActorRef anchor, SelectionPathElement[] path)
    {
        _system = system;
        Anchor = anchor;
        Path = path;
    }

    /// <summary>Where the path starts.</summary>
    public IActorRef Anchor { get; }

    /// <summary>The steps from there.</summary>
    public SelectionPathElement[] Path { get; }

    /// <summary>The steps as text, with a slash in front.</summary>
    public string PathString => "/" + string.Join<SelectionPathElement>('/', Path);

    ActorSystem ISystemBound.System => _system;

    /// <summary>Sends to all actors there, with the actor that runs on this thread as sender.</summary>
    public void Tell(object message) => Tell(message, ActorCell.Current?.Self);

    /// <inheritdoc/>
    public void Tell(object message, IActorRef? sender)
    {
        if (message is null) { throw new InvalidMessageException("A message must not be null."); }
        Selections.Deliver(_system, this, message, sender);
    }

    /// <summary>The reference of the one actor there.</summary>
    /// <exception cref="ActorNotFoundException">Nobody is there, or nobody answered in time.</exception>
    public Task<IActorRef> ResolveOne(TimeSpan timeout) => ResolveOne(timeout, CancellationToken.None);

    /// <summary>The reference of the one actor there.</summary>
    /// <exception cref="ActorNotFoundException">Nobody is there, or nobody answered in time.</exception>
    public async Task<IActorRef> ResolveOne(TimeSpan timeout, CancellationToken cancellationToken)
    {
        ActorIdentity identity;
        try
        {
            identity = await this.Ask<ActorIdentity>(new Identify(this), timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (AskTimeoutException late)
        {
            throw new ActorNotFoundException($"No actor at {this} answered within {timeout}.", late);
        }
        return identity.Subject ?? throw new ActorNotFoundException($"There is no actor at {this}.");
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ActorSelection other && Anchor.Equals(other.Anchor) && Path.SequenceEqual(other.Path);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Anchor, PathString);

    /// <inheritdoc/>
    public override string ToString() => $"ActorSelection[Anchor({Anchor.Path}), Path({PathString})]";
}

/// <summary>Short forms for making and finding actors.</summary>
public static class ActorRefFactoryExtensions
{
    /// <summary>Makes an actor with its parameterless constructor.</summary>
    public static IActorRef ActorOf<TActor>(this IActorRefFactory factory, string? name = null)
        where TActor : ActorBase, new()
    {
        ArgumentNullException.ThrowIfNull(factory);
        return factory.ActorOf(Props.Create<TActor>(), name);
    }

    /// <summary>The actors at a path relative to another actor.</summary>
    public static ActorSelection ActorSelection(this IActorRefFactory factory, IActorRef anchorRef, string actorPath)
    {
        ArgumentNullException.ThrowIfNull(factory);
        ActorSystem system = factory as ActorSystem ?? ((IActorContext)factory).System;
        return new ActorSelection(system, anchorRef, Selections.Parse(actorPath));
    }
}
