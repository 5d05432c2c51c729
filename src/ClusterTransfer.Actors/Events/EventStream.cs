namespace ClusterTransfer.Actors;

/// <summary>Publish and subscribe inside one system, by type: a subscriber of a type gets its subtypes too.</summary>
public sealed class EventStream
{
    private readonly Lock _lock = new();
    private (IActorRef Subscriber, Type Type)[] _subscriptions = []; // replaced whole under the lock, read without

    internal EventStream() { }

    /// <summary>False when this subscription exists already.</summary>
    public bool Subscribe(IActorRef subscriber, Type channel)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        ArgumentNullException.ThrowIfNull(channel);
        lock (_lock)
        {
            if (_subscriptions.Contains((subscriber, channel))) { return false; }
            _subscriptions = [.. _subscriptions, (subscriber, channel)];
            return true;
        }
    }

    /// <summary>False when there was no such subscription.</summary>
    public bool Unsubscribe(IActorRef subscriber, Type channel) => Remove(entry => entry.Subscriber.Equals(subscriber) && entry.Type == channel);

    /// <summary>Ends all subscriptions of an actor; false when it had none.</summary>
    public bool Unsubscribe(IActorRef subscriber) => Remove(entry => entry.Subscriber.Equals(subscriber));

    /// <summary>Sends to every subscriber of the event's type. Subscribers that are dead are forgotten.</summary>
    public void Publish(object @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        bool sawDead = false;
        (IActorRef Subscriber, Type Type)[] subscriptions = Volatile.Read(ref _subscriptions);
        for (int index = 0; index < subscriptions.Length; index++)
        {
            (IActorRef subscriber, Type type) = subscriptions[index];
            if (!type.IsInstanceOfType(@event) || WasServed(subscriptions.AsSpan(0, index), subscriber, @event)) { continue; }
            // A dead subscriber of dead letters would otherwise make a dead letter of each dead letter, for ever.
            if (subscriber is InternalActorRef { IsTerminated: true }) { sawDead = true; }
            else { subscriber.Tell(@event, ActorRefs.NoSender); }
        }
        if (sawDead) { Remove(entry => entry.Subscriber is InternalActorRef { IsTerminated: true }); }
    }

    /// <summary>Whoever subscribed to a type and to its base gets each event once.</summary>
    private static bool WasServed(ReadOnlySpan<(IActorRef Subscriber, Type Type)> before, IActorRef subscriber, object @event)
    {
        foreach ((IActorRef earlier, Type type) in before)
        {
            if (earlier.Equals(subscriber) && type.IsInstanceOfType(@event)) { return true; }
        }
        return false;
    }

    private bool Remove(Predicate<(IActorRef Subscriber, Type Type)> match)
    {
        lock (_lock)
        {
            (IActorRef, Type)[] kept = Array.FindAll(_subscriptions, entry => !match(entry));
            bool removed = kept.Length < _subscriptions.Length;
            _subscriptions = kept;
            return removed;
        }
    }
}

/// <summary>Typed forms of subscribe and unsubscribe.</summary>
public static class EventStreamExtensions
{
    /// <summary>False when this subscription exists already.</summary>
    public static bool Subscribe<TChannel>(this EventStream eventStream, IActorRef subscriber) => eventStream.Subscribe(subscriber, typeof(TChannel));

    /// <summary>False when there was no such subscription.</summary>
    public static bool Unsubscribe<TChannel>(this EventStream eventStream, IActorRef subscriber) => eventStream.Unsubscribe(subscriber, typeof(TChannel));
}
