using ClusterTransfer.Bus.Frames;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Bus.Tests;

public sealed class BoundedQueueTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ManualTime _time = new();
    private readonly BoundedQueue<int> _queue;
    private long _waits;

    public BoundedQueueTests() => _queue = new BoundedQueue<int>(maxItems: 2, maxBytes: 100, maxWaiters: 2, _time);

    [Fact]
    public async Task Enqueue_BeyondItems_WaitsInOrderForRoom()
    {
        await EnqueueAsync(1, 1);
        await EnqueueAsync(2, 1);
        Task<EnqueueResult> third = EnqueueAsync(3, 1);
        Task<EnqueueResult> fourth = EnqueueAsync(4, 1);
        Assert.False(third.IsCompleted);
        Assert.Equal(EnqueueResult.Crowded, await EnqueueAsync(5, 1));

        Assert.Equal([1, 2, 3, 4], Drain());
        Assert.Equal(EnqueueResult.Queued, await third.WithinDeadline());
        Assert.Equal(EnqueueResult.Queued, await fourth.WithinDeadline());
        Assert.Equal(2, _waits);
    }

    [Fact]
    public async Task Enqueue_BeyondBytes_WaitsAndOneLargeItemFitsAnEmptyQueue()
    {
        Assert.Equal(EnqueueResult.Queued, await EnqueueAsync(1, 500));
        Assert.False(_queue.TryEnqueue(2, 1));
        Task<EnqueueResult> second = EnqueueAsync(2, 60);
        Assert.False(second.IsCompleted);

        Assert.Equal([1, 2], Drain());
        Assert.Equal(EnqueueResult.Queued, await second.WithinDeadline());
    }

    [Fact]
    public async Task Enqueue_WithAReaderThatStands_IsFullAfterPatience()
    {
        await EnqueueAsync(1, 1);
        await EnqueueAsync(2, 1);
        Task<EnqueueResult> third = EnqueueAsync(3, 1);
        _time.Advance(Patience);

        Assert.Equal(EnqueueResult.Full, await third.WithinDeadline());
        Assert.Equal([1, 2], Drain());
    }

    [Fact]
    public async Task Enqueue_WithAReaderThatGetsOn_IsWaitedFor()
    {
        await EnqueueAsync(1, 1);
        await EnqueueAsync(2, 1);
        Task<EnqueueResult> third = EnqueueAsync(3, 1);
        Task<EnqueueResult> fourth = EnqueueAsync(4, 1);
        Assert.True(_queue.TryDequeue(out _));
        await third.WithinDeadline();
        _time.Advance(Patience);
        await _time.WhenTimerAsync(Patience);
        Assert.False(fourth.IsCompleted);
        _time.Advance(Patience);

        Assert.Equal(EnqueueResult.Full, await fourth.WithinDeadline());
    }

    [Fact]
    public async Task Enqueue_Cancelled_IsNotAdded()
    {
        await EnqueueAsync(1, 1);
        await EnqueueAsync(2, 1);
        using CancellationTokenSource cancel = new();
        Task<EnqueueResult> third = _queue.EnqueueAsync(3, 1, Timeout.InfiniteTimeSpan, ref _waits, cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
        Assert.Equal([1, 2], Drain());
    }

    [Fact]
    public async Task Close_LetsWaitersGoAndEndsTheReaderAfterTheRest()
    {
        await EnqueueAsync(1, 1);
        await EnqueueAsync(2, 1);
        Task<EnqueueResult> third = EnqueueAsync(3, 1);
        _queue.Close(discard: false);

        Assert.Equal(EnqueueResult.Closed, await third.WithinDeadline());
        Assert.Equal(EnqueueResult.Closed, await EnqueueAsync(4, 1));
        Assert.True(await _queue.WaitToReadAsync());
        Assert.Equal([1, 2], Drain());
        Assert.False(await _queue.WaitToReadAsync());
    }

    [Fact]
    public async Task CloseWith_LeavesOnlyTheLastItem()
    {
        await EnqueueAsync(1, 1);
        Task<bool> waiting = Task.FromResult(true);
        _queue.CloseWith(9);

        Assert.True(await waiting);
        Assert.Equal([9], Drain());
        Assert.False(await _queue.WaitToReadAsync());
    }

    [Fact]
    public async Task Wake_WhileNobodyWaits_IsKeptForTheNextWait()
    {
        _queue.Wake();

        Assert.True(await _queue.WaitToReadAsync());
        Task<bool> second = _queue.WaitToReadAsync();
        Assert.False(second.IsCompleted);
        _queue.Wake();
        Assert.True(await second.WithinDeadline());
    }

    private Task<EnqueueResult> EnqueueAsync(int item, int bytes) =>
        _queue.EnqueueAsync(item, bytes, Patience, ref _waits, TestContext.Current.CancellationToken);

    private List<int> Drain()
    {
        List<int> items = [];
        while (_queue.TryDequeue(out int item))
        {
            items.Add(item);
        }

        return items;
    }
}
