using ClusterTransfer.Transfers.Work;

namespace ClusterTransfer.Simulation.World;

/// <summary>The workers of a process, without threads: each piece of work runs at a moment of its own on the thread of the run.</summary>
/// <remarks>A bounded number at a time, as with threads; the order of those that run together is by chance.</remarks>
internal sealed class SimWorkers(SimProcess process, int threads, Func<TimeSpan> duration) : IWorkers
{
    private readonly Queue<Action> _waiting = new();
    private int _running;

    public ValueTask EnqueueAsync(Action work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_running == threads)
        {
            _waiting.Enqueue(work);
        }
        else
        {
            Begin(work);
        }

        return ValueTask.CompletedTask;
    }

    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        // Completed on the one thread there is, in the turn that did the work.
        var done = new TaskCompletionSource<T>();
        await EnqueueAsync(
            () =>
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    done.SetCanceled(cancellationToken);
                    return;
                }

                T result;
                try
                {
                    result = work();
                }
                catch (Exception error)
                {
                    done.SetException(error);
                    return;
                }

                done.SetResult(result);
            },
            cancellationToken).ConfigureAwait(false);
        return await done.Task.ConfigureAwait(false);
    }

    public void Dispose()
    {
    }

    private void Begin(Action work)
    {
        _running++;
        process.World.Later(duration(), () => process.Run(() =>
        {
            work();
            _running--;
            if (_waiting.TryDequeue(out Action? next))
            {
                Begin(next);
            }
        }));
    }
}
