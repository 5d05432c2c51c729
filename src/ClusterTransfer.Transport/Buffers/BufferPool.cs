using System.Diagnostics;
using System.Runtime.InteropServices;
using ClusterTransfer.Model;

namespace ClusterTransfer.Transport.Buffers;

/// <summary>The only place of the data plane that hands out memory: a bounded number of bytes, and whoever comes when they are all
/// out waits in order of arrival.</summary>
/// <remarks>Give receiving and sending a pool each. Were they to share one, two nodes that send to each other could fill both pools with
/// outgoing chunks, and neither could take in what the other needs to send before it can go on.</remarks>
public sealed class BufferPool
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiters = new();                    // guarded by _lock, as all below
    private readonly Stack<byte[]>[] _free = [.. BufferSizes.Classes.Select(_ => new Stack<byte[]>())];
    private readonly bool _poison;
    private long _freeBytes;
    private long _rentedBytes;
    private int _outstanding;
    private long _waits;
    private long _doubleReturns;

    /// <summary>Makes a pool that never holds more than <paramref name="capacityBytes"/>, rented and kept for reuse together.</summary>
    /// <param name="capacityBytes">At least the smallest buffer; a pool that cannot hold one chunk refuses chunks of that size.</param>
    public BufferPool(long capacityBytes)
        : this(capacityBytes, poison: false)
    {
    }

    /// <summary>With <paramref name="poison"/>, returned buffers are filled with 0xDD, so that tests see stale bytes on the wire.</summary>
    internal BufferPool(long capacityBytes, bool poison)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacityBytes, BufferSizes.Classes[0]);
        CapacityBytes = capacityBytes;
        LargestRequest = Enumerable.Range(0, BufferSizes.Classes.Length).Where(index => BufferSizes.Classes[index] <= capacityBytes).Max(BufferSizes.MostOf);
        _poison = poison;
    }

    /// <summary>The bound in bytes.</summary>
    public long CapacityBytes { get; }

    /// <summary>The largest request this pool can ever serve, in bytes.</summary>
    public int LargestRequest { get; }

    /// <summary>Leases that are out now. Zero when all owners have ended.</summary>
    public int Outstanding
    {
        get
        {
            lock (_lock)
            {
                return _outstanding;
            }
        }
    }

    /// <summary>Bytes that are out now.</summary>
    public long RentedBytes
    {
        get
        {
            lock (_lock)
            {
                return _rentedBytes;
            }
        }
    }

    /// <summary>Requests that had to wait since the start.</summary>
    public long Waits => Interlocked.Read(ref _waits);

    /// <summary>Leases returned twice since the start; anything but zero is a bug.</summary>
    public long DoubleReturns => Interlocked.Read(ref _doubleReturns);

    /// <summary>Rents a buffer whose first <paramref name="size"/> bytes are in use; waits, in order of arrival, while the pool is exhausted.</summary>
    /// <exception cref="ClusterTransferException">With <see cref="Reason.LimitReached"/>: larger than <see cref="LargestRequest"/>.</exception>
    /// <exception cref="OperationCanceledException">The token fired while waiting.</exception>
    public ValueTask<BufferLease> RentAsync(int size, CancellationToken cancellationToken) => RentAsync(size, paged: 0, cancellationToken);

    /// <summary>The same, with the byte <paramref name="paged"/> of the lease on a page of memory when the buffer is one for a chunk (more than 64 KiB).</summary>
    /// <exception cref="ClusterTransferException">As above.</exception>
    /// <exception cref="OperationCanceledException">As above.</exception>
    public ValueTask<BufferLease> RentAsync(int size, int paged, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfNegative(paged);
        if (size > LargestRequest)
        {
            throw new ClusterTransferException(Reason.LimitReached,
                $"A buffer of {size} bytes does not fit the buffer pool, whose largest is {LargestRequest}: raise data-plane.buffer-pool or lower the chunk size.");
        }

        cancellationToken.ThrowIfCancellationRequested();
        int sizeClass = BufferSizes.ClassOf(size);
        Waiter waiter;
        lock (_lock)
        {
            // Whoever waits goes first, even when a small request would fit: otherwise small ones could starve a large one for ever.
            if (_waiters.Count == 0 && FitsLocked(sizeClass))
            {
                return ValueTask.FromResult(TakeLocked(size, paged, sizeClass));
            }

            waiter = new Waiter(size, paged, sizeClass);
            waiter.Node = _waiters.AddLast(waiter);
            Interlocked.Increment(ref _waits);
        }

        return new ValueTask<BufferLease>(WaitAsync(waiter, cancellationToken));
    }

    internal void Return(byte[] buffer, int sizeClass)
    {
        if (_poison)
        {
            buffer.AsSpan().Fill(0xDD);
        }

        List<(Waiter Waiter, BufferLease Lease)>? served;
        lock (_lock)
        {
            _outstanding--;
            _rentedBytes -= buffer.Length;
            _free[sizeClass].Push(buffer);
            _freeBytes += buffer.Length;
            served = ServeLocked();
        }

        // Outside the lock: completing a waiter may run its continuation's scheduling.
        served?.ForEach(pair => pair.Waiter.Completion.SetResult(pair.Lease));
    }

    internal void ReportDoubleReturn()
    {
        Interlocked.Increment(ref _doubleReturns);
        Debug.Fail("A buffer lease was returned twice.");
    }

    private async Task<BufferLease> WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        await using (cancellationToken.UnsafeRegister(
            static (state, token) => ((Waiter)state!).Cancel(token), waiter.WithPool(this)).ConfigureAwait(false))
        {
            return await waiter.Completion.Task.ConfigureAwait(false);
        }
    }

    private void Abandon(Waiter waiter, CancellationToken cancellationToken)
    {
        List<(Waiter Waiter, BufferLease Lease)>? served;
        lock (_lock)
        {
            if (waiter.Node?.List is null)
            {
                return;   // already served: the caller gets its lease and looks at the token itself
            }

            _waiters.Remove(waiter.Node);
            served = ServeLocked();
        }

        waiter.Completion.TrySetCanceled(cancellationToken);
        served?.ForEach(pair => pair.Waiter.Completion.SetResult(pair.Lease));
    }

    private List<(Waiter Waiter, BufferLease Lease)>? ServeLocked()
    {
        List<(Waiter, BufferLease)>? served = null;
        while (_waiters.First is { } first && FitsLocked(first.Value.SizeClass))
        {
            _waiters.RemoveFirst();
            (served ??= []).Add((first.Value, TakeLocked(first.Value.Size, first.Value.Paged, first.Value.SizeClass)));
        }

        return served;
    }

    private bool FitsLocked(int sizeClass) => _rentedBytes + BufferSizes.Classes[sizeClass] <= CapacityBytes;

    private BufferLease TakeLocked(int size, int paged, int sizeClass)
    {
        int bytes = BufferSizes.Classes[sizeClass];
        if (_free[sizeClass].TryPop(out byte[]? buffer))
        {
            _freeBytes -= bytes;
        }
        else
        {
            DropFreeLocked(bytes);
            // Pinned: sockets and natives use it in place, and the collector never moves megabytes.
            buffer = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
        }

        _outstanding++;
        _rentedBytes += bytes;
        int start = BufferSizes.MostOf(sizeClass) == bytes ? 0 : BufferSizes.StartOf(Marshal.UnsafeAddrOfPinnedArrayElement(buffer, 0), paged);
        return new BufferLease(this, buffer, sizeClass, start, size);
    }

    /// <summary>Lets go of kept buffers of other sizes, largest first, until <paramref name="needed"/> more bytes fit the bound.</summary>
    private void DropFreeLocked(int needed)
    {
        for (int index = _free.Length - 1; index >= 0 && _rentedBytes + _freeBytes + needed > CapacityBytes; index--)
        {
            while (_rentedBytes + _freeBytes + needed > CapacityBytes && _free[index].TryPop(out byte[]? dropped))
            {
                _freeBytes -= dropped.Length;
            }
        }
    }

    /// <summary>One request that waits.</summary>
    private sealed class Waiter(int size, int paged, int sizeClass)
    {
        private BufferPool? _pool;

        public int Size => size;

        public int Paged => paged;

        public int SizeClass => sizeClass;

        public LinkedListNode<Waiter>? Node { get; set; }

        public TaskCompletionSource<BufferLease> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Waiter WithPool(BufferPool pool)
        {
            _pool = pool;
            return this;
        }

        public void Cancel(CancellationToken token) => _pool?.Abandon(this, token);
    }
}
