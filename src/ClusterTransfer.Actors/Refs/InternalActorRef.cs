namespace ClusterTransfer.Actors;

/// <summary>The side of a reference only the kernel sees: system messages and life cycle.</summary>
internal abstract class InternalActorRef : ActorRefBase
{
    public abstract bool IsTerminated { get; }

    public abstract void SendSystemMessage(SystemMessage message);

    public void Stop() => SendSystemMessage(new TerminateMessage());

    public void Suspend() => SendSystemMessage(new SuspendMessage());

    public void Resume(Exception? causedByFailure) => SendSystemMessage(new ResumeMessage(causedByFailure));

    public void Restart(Exception cause) => SendSystemMessage(new RecreateMessage(cause));

    /// <summary>The answer of something that is already gone, so that a late watcher hears of the death at once.</summary>
    protected static void AnswerForTheDead(InternalActorRef dead, SystemMessage message)
    {
        switch (message)
        {
            case WatchMessage watch when ReferenceEquals(watch.Watchee, dead):
                watch.Watcher.SendSystemMessage(new DeathWatchNotification(dead));
                break;
            case ContinuationMessage continuation:
                // The actor is gone but its task must still end, or whoever awaits it would wait for ever.
                continuation.RunOnThreadPool();
                break;
        }
    }
}
