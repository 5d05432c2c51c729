namespace ClusterTransfer.Actors;

/// <summary>
/// The queues of one actor and its turns. Any thread posts; one turn at a time takes. System messages go first, between any two
/// user messages; a turn handles at most <c>throughput</c> user messages and then lets others run.
/// </summary>
/// <remarks>
/// Each queue is a stack that producers push on with one compare-and-swap; the turn takes the whole stack and reverses it, which
/// keeps the order per sender and makes the depth exact without a counter of its own.
/// </remarks>
internal sealed class Mailbox(ActorCell cell, IActorDispatcher dispatcher, int throughput) : IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Scheduled = 1;

    // Pushed in place of the stack when the mailbox closes: whoever finds one knows that the actor is gone.
    private static readonly EnvelopeNode Closed = new(new object(), null);
    private static readonly SystemMessage ClosedSystem = new CreateMessage();

    private EnvelopeNode? _incoming;        // any thread
    private SystemMessage? _incomingSystem; // any thread
    private int _status;                    // any thread
    private volatile bool _userBlocked;     // written by the turn, read by any thread

    private EnvelopeNode? _taken;           // the turn only: user messages in order
    private int _takenCount;
    private SystemMessageList _system;      // the turn only: taken, not yet handled
    private SystemMessageList _continuations;

    public bool IsClosed => ReferenceEquals(Volatile.Read(ref _incomingSystem), ClosedSystem);

    /// <summary>User messages that wait. Exact when nothing runs, at most one batch off while a turn takes over the stack.</summary>
    public int Depth => (Volatile.Read(ref _incoming)?.Depth ?? 0) + Volatile.Read(ref _takenCount);

    /// <summary>True while user messages must wait: suspended, inside an async handler, or held by persistence. Set by the turn only.</summary>
    public bool UserBlocked
    {
        get => _userBlocked;
        set => _userBlocked = value;
    }

    /// <summary>False when the actor is gone.</summary>
    public bool Post(object message, IActorRef? sender)
    {
        var node = new EnvelopeNode(message, sender);
        EnvelopeNode? head = Volatile.Read(ref _incoming);
        while (true)
        {
            if (ReferenceEquals(head, Closed)) { return false; }
            node.Next = head;
            node.Depth = head is null ? 1 : head.Depth + 1;
            EnvelopeNode? seen = Interlocked.CompareExchange(ref _incoming, node, head);
            if (ReferenceEquals(seen, head)) { break; }
            head = seen;
        }
        // The exchange above is a full fence: a turn that ends now either sees the message or has left the status Idle for us.
        if (!_userBlocked) { Schedule(); }
        return true;
    }

    /// <summary>False when the actor is gone.</summary>
    public bool PostSystem(SystemMessage message)
    {
        SystemMessage? head = Volatile.Read(ref _incomingSystem);
        while (true)
        {
            if (ReferenceEquals(head, ClosedSystem)) { return false; }
            message.Next = head;
            SystemMessage? seen = Interlocked.CompareExchange(ref _incomingSystem, message, head);
            if (ReferenceEquals(seen, head)) { break; }
            head = seen;
        }
        Schedule();
        return true;
    }

    /// <summary>Puts a message before all others; called by the actor itself.</summary>
    public void Prepend(object message, IActorRef? sender)
    {
        _taken = new EnvelopeNode(message, sender) { Next = _taken };
        Volatile.Write(ref _takenCount, _takenCount + 1);
    }

    /// <summary>Puts system messages back in front; called by the actor's own turn.</summary>
    public void PrependSystem(ref SystemMessageList messages) => _system.Prepend(ref messages);

    /// <summary>One turn; called by the dispatcher.</summary>
    public void Execute()
    {
        ActorCell? outer = ActorCell.Current;
        ActorCell.Current = cell;
        try
        {
            RunTurn();
        }
        finally
        {
            ActorCell.Current = outer;
        }
        // Full fence: status first, then the look at the queues. A producer does it the other way round, so one of us sees the other.
        Interlocked.Exchange(ref _status, Idle);
        if (HasWork) { Schedule(); }
    }

    /// <summary>Closes both queues for good and hands what is left to the dead letters. Called by the actor's own turn, once.</summary>
    public void Close()
    {
        LocalActorRef self = cell.Self;
        DrainSystem(Interlocked.Exchange(ref _incomingSystem, ClosedSystem));
        while (_continuations.TakeFirst() is ContinuationMessage continuation) { continuation.RunOnThreadPool(); }
        while (_system.TakeFirst() is { } message) { self.SendSystemMessage(message); }

        EnvelopeNode? late = Interlocked.Exchange(ref _incoming, Closed);
        DeadLetter(_taken, self);
        DeadLetter(Reverse(late), self);
        _taken = null;
        Volatile.Write(ref _takenCount, 0);
    }

    private bool HasWork
    {
        get
        {
            SystemMessage? system = Volatile.Read(ref _incomingSystem);
            if (ReferenceEquals(system, ClosedSystem)) { return false; }
            return system is not null
                || !_continuations.IsEmpty
                || (!_system.IsEmpty && !cell.IsAwaiting)
                || (!_userBlocked && (_taken is not null || Volatile.Read(ref _incoming) is not null));
        }
    }

    private void Schedule()
    {
        if (Volatile.Read(ref _status) == Idle && Interlocked.CompareExchange(ref _status, Scheduled, Idle) == Idle) { dispatcher.Schedule(this); }
    }

    private void RunTurn()
    {
        int continuationsLeft = throughput;
        RunSystemMessages(ref continuationsLeft);
        for (int left = throughput; left > 0 && !_userBlocked; left--)
        {
            EnvelopeNode? node = Take();
            if (node is null) { return; }
            cell.Invoke(node.Message, node.Sender);
            RunSystemMessages(ref continuationsLeft);
        }
    }

    private void RunSystemMessages(ref int continuationsLeft)
    {
        while (true)
        {
            SystemMessage? incoming = Volatile.Read(ref _incomingSystem);
            if (incoming is not null)
            {
                if (ReferenceEquals(incoming, ClosedSystem)) { return; }
                DrainSystem(Interlocked.Exchange(ref _incomingSystem, null));
            }
            // A handler that only ever yields must not keep the thread: its continuations are counted like messages.
            if (continuationsLeft > 0 && _continuations.TakeFirst() is ContinuationMessage continuation)
            {
                continuationsLeft--;
                continuation.Run();
                continue;
            }
            if (cell.IsAwaiting || _system.TakeFirst() is not { } message) { return; }
            cell.SystemInvoke(message);
        }
    }

    private void DrainSystem(SystemMessage? stack)
    {
        SystemMessage? ordered = null;
        while (stack is not null)
        {
            SystemMessage? next = stack.Next;
            stack.Next = ordered;
            ordered = stack;
            stack = next;
        }
        while (ordered is not null)
        {
            SystemMessage? next = ordered.Next;
            if (ordered is ContinuationMessage) { _continuations.Append(ordered); }
            else { _system.Append(ordered); }
            ordered = next;
        }
    }

    private EnvelopeNode? Take()
    {
        EnvelopeNode? node = _taken;
        if (node is null)
        {
            if (Volatile.Read(ref _incoming) is null) { return null; }
            // Only this turn takes, so it is still not null; and a closed mailbox is blocked, so it is not the mark of the end.
            EnvelopeNode stack = Interlocked.Exchange(ref _incoming, null)!;
            Volatile.Write(ref _takenCount, stack.Depth);
            node = Reverse(stack)!;
        }
        _taken = node.Next;
        node.Next = null; // an old consumed node must not keep younger ones alive in the collector's eyes
        Volatile.Write(ref _takenCount, _takenCount - 1);
        return node;
    }

    private static EnvelopeNode? Reverse(EnvelopeNode? stack)
    {
        EnvelopeNode? ordered = null;
        while (stack is not null)
        {
            EnvelopeNode? next = stack.Next;
            stack.Next = ordered;
            ordered = stack;
            stack = next;
        }
        return ordered;
    }

    private void DeadLetter(EnvelopeNode? list, LocalActorRef self)
    {
        for (EnvelopeNode? node = list; node is not null; node = node.Next) { cell.System.PublishDeadLetter(node.Message, node.Sender, self); }
    }
}
