namespace ClusterTransfer.Actors;

/// <content>Async handlers: the mailbox waits, no thread does.</content>
internal sealed partial class ActorCell
{
    private ActorTaskScheduler? _taskScheduler;
    private int _awaiting;

    /// <summary>True between the first suspended await of a handler and its end.</summary>
    public bool IsAwaiting => _awaiting > 0;

    /// <summary>
    /// Runs async work as part of the current message: continuations run in turns of this actor, and until the work ends neither
    /// user messages nor system messages (stop, restart) are handled.
    /// </summary>
    public void RunTask(Func<Task> work)
    {
        _taskScheduler ??= new ActorTaskScheduler(this);
        var start = new Task<Task>(work);
        start.RunSynchronously(_taskScheduler);
        Task running = start.GetAwaiter().GetResult(); // already complete: it ran on this thread
        if (running.IsCompleted)
        {
            running.GetAwaiter().GetResult(); // a failure surfaces here, like that of a synchronous handler
            return;
        }
        _awaiting++;
        UpdateBlocked();
        System.TaskStarted();
        running.ContinueWith(EndAwait, CancellationToken.None, TaskContinuationOptions.DenyChildAttach, _taskScheduler);
    }

    private void EndAwait(Task ended)
    {
        _awaiting--;
        UpdateBlocked();
        System.TaskEnded();
        if (ended.Exception is { } error) { HandleFailure(error.InnerExceptions[0], Self); }
        else if (ended.IsCanceled) { HandleFailure(new TaskCanceledException(ended), Self); }
        // Nothing else was handled meanwhile, so message and sender are still those the handler began with.
        if (!IsAwaiting && _currentMessage is { } message) { EndOfMessage(message); }
    }
}
