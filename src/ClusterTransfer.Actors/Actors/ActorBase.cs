namespace ClusterTransfer.Actors;

/// <summary>Base of all actors. An instance is made by the kernel only and touched by one thread at a time.</summary>
public abstract class ActorBase
{
    private readonly ActorCell _cell;

    /// <summary>Binds the new instance to the actor being made on this thread.</summary>
    /// <exception cref="ActorInitializationException">Called with <c>new</c> outside of <c>ActorOf</c>.</exception>
    protected ActorBase() => _cell = ActorCell.Current
        ?? throw new ActorInitializationException(null, $"An actor is not made with new {GetType().Name}(...) but through ActorOf and Props.", null);

    /// <summary>The context of the actor that runs on this thread.</summary>
    /// <exception cref="NotSupportedException">No actor runs here, for instance after an await that left the actor's scheduler.</exception>
    protected static IActorContext Context => ActorCell.Current ?? throw NoContext();

    /// <summary>This actor. Safe on any thread.</summary>
    protected IActorRef Self => _cell.Self;

    /// <summary>Who sent the current message; dead letters when nobody did.</summary>
    protected IActorRef Sender => _cell.Sender;

    internal ActorCell Cell => _cell;

    internal Receive ReceiveMethod => Receive;

    /// <summary>Name of the state where the actor knows better than the name of its behaviour; any thread.</summary>
    internal virtual string? OperatorState => null;

    internal SupervisorStrategy SupervisorStrategyInternal => SupervisorStrategy();

    /// <summary>The initial behaviour; false means the message is not handled.</summary>
    protected abstract bool Receive(object message);

    /// <summary>Called around each message; override to see all of them.</summary>
    protected internal virtual bool AroundReceive(Receive receive, object message)
    {
        bool handled = receive(message);
        if (!handled) { Unhandled(message); }
        return handled;
    }

    /// <summary>
    /// Called for a message no behaviour handled. Publishes <see cref="UnhandledMessage"/>; an unhandled <see cref="Terminated"/>
    /// fails the actor with <see cref="DeathPactException"/>.
    /// </summary>
    protected virtual void Unhandled(object message)
    {
        if (message is Terminated terminated) { throw new DeathPactException(terminated.ActorRef); }
        _cell.System.PublishUnhandled(new UnhandledMessage(message, Sender, Self));
    }

    /// <summary>How this actor supervises its children, unless its Props say otherwise. Asked once per incarnation.</summary>
    protected virtual SupervisorStrategy SupervisorStrategy() => Actors.SupervisorStrategy.DefaultStrategy;

    /// <summary>Before the first message.</summary>
    protected virtual void PreStart() { }

    /// <summary>After the last message; all children are gone.</summary>
    protected virtual void PostStop() { }

    /// <summary>On the old instance before a restart. Stops all children and calls <see cref="PostStop"/>.</summary>
    /// <param name="reason">Why it failed.</param>
    /// <param name="message">The message it failed on; it is lost.</param>
    protected virtual void PreRestart(Exception reason, object? message)
    {
        foreach (IActorRef child in Context.GetChildren())
        {
            Context.Unwatch(child);
            Context.Stop(child);
        }
        PostStop();
    }

    /// <summary>On the new instance after a restart. Calls <see cref="PreStart"/>.</summary>
    protected virtual void PostRestart(Exception reason) => PreStart();

    /// <summary>Replaces the behaviour.</summary>
    protected void Become(Receive receive) => _cell.Become(receive);

    /// <summary>Replaces the behaviour until <see cref="UnbecomeStacked"/>.</summary>
    protected void BecomeStacked(Receive receive) => _cell.BecomeStacked(receive);

    /// <summary>Returns to the behaviour before the last <see cref="BecomeStacked"/>.</summary>
    protected void UnbecomeStacked() => _cell.UnbecomeStacked();

    internal static NotSupportedException NoContext() =>
        new("There is no active actor context here; most likely this code runs after an await outside of the actor. Take what you need before it, or use PipeTo.");

    /// <summary>Calls <see cref="PreStart"/>. For base classes that add to a hook whatever its overrides do.</summary>
    public virtual void AroundPreStart() => PreStart();

    /// <summary>Calls <see cref="PostStop"/>. For base classes that add to a hook whatever its overrides do.</summary>
    public virtual void AroundPostStop() => PostStop();

    /// <summary>Calls <see cref="PreRestart"/>. For base classes that add to a hook whatever its overrides do.</summary>
    public virtual void AroundPreRestart(Exception cause, object? message) => PreRestart(cause, message);

    /// <summary>Calls <see cref="PostRestart"/>. For base classes that add to a hook whatever its overrides do.</summary>
    public virtual void AroundPostRestart(Exception cause) => PostRestart(cause);

    /// <summary>The constructor has returned; handlers can no longer be added to the first behaviour.</summary>
    internal virtual void EndConstruction() { }

    /// <summary>An answer of the journal.</summary>
    internal virtual void OnInternalReply(object reply) { }
}
