namespace ClusterTransfer.Actors;

/// <summary>A message with its sender.</summary>
/// <param name="Message">The message.</param>
/// <param name="Sender">Who sent it; null for nobody.</param>
public readonly record struct Envelope(object Message, IActorRef? Sender);

/// <summary>Sets messages aside for later. Bounded; kept over a restart by returning to the mailbox.</summary>
public interface IStash
{
    /// <summary>Messages in the stash.</summary>
    int Count { get; }

    /// <summary>Whether there are none.</summary>
    bool IsEmpty { get; }

    /// <summary>Whether one more would overflow.</summary>
    bool IsFull { get; }

    /// <summary>The bound.</summary>
    int Capacity { get; }

    /// <summary>Sets the current message aside.</summary>
    /// <exception cref="StashOverflowException">The stash is full.</exception>
    /// <exception cref="IllegalActorStateException">The current message was stashed already, or there is none.</exception>
    void Stash();

    /// <summary>Puts the oldest message back at the front of the mailbox.</summary>
    void Unstash();

    /// <summary>Puts all messages back at the front of the mailbox, oldest first.</summary>
    void UnstashAll();

    /// <summary>Puts the messages the predicate accepts back at the front of the mailbox and drops the others.</summary>
    void UnstashAll(Func<Envelope, bool> predicate);

    /// <summary>Empties the stash and returns what was in it.</summary>
    IEnumerable<Envelope> ClearStash();

    /// <summary>Puts messages before those in the stash.</summary>
    void Prepend(IEnumerable<Envelope> envelopes);
}

/// <summary>Base of the interfaces that ask for a stash.</summary>
public interface IActorStash
{
    /// <summary>Set by the kernel after construction and before <c>PreStart</c>.</summary>
    IStash Stash { get; set; }
}

/// <summary>Asks for a stash.</summary>
public interface IWithStash : IActorStash;

/// <summary>Asks for a stash; the classic name. Its stash is bounded too: nothing here is unbounded.</summary>
public interface IWithUnboundedStash : IActorStash;
