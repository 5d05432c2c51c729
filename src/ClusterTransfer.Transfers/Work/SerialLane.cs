namespace ClusterTransfer.Transfers.Work;

/// <summary>Runs the blocking steps of one session one after the other on the worker threads. Called by one actor at a time: a session's, or the root of sessions while there is none.</summary>
internal sealed class SerialLane(IWorkers pool)
{
    private Task _tail = Task.CompletedTask;

    /// <summary>Completes when every step given so far has ended.</summary>
    public Task Drained => _tail;

    /// <summary>Runs a step after those given before it, whether they failed or not.</summary>
    public Task<T> RunAsync<T>(Func<T> step)
    {
        Task<T> task = RunAfterAsync(_tail, step);
        _tail = task;
        return task;
    }

    private async Task<T> RunAfterAsync<T>(Task previous, Func<T> step)
    {
        // Each step's failure is the business of whoever asked for it.
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await pool.RunAsync(step, CancellationToken.None).ConfigureAwait(false);
    }
}
