namespace ClusterTransfer.Actors;

/// <summary>The queue behind an inbox. Any thread.</summary>
internal sealed class InboxActorRef(ActorSystem system) : InternalActorRef, ISystemBound
{
    private readonly Lock _lock = new();
    private readonly LinkedList<object> _messages = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private readonly Dictionary<IActorRef, object?> _watching = [];
    private bool _closed;

    public override ActorPath Path { get; } = system.NextTemporaryPath();

    public override bool IsTerminated => Volatile.Read(ref _closed);

    public ActorSystem System => system;

    public IActorRef Watch(IActorRef subject, object? chosen = null)
    {
        ArgumentNullException.ThrowIfNull(subject);
        lock (_lock)
        {
            if (_closed || !_watching.TryAdd(subject, chosen)) { return subject; }
        }
        ((InternalActorRef)subject).SendSystemMessage(new WatchMessage((InternalActorRef)subject, this));
        return subject;
    }

    public IActorRef Unwatch(IActorRef subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        lock (_lock)
        {
            if (!_watching.Remove(subject)) { return subject; }
        }
        ((InternalActorRef)subject).SendSystemMessage(new UnwatchMessage(this));
        return subject;
    }

    public Task<object> ReceiveAsync(Predicate<object> predicate, TimeSpan timeout)
    {
        var waiter = new Waiter(predicate);
        lock (_lock)
        {
            for (LinkedListNode<object>? node = _messages.First; node is not null; node = node.Next)
            {
                if (!predicate(node.Value)) { continue; }
                _messages.Remove(node);
                return Task.FromResult(node.Value);
            }
            ObjectDisposedException.ThrowIf(_closed, typeof(Inbox));
            _waiters.AddLast(waiter);
        }
        waiter.Timer = system.TimeProvider.CreateTimer(_ => TimeOut(waiter, timeout), null, timeout, Timeout.InfiniteTimeSpan);
        if (waiter.Result.Task.IsCompleted) { waiter.Timer.Dispose(); } // the message came before the timer was there to be disposed
        return waiter.Result.Task;
    }

    public void Close()
    {
        IActorRef[] watched;
        Waiter[] waiters;
        object[] left;
        lock (_lock)
        {
            if (_closed) { return; }
            _closed = true;
            (watched, waiters, left) = ([.. _watching.Keys], [.. _waiters], [.. _messages]);
            _watching.Clear();
            _waiters.Clear();
            _messages.Clear();
        }
        foreach (IActorRef subject in watched) { ((InternalActorRef)subject).SendSystemMessage(new UnwatchMessage(this)); }
        foreach (Waiter waiter in waiters)
        {
            waiter.Timer?.Dispose();
            waiter.Result.TrySetException(new ObjectDisposedException(nameof(Inbox)));
        }
        foreach (object message in left) { system.PublishDeadLetter(message, null, this); }
    }

    public override void SendSystemMessage(SystemMessage message)
    {
        if (message is not DeathWatchNotification death)
        {
            // An inbox has no end anyone could wait for before it is disposed; a watch on it is answered only then.
            if (IsTerminated) { AnswerForTheDead(this, message); }
            return;
        }
        object? chosen;
        lock (_lock)
        {
            if (!_watching.Remove(death.Actor, out chosen)) { return; }
        }
        TellInternal(chosen ?? new Terminated(death.Actor), death.Actor);
    }

    protected override void TellInternal(object message, IActorRef? sender)
    {
        Waiter? taker = null;
        lock (_lock)
        {
            if (!_closed)
            {
                taker = _waiters.FirstOrDefault(waiter => waiter.Predicate(message));
                if (taker is not null) { _waiters.Remove(taker); }
                else if (_messages.Count < Inbox.Capacity)
                {
                    _messages.AddLast(message);
                    return;
                }
            }
        }
        if (taker is null)
        {
            system.PublishDeadLetter(message, sender, this);
            return;
        }
        taker.Timer?.Dispose();
        taker.Result.TrySetResult(message);
    }

    private void TimeOut(Waiter waiter, TimeSpan timeout)
    {
        lock (_lock)
        {
            if (!_waiters.Remove(waiter)) { return; }
        }
        waiter.Timer?.Dispose();
        waiter.Result.TrySetException(new TimeoutException($"Inbox {Path} received nothing within {timeout}."));
    }

    private sealed class Waiter(Predicate<object> predicate)
    {
        public Predicate<object> Predicate { get; } = predicate;

        public TaskCompletionSource<object> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ITimer? Timer { get; set; }
    }
}
