using System.Collections.Concurrent;

namespace ClusterTransfer.Transfers.Work;

/// <summary>Dedicated threads for work that blocks on a disk or burns a core, so that timers, sockets and HTTP never wait for either.</summary>
/// <remarks>The queue is bounded; <see cref="RunAsync{T}"/> waits for a place in it without holding a thread.</remarks>
public sealed class WorkerPool : IWorkers
{
    private static readonly TimeSpan JoinTimeout = TimeSpan.FromSeconds(2);

    private readonly BlockingCollection<Action> _queue;
    private readonly SemaphoreSlim _places;
    private readonly Thread[] _threads;

    /// <summary>Starts the threads.</summary>
    /// <param name="name">Prefix of the threads' names.</param>
    /// <param name="threads">How many, 1 or more.</param>
    /// <param name="queueLength">Work items that may wait, 1 or more.</param>
    public WorkerPool(string name, int threads, int queueLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(queueLength, 1);
        _queue = new BlockingCollection<Action>(queueLength);
        _places = new SemaphoreSlim(queueLength);
        _threads = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            _threads[i] = new Thread(Run) { IsBackground = true, Name = $"{name}-{i}" };
            _threads[i].Start();
        }
    }

    /// <summary>Returns once the work has a place in the queue; what it throws ends the process, so it must not throw.</summary>
    /// <exception cref="ObjectDisposedException">The pool has stopped.</exception>
    public async ValueTask EnqueueAsync(Action work, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // The semaphore has reserved a place, so this never blocks.
            _queue.Add(work, CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            _places.Release();
            throw new ObjectDisposedException(nameof(WorkerPool));
        }
    }

    /// <summary>Runs the work and returns its result. A cancelled token takes back work that has not begun.</summary>
    /// <exception cref="ObjectDisposedException">The pool has stopped.</exception>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await EnqueueAsync(() => Complete(work, done, cancellationToken), cancellationToken).ConfigureAwait(false);
        return await done.Task.ConfigureAwait(false);
    }

    /// <summary>Ends the threads after the work that is queued, waiting a bounded time for it.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        foreach (Thread thread in _threads)
        {
            // A thread that hangs in a disk's call must not hold the process up; being a background thread, it ends with it.
            if (!thread.Join(JoinTimeout))
            {
                return;
            }
        }

        _queue.Dispose();
        _places.Dispose();
    }

    private void Run()
    {
        foreach (Action work in _queue.GetConsumingEnumerable())
        {
            _places.Release();
            work();
        }
    }

    private static void Complete<T>(Func<T> work, TaskCompletionSource<T> done, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            done.SetCanceled(cancellationToken);
            return;
        }

        try
        {
            done.SetResult(work());
        }
        catch (Exception error)
        {
            done.SetException(error);
        }
    }
}
