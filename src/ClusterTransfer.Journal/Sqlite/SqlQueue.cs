using System.Collections.Concurrent;
using ClusterTransfer.Model;
using Microsoft.Data.Sqlite;

namespace ClusterTransfer.Journal.Sqlite;

/// <summary>Bounded queue between callers, who await, and the dedicated threads that own connections, which block.</summary>
/// <remarks>SQLite's interface blocks until the disk has answered; on pool threads that would delay timers and sockets.</remarks>
internal sealed class SqlQueue(int capacity, int maxWaiters) : IDisposable
{
    private readonly SemaphoreSlim _room = new(capacity, capacity);
    private readonly BlockingCollection<SqlWork> _items = new(new ConcurrentQueue<SqlWork>());
    private readonly CancellationTokenSource _closing = new();
    private int _waiters;
    private long _waits;

    /// <summary>How often a caller had to wait for room.</summary>
    public long Waits => Interlocked.Read(ref _waits);

    /// <summary>Queues the work, waiting for room, and awaits its result.</summary>
    public async Task<T> RunAsync<T>(Func<SqliteConnection, T> run, CancellationToken cancellationToken)
    {
        SqlWork<T> work = new(run, cancellationToken);
        await WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _items.Add(work, CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            throw Closed();
        }

        return await work.Task.ConfigureAwait(false);
    }

    /// <summary>Takes the next work, blocking; false when the queue is closed and empty.</summary>
    public bool TryTake(out SqlWork? work)
    {
        bool taken = _items.TryTake(out work, Timeout.Infinite);
        if (taken)
        {
            _room.Release();
        }

        return taken;
    }

    /// <summary>Takes work that is there already.</summary>
    public bool TryTakeNow(out SqlWork? work)
    {
        bool taken = _items.TryTake(out work);
        if (taken)
        {
            _room.Release();
        }

        return taken;
    }

    /// <summary>Refuses further work; what was accepted is still done.</summary>
    public void Close()
    {
        _items.CompleteAdding();
        _closing.Cancel();
    }

    public void Dispose()
    {
        _items.Dispose();
        _closing.Dispose();
        _room.Dispose();
    }

    private static ObjectDisposedException Closed() => new(nameof(SqliteJournal), "The journal is closed.");

    private async Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        if (_closing.IsCancellationRequested)
        {
            throw Closed();
        }

        if (_room.Wait(0, CancellationToken.None))
        {
            return;
        }

        Interlocked.Increment(ref _waits);
        if (Interlocked.Increment(ref _waiters) > maxWaiters)
        {
            Interlocked.Decrement(ref _waiters);
            throw new ClusterTransferException(Reason.LimitReached, "The journal has more work waiting than its disk can take now.");
        }

        try
        {
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
            await _room.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Closed();
        }
        finally
        {
            Interlocked.Decrement(ref _waiters);
        }
    }
}
