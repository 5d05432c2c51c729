namespace ClusterTransfer.Actors;

/// <summary>The stash of one incarnation.</summary>
internal sealed class MessageStash(ActorCell cell) : IStash
{
    private LinkedList<Envelope>? _messages;

    public int Count => _messages?.Count ?? 0;

    public bool IsEmpty => Count == 0;

    public bool IsFull => Count >= Capacity;

    public int Capacity => cell.Props.StashCapacity > 0 ? cell.Props.StashCapacity : cell.System.StashCapacity;

    public void Stash()
    {
        if (cell.CurrentMessage is not { } message) { throw new IllegalActorStateException("There is no current message to stash."); }
        if (cell.CurrentIsStashed) { throw new IllegalActorStateException($"Can't stash the same message {message.GetType().Name} more than once."); }
        if (IsFull) { throw new StashOverflowException($"The stash of {cell.Self.Path} is full with {Count} messages; could not stash {message.GetType().Name}."); }
        (_messages ??= new()).AddLast(new Envelope(message, cell.SenderOrNull));
        cell.CurrentIsStashed = true;
    }

    public void Unstash()
    {
        if (_messages?.First is not { } first) { return; }
        _messages.RemoveFirst();
        ToMailbox(first.Value);
    }

    public void UnstashAll() => UnstashAll(static _ => true);

    public void UnstashAll(Func<Envelope, bool> predicate)
    {
        if (_messages is null) { return; }
        // Backwards, since each goes before all others in the mailbox.
        while (_messages.Last is { } last)
        {
            _messages.RemoveLast();
            if (predicate(last.Value)) { ToMailbox(last.Value); }
        }
    }

    public IEnumerable<Envelope> ClearStash()
    {
        Envelope[] cleared = _messages is null ? [] : [.. _messages];
        _messages = null;
        return cleared;
    }

    public void Prepend(IEnumerable<Envelope> envelopes)
    {
        foreach (Envelope envelope in envelopes.Reverse())
        {
            if (IsFull) { throw new StashOverflowException($"The stash of {cell.Self.Path} is full with {Count} messages."); }
            (_messages ??= new()).AddFirst(envelope);
        }
    }

    private void ToMailbox(Envelope envelope)
    {
        if (envelope.Message is Terminated terminated) { cell.ExpectQueuedTerminated(terminated.ActorRef, null); }
        cell.Mailbox.Prepend(envelope.Message, envelope.Sender);
    }
}
