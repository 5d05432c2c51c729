namespace ClusterTransfer.Actors;

/// <summary>First-in first-out list of system messages, used by the mailbox's own turn only.</summary>
internal struct SystemMessageList
{
    private SystemMessage? _first;
    private SystemMessage? _last;

    public readonly bool IsEmpty => _first is null;

    public void Append(SystemMessage message)
    {
        message.Next = null;
        if (_last is null) { _first = message; }
        else { _last.Next = message; }
        _last = message;
    }

    public SystemMessage? TakeFirst()
    {
        SystemMessage? message = _first;
        if (message is null) { return null; }
        _first = message.Next;
        if (_first is null) { _last = null; }
        message.Next = null;
        return message;
    }

    /// <summary>Puts the messages of another list before those of this one and empties the other.</summary>
    public void Prepend(ref SystemMessageList other)
    {
        if (other._last is null) { return; }
        other._last.Next = _first;
        _first = other._first;
        _last ??= other._last;
        other = default;
    }
}
