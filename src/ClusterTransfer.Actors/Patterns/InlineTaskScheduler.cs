namespace ClusterTransfer.Actors;

/// <summary>
/// Runs a continuation on the thread that completes the task, even where the task asks for asynchronous continuations. Only for
/// continuations that do no more than put a message in a mailbox: no hop over the pool, hence the same order in every simulated run.
/// </summary>
internal sealed class InlineTaskScheduler : TaskScheduler
{
    public static readonly InlineTaskScheduler Instance = new();

    protected override void QueueTask(Task task) => TryExecuteTask(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}
