namespace ClusterTransfer.Actors;

/// <summary>Decides where and when the turns of mailboxes run.</summary>
public interface IActorDispatcher
{
    /// <summary>Runs <c>Execute</c> of the turn once, later, never on the caller's stack. Called from any thread, never twice for a turn before it ran.</summary>
    void Schedule(IThreadPoolWorkItem turn);
}

/// <summary>Production dispatcher: turns run on the thread pool, in the shared queue, so that a busy actor cannot starve its neighbours.</summary>
public sealed class ThreadPoolDispatcher : IActorDispatcher
{
    /// <inheritdoc/>
    public void Schedule(IThreadPoolWorkItem turn) => ThreadPool.UnsafeQueueUserWorkItem(turn, preferLocal: false);
}
