namespace ClusterTransfer.Actors;

/// <summary>Brings the outcome of a task back to an actor as a message.</summary>
public static class PipeToSupport
{
    /// <summary>
    /// Sends the result, or what <paramref name="success"/> makes of it; a failure as <see cref="Status.Failure"/>, or as what
    /// <paramref name="failure"/> makes of it. The functions run where the task ends, not in the actor.
    /// </summary>
    /// <returns>A task that ends when the message is sent; it never fails.</returns>
    public static Task PipeTo<T>(this Task<T> taskToPipe, ICanTell recipient, IActorRef? sender = null, Func<T, object>? success = null, Func<Exception, object>? failure = null)
    {
        ArgumentNullException.ThrowIfNull(taskToPipe);
        return Pipe(taskToPipe, recipient, sender, task => ResultOf((Task<T>)task, success), failure);
    }

    /// <summary>Like the other; without <paramref name="success"/> nothing is sent when the task succeeds.</summary>
    public static Task PipeTo(this Task taskToPipe, ICanTell recipient, IActorRef? sender = null, Func<object>? success = null, Func<Exception, object>? failure = null)
    {
        ArgumentNullException.ThrowIfNull(taskToPipe);
        return Pipe(taskToPipe, recipient, sender, success is null ? null : _ => success(), failure);
    }

    private static object ResultOf<T>(Task<T> task, Func<T, object>? success)
    {
        T result = task.GetAwaiter().GetResult(); // complete already
        return (success is null ? result : success(result)) ?? throw new InvalidMessageException("The piped task has no result to send; give a success function.");
    }

    private static Task Pipe(Task task, ICanTell recipient, IActorRef? sender, Func<Task, object>? success, Func<Exception, object>? failure)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        if (task.IsCompleted)
        {
            Send(task, recipient, sender, success, failure);
            return Task.CompletedTask;
        }
        ActorSystem? system = (recipient as LocalActorRef)?.Cell.System;
        system?.TaskStarted();
        return task.ContinueWith(
            ended =>
            {
                Send(ended, recipient, sender, success, failure);
                system?.TaskEnded();
            },
            CancellationToken.None, TaskContinuationOptions.DenyChildAttach, InlineTaskScheduler.Instance);
    }

    private static void Send(Task ended, ICanTell recipient, IActorRef? sender, Func<Task, object>? success, Func<Exception, object>? failure)
    {
        Exception? error = ended.Exception?.InnerExceptions[0] ?? (ended.IsCanceled ? new TaskCanceledException(ended) : null);
        object? message = null;
        try
        {
            message = error is null ? success?.Invoke(ended) : failure?.Invoke(error) ?? new Status.Failure(error);
        }
        catch (Exception mapping)
        {
            message = new Status.Failure(mapping);
        }
        if (message is not null) { recipient.Tell(message, sender); }
    }
}
