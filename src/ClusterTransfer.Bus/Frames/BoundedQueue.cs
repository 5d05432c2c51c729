namespace ClusterTransfer.Bus.Frames;

/// <summary>What became of an item offered to a queue.</summary>
internal enum EnqueueResult
{
    Queued,

    /// <summary>No room in time.</summary>
    Full,

    /// <summary>No room, and too many wait for some already.</summary>
    Crowded,

    /// <summary>The queue takes nothing any more.</summary>
    Closed,
}

/// <summary>First in, first out, bounded by items, bytes and waiting writers; one reader.</summary>
/// <remarks>A channel bounds items only: a few replies of 1 MiB would weigh as little as pings. Writers get room in the order they came.
/// An item larger than the byte bound enters an empty queue.</remarks>
internal sealed class BoundedQueue<T>(int maxItems, long maxBytes, int maxWaiters, TimeProvider time)
{
    private const int MinProgress = 64;

    private readonly Lock _lock = new();
    private readonly Queue<(T Item, int Bytes)> _items = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private TaskCompletionSource<bool>? _reader;
    private long _bytes;
    private long _itemsTaken;
    private long _bytesTaken;
    private bool _closed;
    private bool _woken;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _items.Count;
            }
        }
    }

    /// <summary>Adds an item, waiting for room as long as the reader is not too slow; the wait begins before this returns its task.</summary>
    /// <param name="item">What to add.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="patience">Longest time in which the reader may take less than a 64th of what the queue holds; a reader that gets on is
    /// waited for. <see cref="Timeout.InfiniteTimeSpan"/> for as long as the queue is open.</param>
    /// <param name="waits">Counts the calls that had to wait.</param>
    /// <param name="cancellationToken">Ends the wait; a cancelled item was not added.</param>
    public Task<EnqueueResult> EnqueueAsync(T item, int bytes, TimeSpan patience, ref long waits, CancellationToken cancellationToken)
    {
        LinkedListNode<Waiter> node;
        lock (_lock)
        {
            if (_closed)
            {
                return Task.FromResult(EnqueueResult.Closed);
            }

            if (_waiters.Count == 0 && HasRoomLocked(bytes))
            {
                AddLocked(item, bytes);
                return Task.FromResult(EnqueueResult.Queued);
            }

            if (_waiters.Count >= maxWaiters)
            {
                return Task.FromResult(EnqueueResult.Crowded);
            }

            node = _waiters.AddLast(new Waiter(item, bytes));
        }

        Interlocked.Increment(ref waits);
        return WaitAsync(node, patience, cancellationToken);
    }

    /// <summary>Adds an item if there is room now.</summary>
    public bool TryEnqueue(T item, int bytes)
    {
        lock (_lock)
        {
            if (_closed || _waiters.Count > 0 || !HasRoomLocked(bytes))
            {
                return false;
            }

            AddLocked(item, bytes);
            return true;
        }
    }

    /// <summary>Waits until there is an item or <see cref="Wake"/> is called; false when the queue is closed and empty.</summary>
    public Task<bool> WaitToReadAsync()
    {
        lock (_lock)
        {
            if (_items.Count > 0 || _woken)
            {
                _woken = false;
                return Task.FromResult(true);
            }

            if (_closed)
            {
                return Task.FromResult(false);
            }

            _reader ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            return _reader.Task;
        }
    }

    public bool TryDequeue(out T item)
    {
        lock (_lock)
        {
            if (!_items.TryDequeue(out (T Item, int Bytes) entry))
            {
                item = default!;
                return false;
            }

            _bytes -= entry.Bytes;
            _itemsTaken++;
            _bytesTaken += entry.Bytes;
            while (_waiters.First is { } first && HasRoomLocked(first.Value.Bytes))
            {
                _waiters.RemoveFirst();
                AddLocked(first.Value.Item, first.Value.Bytes);
                first.Value.Done.TrySetResult(EnqueueResult.Queued);
            }

            item = entry.Item;
            return true;
        }
    }

    /// <summary>Lets the reader look around although no item came; kept for its next wait when it is not waiting.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            _woken = _reader is null;
            WakeLocked(true);
        }
    }

    /// <summary>Takes nothing more; those who wait get <see cref="EnqueueResult.Closed"/>.</summary>
    /// <param name="discard">Whether what is queued is dropped too.</param>
    public void Close(bool discard)
    {
        lock (_lock)
        {
            CloseLocked(discard);
            WakeLocked(_items.Count > 0);
        }
    }

    /// <summary>Takes nothing more but this last item, for which there is always room, in place of everything that is queued.</summary>
    public void CloseWith(T last)
    {
        lock (_lock)
        {
            CloseLocked(discard: true);
            AddLocked(last, 0);
        }
    }

    private void CloseLocked(bool discard)
    {
        _closed = true;
        foreach (Waiter waiter in _waiters)
        {
            waiter.Done.TrySetResult(EnqueueResult.Closed);
        }

        _waiters.Clear();
        if (discard)
        {
            _items.Clear();
            _bytes = 0;
        }
    }

    private bool HasRoomLocked(int bytes) =>
        _items.Count < maxItems && (_bytes + bytes <= maxBytes || _items.Count == 0);

    private void AddLocked(T item, int bytes)
    {
        _items.Enqueue((item, bytes));
        _bytes += bytes;
        WakeLocked(true);
    }

    private void WakeLocked(bool result)
    {
        _reader?.TrySetResult(result);
        _reader = null;
    }

    private async Task<EnqueueResult> WaitAsync(LinkedListNode<Waiter> node, TimeSpan patience, CancellationToken cancellationToken)
    {
        (long items, long bytes) = Taken();
        while (true)
        {
            try
            {
                return await node.Value.Done.Task.WaitAsync(patience, time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                (long itemsNow, long bytesNow) = Taken();
                bool moves = itemsNow - items >= Math.Max(1, maxItems / MinProgress) || bytesNow - bytes >= maxBytes / MinProgress;
                (items, bytes) = (itemsNow, bytesNow);
                if (!moves && TryLeave(node))
                {
                    return EnqueueResult.Full;
                }
            }
            catch (OperationCanceledException) when (TryLeave(node))
            {
                throw;
            }
            catch (OperationCanceledException)
            {
                // It got room, or the queue closed, while the wait was being cancelled.
                return await node.Value.Done.Task.ConfigureAwait(false);
            }
        }
    }

    private (long Items, long Bytes) Taken()
    {
        lock (_lock)
        {
            return (_itemsTaken, _bytesTaken);
        }
    }

    /// <summary>Stops waiting; false when the outcome is there already.</summary>
    private bool TryLeave(LinkedListNode<Waiter> node)
    {
        lock (_lock)
        {
            bool waits = node.List is not null;
            if (waits)
            {
                _waiters.Remove(node);
            }

            return waits;
        }
    }

    private sealed record Waiter(T Item, int Bytes)
    {
        public TaskCompletionSource<EnqueueResult> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
