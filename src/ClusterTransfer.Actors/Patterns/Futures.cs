namespace ClusterTransfer.Actors;

/// <summary>Request and answer as a task.</summary>
public static class Futures
{
    /// <summary>Sends a message and completes with the answer.</summary>
    /// <exception cref="AskTimeoutException">No answer in time; null means the system's setting.</exception>
    public static Task<object> Ask(this ICanTell self, object message, TimeSpan? timeout = null) => self.Ask<object>(message, timeout, CancellationToken.None);

    /// <summary>Sends a message and completes with the answer.</summary>
    public static Task<object> Ask(this ICanTell self, object message, CancellationToken cancellationToken) => self.Ask<object>(message, null, cancellationToken);

    /// <summary>Sends a message and completes with the answer, which must be a <typeparamref name="T"/>.</summary>
    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout = null) => self.Ask<T>(message, timeout, CancellationToken.None);

    /// <summary>Sends a message and completes with the answer.</summary>
    public static Task<T> Ask<T>(this ICanTell self, object message, CancellationToken cancellationToken) => self.Ask<T>(message, null, cancellationToken);

    /// <summary>
    /// Sends a message and completes with the answer. An answer of another type fails the task with <see cref="ArgumentException"/>,
    /// a <see cref="Status.Failure"/> with its cause; an answer that comes too late is a dead letter.
    /// </summary>
    /// <exception cref="AskTimeoutException">No answer in time; null means the system's setting, infinite means until cancelled.</exception>
    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout, CancellationToken cancellationToken) =>
        self.Ask<T>(_ => message, timeout, cancellationToken);

    /// <summary>Like the others, for messages that carry the reference to answer to.</summary>
    public static Task<T> Ask<T>(this ICanTell self, Func<IActorRef, object> messageFactory, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(self);
        ArgumentNullException.ThrowIfNull(messageFactory);
        ActorSystem system = SystemOf(self);
        var answer = new FutureActorRef<T>(system);
        object message = messageFactory(answer);
        answer.Start(timeout ?? system.AskTimeout, self, message, cancellationToken);
        self.Tell(message, answer);
        return answer.Task;
    }

    internal static ActorSystem SystemOf(ICanTell target) => target switch
    {
        LocalActorRef local => local.Cell.System,
        ISystemBound bound => bound.System,
        _ => ActorCell.Current?.System ?? throw new ArgumentException($"Cannot ask {target.GetType().Name}: it belongs to no actor system.", nameof(target)),
    };
}

/// <summary>A reference that knows its system without being a local actor.</summary>
internal interface ISystemBound
{
    ActorSystem System { get; }
}
