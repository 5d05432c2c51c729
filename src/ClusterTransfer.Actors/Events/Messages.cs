namespace ClusterTransfer.Actors;

/// <summary>Marks messages the kernel handles before the behaviour sees them.</summary>
public interface IAutoReceivedMessage;

/// <summary>Marks messages that do not count as activity for the receive time-out.</summary>
public interface INotInfluenceReceiveTimeout;

/// <summary>Marks messages whose loss is normal and is not published as a dead letter.</summary>
public interface IDeadLetterSuppression;

/// <summary>Stops the receiver once the messages before it are handled.</summary>
public sealed class PoisonPill : IAutoReceivedMessage, IDeadLetterSuppression
{
    private PoisonPill() { }

    /// <summary>The only instance.</summary>
    public static PoisonPill Instance { get; } = new();
}

/// <summary>Makes the receiver fail with <see cref="ActorKilledException"/>; its supervisor decides, by default it stops.</summary>
public sealed class Kill : IAutoReceivedMessage
{
    private Kill() { }

    /// <summary>The only instance.</summary>
    public static Kill Instance { get; } = new();
}

/// <summary>A watched actor has stopped.</summary>
public sealed class Terminated : IAutoReceivedMessage, IDeadLetterSuppression
{
    /// <summary>Made by the kernel; in tests by hand.</summary>
    public Terminated(IActorRef actorRef) => ActorRef = actorRef;

    /// <summary>Who stopped.</summary>
    public IActorRef ActorRef { get; }

    /// <inheritdoc/>
    public override string ToString() => $"<Terminated>: {ActorRef}";
}

/// <summary>Sent by the kernel when the time given to <c>SetReceiveTimeout</c> passed without a message.</summary>
public sealed class ReceiveTimeout
{
    private ReceiveTimeout() { }

    /// <summary>The only instance.</summary>
    public static ReceiveTimeout Instance { get; } = new();
}

/// <summary>Every actor answers this with <see cref="ActorIdentity"/> by itself.</summary>
public sealed record Identify(object MessageId) : IAutoReceivedMessage;

/// <summary>Answer to <see cref="Identify"/>.</summary>
/// <param name="MessageId">That of the question.</param>
/// <param name="Subject">Who answers; null when a selection found nobody.</param>
public sealed record ActorIdentity(object MessageId, IActorRef? Subject);

/// <summary>Outcome of a piece of work, as a message.</summary>
public abstract class Status
{
    private Status() { }

    /// <summary>It worked.</summary>
    public sealed class Success(object? status) : Status
    {
        /// <summary>The result.</summary>
        public object? Status { get; } = status;
    }

    /// <summary>It did not; an <c>Ask</c> that gets this throws the cause.</summary>
    public sealed class Failure(Exception cause, object? state = null) : Status
    {
        /// <summary>Why.</summary>
        public Exception Cause { get; } = cause;

        /// <summary>Anything the sender wants to add.</summary>
        public object? State { get; } = state;

        /// <inheritdoc/>
        public override string ToString() => $"Failure: {Cause}";
    }
}
