using ClusterTransfer.Journal.Sqlite;
using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using Microsoft.Data.Sqlite;

namespace ClusterTransfer.Journal.Tests;

/// <summary>The queue before the threads that own connections: bounded, callers await room and block no thread. The test is the thread that takes.</summary>
public sealed class SqlQueueTests : IDisposable
{
    private const int Capacity = 2;
    private const int MaxWaiters = 3;

    private readonly SqlQueue _queue = new(Capacity, MaxWaiters);
    private readonly SqliteConnection _connection = new();

    [Fact]
    public async Task Run_BeyondTheCapacity_AwaitsRoomAndComesInTurn()
    {
        Task<int>[] calls = [.. Enumerable.Range(0, Capacity + MaxWaiters).Select(number => _queue.RunAsync(_ => number, CancellationToken.None))];

        Assert.Equal(MaxWaiters, _queue.Waits);
        Assert.Equal(Capacity, TakeNow());
        for (int done = Capacity; done < calls.Length; done++)
        {
            DoNext();   // a waiter takes the place on a pool thread, so this waits until it has
        }

        Assert.Equal(Enumerable.Range(0, calls.Length), (await Task.WhenAll(calls).WithinDeadline()).Order());
    }

    [Fact]
    public async Task Run_MoreWaitersThanThereMayBe_IsRefusedAndTakesNothing()
    {
        Task<int>[] calls = [.. Enumerable.Range(0, Capacity + MaxWaiters).Select(number => _queue.RunAsync(_ => number, CancellationToken.None))];

        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(() => _queue.RunAsync(_ => 0, CancellationToken.None).WithinDeadline());

        Assert.Equal(Reason.LimitReached, error.Reason);
        foreach (Task<int> _ in calls)
        {
            DoNext();
        }

        await Task.WhenAll(calls).WithinDeadline();
        Assert.False(_queue.TryTakeNow(out SqlWork? _));
    }

    [Fact]
    public async Task Run_CancelledWhileItWaits_LeavesItsPlaceToAnother()
    {
        using var cancel = new CancellationTokenSource();
        Task<int>[] calls = [.. Enumerable.Range(0, Capacity + MaxWaiters - 1).Select(number => _queue.RunAsync(_ => number, CancellationToken.None))];
        Task<int> cancelled = _queue.RunAsync(_ => -1, cancel.Token);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WithinDeadline());

        Task<int> next = _queue.RunAsync(_ => 7, CancellationToken.None);
        for (int i = 0; i <= calls.Length; i++)
        {
            DoNext();
        }

        Assert.Equal(7, await next.WithinDeadline());
        await Task.WhenAll(calls).WithinDeadline();
    }

    [Fact]
    public async Task Close_EndsThoseThatWait_AndKeepsWhatWasQueued()
    {
        Task<int>[] calls = [.. Enumerable.Range(0, Capacity + 1).Select(number => _queue.RunAsync(_ => number, CancellationToken.None))];

        _queue.Close();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => calls[^1].WithinDeadline());
        Assert.Equal(Capacity, TakeNow());
        int[] kept = await Task.WhenAll(calls[0], calls[1]);
        Assert.Equal([0, 1], kept);
        Assert.False(_queue.TryTake(out SqlWork? _));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _queue.RunAsync(_ => 0, CancellationToken.None).WithinDeadline());
    }

    public void Dispose()
    {
        _queue.Dispose();
        _connection.Dispose();
    }

    private void DoNext()
    {
        Assert.True(_queue.TryTake(out SqlWork? work));
        Do(work!);
    }

    // What is queued at this moment, taken as one batch: room opens with each, but whoever waited for it queues only later.
    private int TakeNow()
    {
        List<SqlWork> taken = [];
        while (taken.Count < Capacity && _queue.TryTakeNow(out SqlWork? work))
        {
            taken.Add(work!);
        }

        taken.ForEach(Do);
        return taken.Count;
    }

    private void Do(SqlWork work)
    {
        work.Run(_connection);
        work.Complete();
    }
}
