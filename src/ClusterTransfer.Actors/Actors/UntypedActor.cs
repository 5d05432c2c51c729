namespace ClusterTransfer.Actors;

/// <summary>An actor with one method for all messages; what it does not want it gives to <see cref="ActorBase.Unhandled"/>.</summary>
public abstract class UntypedActor : ActorBase
{
    /// <summary>The context of the actor that runs on this thread.</summary>
    protected static new IUntypedActorContext Context => ActorCell.Current ?? throw NoContext();

    /// <inheritdoc/>
    protected sealed override bool Receive(object message)
    {
        OnReceive(message);
        return true;
    }

    /// <summary>Handles a message.</summary>
    protected abstract void OnReceive(object message);

    /// <summary>Replaces the behaviour.</summary>
    protected void Become(UntypedReceive receive) => Cell.Become(receive);

    /// <summary>Replaces the behaviour until <see cref="ActorBase.UnbecomeStacked"/>.</summary>
    protected void BecomeStacked(UntypedReceive receive) => Cell.BecomeStacked(receive);

    /// <summary>Runs async work as part of the current message; the next message waits for its end.</summary>
    protected void RunTask(Func<Task> asyncAction) => Cell.RunTask(asyncAction);

    /// <summary>Runs work as part of the current message.</summary>
    protected void RunTask(Action action) => Cell.RunTask(() => { action(); return Task.CompletedTask; });
}
