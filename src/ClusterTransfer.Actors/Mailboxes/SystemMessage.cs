namespace ClusterTransfer.Actors;

/// <summary>A message of the kernel to a cell; overtakes user messages. Intrusively linked, so an instance is sent once.</summary>
internal abstract class SystemMessage
{
    public SystemMessage? Next;

    /// <summary>Waits while a restart waits for children to end.</summary>
    public virtual bool WaitsForChildren => false;

    /// <summary>Waits while the actor is suspended, so that no user code of a failed actor runs.</summary>
    public virtual bool WaitsWhileSuspended => false;
}

/// <summary>First message of a cell: make the actor.</summary>
internal sealed class CreateMessage : SystemMessage;

internal sealed class TerminateMessage : SystemMessage;

internal sealed class SuspendMessage : SystemMessage
{
    public override bool WaitsForChildren => true;
}

internal sealed class ResumeMessage(Exception? causedByFailure) : SystemMessage
{
    public Exception? CausedByFailure { get; } = causedByFailure;

    public override bool WaitsForChildren => true;
}

internal sealed class RecreateMessage(Exception cause) : SystemMessage
{
    public Exception Cause { get; } = cause;

    public override bool WaitsForChildren => true;
}

/// <summary>A child tells its parent that it failed and waits, suspended, for the verdict.</summary>
internal sealed class FailedMessage(LocalActorRef child, Exception cause) : SystemMessage
{
    public LocalActorRef Child { get; } = child;

    public Exception Cause { get; } = cause;

    public override bool WaitsForChildren => true;

    public override bool WaitsWhileSuspended => true;
}

internal sealed class WatchMessage(InternalActorRef watchee, InternalActorRef watcher) : SystemMessage
{
    public InternalActorRef Watchee { get; } = watchee;

    public InternalActorRef Watcher { get; } = watcher;
}

internal sealed class UnwatchMessage(InternalActorRef watcher) : SystemMessage
{
    public InternalActorRef Watcher { get; } = watcher;
}

internal sealed class DeathWatchNotification(InternalActorRef actor) : SystemMessage
{
    public InternalActorRef Actor { get; } = actor;
}

/// <summary>The rest of an async handler, or of a task started by one.</summary>
internal sealed class ContinuationMessage(ActorTaskScheduler scheduler, Task task) : SystemMessage
{
    public void Run() => scheduler.Run(task);

    public void RunOnThreadPool() => ThreadPool.UnsafeQueueUserWorkItem(static message => message.Run(), this, preferLocal: false);
}

/// <summary>An answer of the journal for one incarnation of a persistent actor; a later incarnation never sees it.</summary>
internal sealed class InternalReply(ActorBase target, object reply) : SystemMessage
{
    public ActorBase Target { get; } = target;

    public object Reply { get; } = reply;

    public override bool WaitsForChildren => true;

    public override bool WaitsWhileSuspended => true;
}
