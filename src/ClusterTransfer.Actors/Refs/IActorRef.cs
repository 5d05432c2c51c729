namespace ClusterTransfer.Actors;

/// <summary>Something a message can be sent to.</summary>
public interface ICanTell
{
    /// <summary>Sends a message and returns at once; never throws because the receiver is gone.</summary>
    /// <exception cref="InvalidMessageException">The message is null.</exception>
    void Tell(object message, IActorRef? sender);
}

/// <summary>The handle of an actor: may be kept, passed on and used from any thread, also after the actor died.</summary>
public interface IActorRef : ICanTell, IEquatable<IActorRef>, IComparable<IActorRef>
{
    /// <summary>Where the actor stands in the tree.</summary>
    ActorPath Path { get; }
}
