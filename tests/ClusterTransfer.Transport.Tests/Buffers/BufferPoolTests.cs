using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Tests.Support;

namespace ClusterTransfer.Transport.Tests.Buffers;

public sealed class BufferPoolTests
{
    private const int Chunk = (1024 * 1024) + 32;

    [Fact]
    public async Task Rent_AnySize_GivesThatLengthAndRoomForMore()
    {
        var pool = new BufferPool(64 * 1024 * 1024);
        foreach (int size in (int[])[0, 1, 1024, 1025, 65_536, Chunk, 16 * 1024 * 1024 + 32])
        {
            using BufferLease lease = await pool.RentAsync(size, CancellationToken.None);

            Assert.Equal(size, lease.Memory.Length);
            Assert.InRange(lease.Capacity, size, pool.LargestRequest);
        }

        Assert.Equal(0, pool.Outstanding);
        Assert.Equal(0, pool.RentedBytes);
    }

    [Fact]
    public async Task Rent_BeyondThePool_IsRefusedAtOnce()
    {
        var pool = new BufferPool(2 * 1024 * 1024);

        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(async () => await pool.RentAsync(4 * 1024 * 1024, CancellationToken.None));

        Assert.Equal(Reason.LimitReached, error.Reason);
        Assert.Equal(0, pool.Outstanding);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    [InlineData(4095)]
    [InlineData(4096)]
    public async Task Rent_OfAChunk_PutsTheByteAskedForOnAPage(int paged)
    {
        const int Largest = (1024 * 1024) + (64 * 1024);
        var pool = new BufferPool(2 * (Largest + 4096));
        Assert.Equal(Largest, new BufferPool(Largest + 4096).LargestRequest);
        BufferLease held = await pool.RentAsync(Largest, paged, CancellationToken.None);
        PagedMemory.AssertOnPage(held.Memory[paged..]);
        Assert.True(held.Capacity >= held.Length);

        // One that had to wait, in a buffer that another used.
        BufferLease second = await pool.RentAsync(Largest, CancellationToken.None);
        Task<BufferLease> later = pool.RentAsync(Largest, paged, CancellationToken.None).AsTask();
        second.Dispose();
        using BufferLease last = await later.WithinDeadline();
        PagedMemory.AssertOnPage(last.Memory[paged..]);
        last.Memory.Span[^1] = 1; // all of it is there
        held.Dispose();
    }

    [Fact]
    public async Task Rent_WhenExhausted_WaitsInOrderOfArrival()
    {
        var pool = new BufferPool(2 * Chunk + (256 * 1024));
        BufferLease first = await pool.RentAsync(Chunk, CancellationToken.None);
        BufferLease second = await pool.RentAsync(Chunk, CancellationToken.None);

        Task<BufferLease> large = pool.RentAsync(Chunk, CancellationToken.None).AsTask();
        Task<BufferLease> small = pool.RentAsync(1, CancellationToken.None).AsTask();

        Assert.False(large.IsCompleted);
        Assert.False(small.IsCompleted);   // it would fit, but it came later
        first.Dispose();
        (await large.WithinDeadline()).Dispose();
        (await small.WithinDeadline()).Dispose();
        second.Dispose();
        Assert.Equal(2, pool.Waits);
        Assert.Equal(0, pool.Outstanding);
    }

    [Fact]
    public async Task Rent_WhenTheFirstInLineGivesUp_ServesTheNext()
    {
        var pool = new BufferPool(2 * Chunk);
        BufferLease held = await pool.RentAsync(Chunk, CancellationToken.None);
        using var impatient = new CancellationTokenSource();
        Task<BufferLease> large = pool.RentAsync(Chunk, impatient.Token).AsTask();
        Task<BufferLease> small = pool.RentAsync(1, CancellationToken.None).AsTask();

        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        (await small.WithinDeadline()).Dispose();
        held.Dispose();
        Assert.Equal(0, pool.Outstanding);
    }

    [Fact]
    public async Task Rent_ByManyAtOnce_NeverExceedsTheBound()
    {
        var pool = new BufferPool(3 * 1024 * 1024);
        long most = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            for (int round = 0; round < 500; round++)
            {
                using var timeout = new CancellationTokenSource();
                ValueTask<BufferLease> renting = pool.RentAsync(random.Next(2 * 1024 * 1024), timeout.Token);
                if (!renting.IsCompleted && random.Next(4) == 0)
                {
                    await timeout.CancelAsync();
                }

                try
                {
                    using BufferLease lease = await renting;
                    long now = pool.RentedBytes;
                    InterlockedMax(ref most, now);
                    await Task.Yield();
                }
                catch (OperationCanceledException)
                {
                    // Gave up, as some do.
                }
            }
        }))).WithinDeadline();

        Assert.InRange(most, 1, pool.CapacityBytes);
        Assert.Equal(0, pool.Outstanding);
        Assert.Equal(0, pool.RentedBytes);
    }

    [Fact]
    public async Task Lease_AfterReturn_GivesNoMemory()
    {
        var pool = new BufferPool(1024 * 1024);
        BufferLease lease = await pool.RentAsync(10, CancellationToken.None);
        lease.Dispose();

        Assert.Throws<ObjectDisposedException>(() => lease.Memory);
    }

    [Fact]
    public async Task Lease_ReturnedTwice_IsCountedAndAsserted()
    {
        var pool = new BufferPool(1024 * 1024);
        BufferLease lease = await pool.RentAsync(10, CancellationToken.None);
        lease.Dispose();

        Exception? assertion = Record.Exception(lease.Dispose);

#if DEBUG
        Assert.NotNull(assertion);
#else
        Assert.Null(assertion);
#endif
        Assert.Equal(1, pool.DoubleReturns);
        Assert.Equal(0, pool.Outstanding);
    }

    [Fact]
    public async Task Lease_Length_StaysWithinCapacity()
    {
        var pool = new BufferPool(1024 * 1024);
        using BufferLease lease = await pool.RentAsync(10, CancellationToken.None);

        lease.Length = lease.Capacity;

        Assert.Equal(lease.Capacity, lease.Memory.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => lease.Length = lease.Capacity + 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => lease.Length = -1);
    }

    private static void InterlockedMax(ref long target, long value)
    {
        long seen = Interlocked.Read(ref target);
        while (value > seen)
        {
            long before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
