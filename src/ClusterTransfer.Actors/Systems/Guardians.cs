namespace ClusterTransfer.Actors;

/// <summary>Parent of all top-level actors. Its strategy is the default one; what it cannot handle ends the system.</summary>
internal sealed class GuardianActor : ActorBase
{
    protected override bool Receive(object message) => false;

    // The guardian has no state worth a restart and its children must not be stopped by one.
    protected override void PreRestart(Exception reason, object? message) { }
}

/// <summary>The root: ends the system guardian after the user guardian, and itself after that.</summary>
internal sealed class RootGuardianActor(Func<IActorRef> user, Func<IActorRef> system) : ActorBase
{
    protected override SupervisorStrategy SupervisorStrategy() => Actors.SupervisorStrategy.StoppingStrategy;

    protected override void PreStart()
    {
        Context.Watch(user());
        Context.Watch(system());
    }

    protected override bool Receive(object message)
    {
        if (message is not Terminated terminated) { return false; }
        if (terminated.ActorRef.Equals(user())) { Context.Stop(system()); }
        else { Context.Stop(Self); }
        return true;
    }
}

/// <summary>Above the root: hears of its end.</summary>
internal sealed class AboveRootActorRef(ActorPath path, Action rootEnded) : InternalActorRef
{
    public override ActorPath Path { get; } = path;

    public override bool IsTerminated => false;

    public override void SendSystemMessage(SystemMessage message)
    {
        switch (message)
        {
            case FailedMessage failed:
                failed.Child.Stop();
                break;
            case DeathWatchNotification:
                rootEnded();
                break;
        }
    }

    protected override void TellInternal(object message, IActorRef? sender)
    {
        // Nobody is above the root.
    }
}
