namespace ClusterTransfer.Actors.Persistence;

/// <summary>
/// A persistent actor with typed handlers: <c>Command</c> for commands, <c>Recover</c> for events. Handlers are added in the
/// constructor; command handlers also in the methods given to <see cref="Become(Action)"/>.
/// </summary>
public abstract class ReceivePersistentActor : UntypedPersistentActor
{
    private readonly MessageHandlers _recovery = new();
    private readonly MessageHandlers _initial = new();
    private MessageHandlers? _configuring;
    private bool _constructed;

    /// <summary>Starts the first behaviour.</summary>
    protected ReceivePersistentActor() => _configuring = _initial;

    internal override void EndConstruction()
    {
        _configuring = null;
        _constructed = true;
    }

    /// <inheritdoc/>
    protected sealed override void OnCommand(object message)
    {
        if (!_initial.TryHandle(message)) { Unhandled(message); }
    }

    /// <inheritdoc/>
    protected sealed override void OnRecover(object message)
    {
        if (!_recovery.TryHandle(message)) { Unhandled(message); }
    }

    /// <summary>Replaces the behaviour for commands by the handlers the method adds.</summary>
    protected void Become(Action configure) => Cell.Become(Configure(configure).TryHandle, configure);

    /// <summary>Like <see cref="Become(Action)"/>, until <see cref="ActorBase.UnbecomeStacked"/>.</summary>
    protected void BecomeStacked(Action configure) => Cell.BecomeStacked(Configure(configure).TryHandle, configure);

    /// <summary>Handles events of a type during recovery.</summary>
    protected void Recover<T>(Action<T> handler, Predicate<T>? shouldHandle = null) => RecoverHandlers.Add(handler, shouldHandle);

    /// <summary>Handles events of a type during recovery if the predicate says so.</summary>
    protected void Recover<T>(Predicate<T> shouldHandle, Action<T> handler) => RecoverHandlers.Add(handler, shouldHandle);

    /// <summary>Handles events of a type during recovery; false passes the event on.</summary>
    protected void Recover<T>(Func<T, bool> handler) => RecoverHandlers.Add(handler);

    /// <summary>Handles everything the recovery handlers before did not.</summary>
    protected void RecoverAny(Action<object> handler) => RecoverHandlers.AddAny(handler);

    /// <summary>Handles commands of a type, if the predicate (when given) says so.</summary>
    protected void Command<T>(Action<T> handler, Predicate<T>? shouldHandle = null) => CommandHandlers.Add(handler, shouldHandle);

    /// <summary>Handles commands of a type if the predicate says so.</summary>
    protected void Command<T>(Predicate<T> shouldHandle, Action<T> handler) => CommandHandlers.Add(handler, shouldHandle);

    /// <summary>Handles commands of a type; false passes the command on.</summary>
    protected void Command<T>(Func<T, bool> handler) => CommandHandlers.Add(handler);

    /// <summary>Handles every command the handlers before did not; nothing can be added after it.</summary>
    protected void CommandAny(Action<object> handler) => CommandHandlers.AddAny(handler);

    /// <summary>Handles commands of a type asynchronously: no other command is handled before the task ends, and no thread waits.</summary>
    protected void CommandAsync<T>(Func<T, Task> handler, Predicate<T>? shouldHandle = null) =>
        CommandHandlers.Add<T>(command => RunTask(() => handler(command)), shouldHandle);

    /// <summary>Handles commands of a type asynchronously if the predicate says so.</summary>
    protected void CommandAsync<T>(Predicate<T> shouldHandle, Func<T, Task> handler) => CommandAsync(handler, shouldHandle);

    /// <summary>Handles every command the handlers before did not, asynchronously.</summary>
    protected void CommandAnyAsync(Func<object, Task> handler) => CommandHandlers.AddAny(command => RunTask(() => handler(command)));

    private MessageHandlers CommandHandlers => _configuring
        ?? throw new InvalidOperationException("Command methods may only be called in the constructor and inside Become.");

    private MessageHandlers RecoverHandlers => _constructed
        ? throw new InvalidOperationException("Recover methods may only be called in the constructor.")
        : _recovery;

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
}
