namespace ClusterTransfer.Actors;

/// <summary>Makes and stops actors.</summary>
public interface IActorRefFactory
{
    /// <summary>Makes an actor below this one; returns at once, the actor starts in a turn of its own.</summary>
    /// <exception cref="InvalidActorNameException">The name is malformed or taken by a sibling.</exception>
    /// <exception cref="InvalidOperationException">This actor stops or has stopped.</exception>
    IActorRef ActorOf(Props props, string? name = null);

    /// <summary>
    /// The actors at a path: absolute (<c>/user/a</c>), or relative to this one (<c>child/*</c>, <c>../sibling</c>). <c>*</c> and <c>?</c>
    /// stand for parts of one name, <c>**</c> at the end for everything below.
    /// </summary>
    ActorSelection ActorSelection(string actorPath);

    /// <summary>The actor at a path, whichever incarnation is there when a message is sent.</summary>
    ActorSelection ActorSelection(ActorPath actorPath);

    /// <summary>Stops an actor after the message it handles now; its other messages go to dead letters.</summary>
    void Stop(IActorRef actor);
}

/// <summary>Watching for the death of other actors.</summary>
public interface ICanWatch
{
    /// <summary>Asks for one <see cref="Terminated"/> when the subject has stopped; at once when it is dead already.</summary>
    IActorRef Watch(IActorRef subject);

    /// <summary>Like <see cref="Watch"/> with a message of the caller's choice in place of <see cref="Terminated"/>.</summary>
    IActorRef WatchWith(IActorRef subject, object message);

    /// <summary>Ends the watch; a Terminated that waits in the mailbox already is dropped too.</summary>
    IActorRef Unwatch(IActorRef subject);
}

/// <summary>What an actor sees of the kernel. Valid only while the actor handles a message.</summary>
public interface IActorContext : IActorRefFactory, ICanWatch
{
    /// <summary>This actor.</summary>
    IActorRef Self { get; }

    /// <summary>The recipe this actor was made from.</summary>
    Props Props { get; }

    /// <summary>Who sent the current message; dead letters when nobody did.</summary>
    IActorRef Sender { get; }

    /// <summary>The system.</summary>
    ActorSystem System { get; }

    /// <summary>The supervisor.</summary>
    IActorRef Parent { get; }

    /// <summary>The time-out set by <see cref="SetReceiveTimeout"/>, or null.</summary>
    TimeSpan? ReceiveTimeout { get; }

    /// <summary>The child of that name, or <see cref="ActorRefs.Nobody"/>.</summary>
    IActorRef Child(string name);

    /// <summary>The children alive or stopping.</summary>
    IEnumerable<IActorRef> GetChildren();

    /// <summary>Replaces the behaviour.</summary>
    void Become(Receive receive);

    /// <summary>Replaces the behaviour; <see cref="UnbecomeStacked"/> brings the present one back.</summary>
    void BecomeStacked(Receive receive);

    /// <summary>Returns to the behaviour before the last <see cref="BecomeStacked"/>.</summary>
    void UnbecomeStacked();

    /// <summary>Sends <see cref="Actors.ReceiveTimeout"/> each time no message was handled for that long; null ends it.</summary>
    void SetReceiveTimeout(TimeSpan? receiveTimeout);
}

/// <summary>Context of an <see cref="UntypedActor"/>.</summary>
public interface IUntypedActorContext : IActorContext
{
    /// <summary>Replaces the behaviour.</summary>
    void Become(UntypedReceive receive);

    /// <summary>Replaces the behaviour; <see cref="IActorContext.UnbecomeStacked"/> brings the present one back.</summary>
    void BecomeStacked(UntypedReceive receive);
}

/// <summary>A behaviour; false when it does not handle the message.</summary>
public delegate bool Receive(object message);

/// <summary>A behaviour that is taken to handle every message.</summary>
public delegate void UntypedReceive(object message);
