namespace ClusterTransfer.Transfers.Work;

/// <summary>Where work runs that blocks on a disk or burns a core: the threads of a <see cref="WorkerPool"/>, or the one thread of a simulation.</summary>
public interface IWorkers : IDisposable
{
    /// <summary>Returns once the work has a place in the queue; what it throws ends the process, so it must not throw.</summary>
    /// <exception cref="ObjectDisposedException">The workers have stopped.</exception>
    ValueTask EnqueueAsync(Action work, CancellationToken cancellationToken);

    /// <summary>Runs the work and returns its result. A cancelled token takes back work that has not begun.</summary>
    /// <exception cref="ObjectDisposedException">The workers have stopped.</exception>
    Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken);
}
