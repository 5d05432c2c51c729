namespace ClusterTransfer.Actors;

/// <summary>Runs tasks in the turns of one actor, so that code after an await is as single-threaded as code before it.</summary>
internal sealed class ActorTaskScheduler(ActorCell cell) : TaskScheduler
{
    public override int MaximumConcurrencyLevel => 1;

    public void Run(Task task) => TryExecuteTask(task);

    protected override void QueueTask(Task task) => cell.Self.SendSystemMessage(new ContinuationMessage(this, task));

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(ActorCell.Current, cell) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => []; // for debuggers only; the mailbox's list is not readable from outside
}
