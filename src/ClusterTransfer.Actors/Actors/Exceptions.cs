namespace ClusterTransfer.Actors;

/// <summary>Base of what the kernel throws.</summary>
public abstract class AkkaException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The actor could not be made or started; by default it is stopped.</summary>
public class ActorInitializationException(IActorRef? actor, string message, Exception? cause) : AkkaException(message, cause)
{
    /// <summary>The actor, when it got as far as having a reference.</summary>
    public IActorRef? Actor { get; } = actor;
}

/// <summary>The new instance failed in <c>PostRestart</c> or before; by default the actor is stopped.</summary>
public sealed class PostRestartException(IActorRef actor, Exception cause, Exception originalCause)
    : ActorInitializationException(actor, $"Exception post restart ({originalCause.GetType().Name}): {cause.Message}", cause)
{
    /// <summary>The failure the restart was to mend.</summary>
    public Exception OriginalCause { get; } = originalCause;
}

/// <summary>The actor received <see cref="Kill"/>; by default it is stopped.</summary>
public sealed class ActorKilledException(string message) : AkkaException(message);

/// <summary>The actor watches another and did not handle its <see cref="Terminated"/>; by default it is stopped.</summary>
public sealed class DeathPactException(IActorRef deadActor) : AkkaException($"Monitored actor [{deadActor}] terminated.")
{
    /// <summary>Who died.</summary>
    public IActorRef DeadActor { get; } = deadActor;
}

/// <summary>A name is malformed or taken.</summary>
public sealed class InvalidActorNameException(string message) : AkkaException(message);

/// <summary>A message is not acceptable, such as null.</summary>
public sealed class InvalidMessageException(string message) : AkkaException(message);

/// <summary>An actor used its context in a way its state does not allow.</summary>
public sealed class IllegalActorStateException(string message) : AkkaException(message);

/// <summary>The stash is full; the message in hand was not stashed.</summary>
public sealed class StashOverflowException(string message) : AkkaException(message);

/// <summary>No answer arrived in time.</summary>
public sealed class AskTimeoutException(string message) : AkkaException(message);

/// <summary>A selection found no actor in time.</summary>
public sealed class ActorNotFoundException(string message, Exception? cause = null) : AkkaException(message, cause);
