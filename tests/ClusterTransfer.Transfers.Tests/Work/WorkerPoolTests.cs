using System.Collections.Concurrent;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Work;

namespace ClusterTransfer.Transfers.Tests.Work;

public sealed class WorkerPoolTests
{
    [Fact]
    public async Task RunAsync_Work_ReturnsItsResultFromAPoolThread()
    {
        using var pool = new WorkerPool("test", threads: 1, queueLength: 4);

        string? name = await pool.RunAsync(() => Thread.CurrentThread.Name, CancellationToken.None).WithinDeadline();

        Assert.Equal("test-0", name);
    }

    [Fact]
    public async Task RunAsync_FailingWork_FailsItsCallerOnly()
    {
        using var pool = new WorkerPool("test", threads: 1, queueLength: 4);

        await Assert.ThrowsAsync<IOException>(() => pool.RunAsync<int>(() => throw new IOException("disk"), CancellationToken.None).WithinDeadline());

        Assert.Equal(7, await pool.RunAsync(() => 7, CancellationToken.None).WithinDeadline());
    }

    [Fact]
    public async Task RunAsync_MoreWorkThanThreads_RunsAtMostThatManyAtOnce()
    {
        using var pool = new WorkerPool("test", threads: 3, queueLength: 64);
        int running = 0;
        int most = 0;
        using var allRun = new Barrier(3);

        // Three at a time meet at the barrier: a pool with fewer threads hangs here, one with more is counted.
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => pool.RunAsync(
            () =>
            {
                int now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                Assert.True(allRun.SignalAndWait(Deadline.Default));
                return Interlocked.Decrement(ref running);
            },
            CancellationToken.None))).WithinDeadline();

        Assert.Equal(3, most);
    }

    [Fact]
    public async Task EnqueueAsync_FullQueue_WaitsForAPlace()
    {
        using var gate = new ManualResetEventSlim();
        var begun = new TaskCompletionSource();
        using var pool = new WorkerPool("test", threads: 1, queueLength: 1);
        await pool.EnqueueAsync(() => { begun.SetResult(); gate.Wait(Deadline.Default); }, CancellationToken.None);
        await begun.Task.WithinDeadline();
        await pool.EnqueueAsync(() => { }, CancellationToken.None);

        Task third = pool.EnqueueAsync(() => { }, CancellationToken.None).AsTask();

        Assert.False(third.IsCompleted);
        gate.Set();
        await third.WithinDeadline();
    }

    [Fact]
    public async Task EnqueueAsync_CancelledWhileWaiting_GivesUpAndTakesNoPlace()
    {
        using var gate = new ManualResetEventSlim();
        var begun = new TaskCompletionSource();
        using var pool = new WorkerPool("test", threads: 1, queueLength: 1);
        await pool.EnqueueAsync(() => { begun.SetResult(); gate.Wait(Deadline.Default); }, CancellationToken.None);
        await begun.Task.WithinDeadline();
        await pool.EnqueueAsync(() => { }, CancellationToken.None);
        using var stopping = new CancellationTokenSource();
        Task waiting = pool.EnqueueAsync(() => Assert.Fail("It was taken back."), stopping.Token).AsTask();

        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WithinDeadline());
        gate.Set();
        Assert.Equal(1, await pool.RunAsync(() => 1, CancellationToken.None).WithinDeadline());
    }

    [Fact]
    public async Task RunAsync_CancelledBeforeItBegins_DoesNotRun()
    {
        using var gate = new ManualResetEventSlim();
        using var pool = new WorkerPool("test", threads: 1, queueLength: 4);
        Task<int> first = pool.RunAsync(() => { gate.Wait(Deadline.Default); return 0; }, CancellationToken.None);
        using var stopping = new CancellationTokenSource();
        bool ran = false;
        Task<bool> second = pool.RunAsync(() => ran = true, stopping.Token);

        await stopping.CancelAsync();
        gate.Set();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WithinDeadline());
        await first.WithinDeadline();
        Assert.False(ran);
    }

    [Fact]
    public async Task Dispose_WithQueuedWork_RunsItFirst()
    {
        var done = new ConcurrentQueue<int>();
        var pool = new WorkerPool("test", threads: 1, queueLength: 16);
        for (int i = 0; i < 10; i++)
        {
            int number = i;
            await pool.EnqueueAsync(() => done.Enqueue(number), CancellationToken.None);
        }

        pool.Dispose();

        Assert.Equal(Enumerable.Range(0, 10), done);
    }

    [Fact]
    public async Task Dispose_WhileAThreadHangsInADisksCall_ReturnsWithoutIt()
    {
        using var disk = new ManualResetEventSlim();
        var pool = new WorkerPool("test", threads: 2, queueLength: 4);
        Task<bool> hanging = pool.RunAsync(() => disk.Wait(Timeout.Infinite, CancellationToken.None) || true, CancellationToken.None);

        await Task.Run(pool.Dispose, CancellationToken.None).WithinDeadline();

        Assert.False(hanging.IsCompleted);
        disk.Set();
        Assert.True(await hanging.WithinDeadline());
    }

    [Fact]
    public async Task EnqueueAsync_AfterDispose_IsRefused()
    {
        var pool = new WorkerPool("test", threads: 1, queueLength: 1);
        pool.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.EnqueueAsync(() => { }, CancellationToken.None).AsTask().WithinDeadline());
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while (value > (seen = Volatile.Read(ref target)))
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }
}
