using System.Collections.Concurrent;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Work;

namespace ClusterTransfer.Transfers.Tests.Work;

public sealed class SerialLaneTests
{
    [Fact]
    public async Task RunAsync_ManySteps_RunOneAfterTheOtherInOrder()
    {
        using var pool = new WorkerPool("test", threads: 4, queueLength: 64);
        var lane = new SerialLane(pool);
        var order = new ConcurrentQueue<int>();
        int running = 0;
        bool overlapped = false;

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => lane.RunAsync(() =>
        {
            overlapped |= Interlocked.Increment(ref running) != 1;
            order.Enqueue(i);
            return Interlocked.Decrement(ref running);
        }))).WithinDeadline();

        Assert.False(overlapped);
        Assert.Equal(Enumerable.Range(0, 200), order);
    }

    [Fact]
    public async Task RunAsync_AfterAFailedStep_RunsAllTheSame()
    {
        using var pool = new WorkerPool("test", threads: 1, queueLength: 4);
        var lane = new SerialLane(pool);

        Task<int> failing = lane.RunAsync<int>(() => throw new IOException("disk"));
        Task<int> next = lane.RunAsync(() => 2);

        await Assert.ThrowsAsync<IOException>(() => failing.WithinDeadline());
        Assert.Equal(2, await next.WithinDeadline());
    }

    [Fact]
    public async Task RunAsync_TwoLanes_DoNotWaitForEachOther()
    {
        using var pool = new WorkerPool("test", threads: 2, queueLength: 4);
        using var gate = new ManualResetEventSlim();
        var slow = new SerialLane(pool);
        var quick = new SerialLane(pool);

        Task<bool> blocked = slow.RunAsync(() => gate.Wait(Deadline.Default));
        Assert.Equal(1, await quick.RunAsync(() => 1).WithinDeadline());

        gate.Set();
        Assert.True(await blocked.WithinDeadline());
    }

    [Fact]
    public async Task Drained_WithAFailedLastStep_Completes()
    {
        using var pool = new WorkerPool("test", threads: 1, queueLength: 4);
        var lane = new SerialLane(pool);
        Task<int> failing = lane.RunAsync<int>(() => throw new IOException("disk"));

        await Assert.ThrowsAsync<IOException>(() => failing.WithinDeadline());

        Assert.True(lane.Drained.IsCompleted);
    }
}
