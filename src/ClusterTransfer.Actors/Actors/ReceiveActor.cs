namespace ClusterTransfer.Actors;

/// <summary>
/// An actor whose behaviours are lists of typed handlers, tried in order. Handlers are added in the constructor and in the
/// methods given to <see cref="Become(Action)"/>; the name of such a method is the state an operator sees.
/// </summary>
public abstract class ReceiveActor : UntypedActor
{
    private MessageHandlers? _configuring = new();
    private readonly MessageHandlers _initial;

    /// <summary>Starts the first behaviour.</summary>
    protected ReceiveActor() => _initial = _configuring;

    internal override void EndConstruction() => _configuring = null;

    /// <inheritdoc/>
    protected sealed override void OnReceive(object message)
    {
        if (!_initial.TryHandle(message)) { Unhandled(message); }
    }

    /// <summary>Replaces the behaviour by the handlers the method adds.</summary>
    protected void Become(Action configure) => Cell.Become(Configure(configure).TryHandle, configure);

    /// <summary>Like <see cref="Become(Action)"/>, until <see cref="ActorBase.UnbecomeStacked"/>.</summary>
    protected void BecomeStacked(Action configure) => Cell.BecomeStacked(Configure(configure).TryHandle, configure);

    /// <summary>Handles messages of a type, if the predicate (when given) says so.</summary>
    protected void Receive<T>(Action<T> handler, Predicate<T>? shouldHandle = null) => Handlers.Add(handler, shouldHandle);

    /// <summary>Handles messages of a type if the predicate says so.</summary>
    protected void Receive<T>(Predicate<T> shouldHandle, Action<T> handler) => Handlers.Add(handler, shouldHandle);

    /// <summary>Handles messages of a type; false passes the message on to later handlers.</summary>
    protected void Receive<T>(Func<T, bool> handler) => Handlers.Add(handler);

    /// <summary>Handles messages of a type known at run time.</summary>
    protected void Receive(Type messageType, Action<object> handler, Predicate<object>? shouldHandle = null) =>
        Handlers.Add(messageType, AsFunction(handler, shouldHandle));

    /// <summary>Handles messages of a type known at run time.</summary>
    protected void Receive(Type messageType, Predicate<object> shouldHandle, Action<object> handler) =>
        Handlers.Add(messageType, AsFunction(handler, shouldHandle));

    /// <summary>Handles messages of a type known at run time; false passes the message on.</summary>
    protected void Receive(Type messageType, Func<object, bool> handler) => Handlers.Add(messageType, handler);

    /// <summary>Handles every message the handlers before did not; nothing can be added after it.</summary>
    protected void ReceiveAny(Action<object> handler) => Handlers.AddAny(handler);

    /// <summary>Handles messages of a type asynchronously: no other message is handled before the task ends, and no thread waits.</summary>
    protected void ReceiveAsync<T>(Func<T, Task> handler, Predicate<T>? shouldHandle = null) => Handlers.Add(AsAction(handler), shouldHandle);

    /// <summary>Handles messages of a type asynchronously if the predicate says so.</summary>
    protected void ReceiveAsync<T>(Predicate<T> shouldHandle, Func<T, Task> handler) => Handlers.Add(AsAction(handler), shouldHandle);

    /// <summary>Handles messages of a type known at run time asynchronously.</summary>
    protected void ReceiveAsync(Type messageType, Func<object, Task> handler, Predicate<object>? shouldHandle = null) =>
        Handlers.Add(messageType, AsFunction(AsAction(handler), shouldHandle));

    /// <summary>Handles messages of a type known at run time asynchronously.</summary>
    protected void ReceiveAsync(Type messageType, Predicate<object> shouldHandle, Func<object, Task> handler) =>
        Handlers.Add(messageType, AsFunction(AsAction(handler), shouldHandle));

    /// <summary>Handles every message the handlers before did not, asynchronously.</summary>
    protected void ReceiveAnyAsync(Func<object, Task> handler) => Handlers.AddAny(AsAction(handler));

    private MessageHandlers Handlers => _configuring
        ?? throw new InvalidOperationException("Receive methods may only be called in the constructor and inside Become.");

    private MessageHandlers Configure(Action configure)
    {
        MessageHandlers? outer = _configuring;
        var handlers = new MessageHandlers();
        _configuring = handlers;
        try
        {
            configure();
        }
        finally
        {
            _configuring = outer;
        }
        return handlers;
    }

    private Action<T> AsAction<T>(Func<T, Task> handler) => message => Cell.RunTask(() => handler(message));

    private static Func<object, bool> AsFunction(Action<object> handler, Predicate<object>? shouldHandle) => message =>
    {
        if (shouldHandle is not null && !shouldHandle(message)) { return false; }
        handler(message);
        return true;
    };
}
