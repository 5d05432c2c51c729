namespace ClusterTransfer.Actors.Persistence;

/// <summary>
/// Sends messages again until they are confirmed. What is not confirmed is part of the actor's state: deliver and confirm in the
/// methods recovery uses too, and after recovery the rest is sent again.
/// </summary>
public sealed class AtLeastOnceDeliverySemantic
{
    private readonly Eventsourced _actor;
    private readonly ActorSystem _system;
    private readonly SortedDictionary<long, Delivery> _unconfirmed = [];
    private ICancelable? _ticking;
    private long _deliveryId;

    internal AtLeastOnceDeliverySemantic(Eventsourced actor)
    {
        _actor = actor;
        _system = actor.Cell.System;
    }

    /// <summary>Time from one sending to the next; it is looked twice in that time. Default 5 s.</summary>
    public TimeSpan RedeliverInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Messages sent again at one look at most. Default 10,000.</summary>
    public int RedeliveryBurstLimit { get; init; } = 10_000;

    /// <summary>Sendings until an <see cref="UnconfirmedWarning"/>. Default 5.</summary>
    public int WarnAfterNumberOfUnconfirmedAttempts { get; init; } = 5;

    /// <summary>Deliveries that may be open at once. Default 100,000.</summary>
    public int MaxUnconfirmedMessages { get; init; } = 100_000;

    /// <summary>Deliveries that are open.</summary>
    public int UnconfirmedCount => _unconfirmed.Count;

    /// <summary>Sends to an actor by its path; the mapper puts the number of the delivery into the message.</summary>
    /// <exception cref="MaxUnconfirmedMessagesExceededException">Too many are open.</exception>
    public void Deliver(ActorPath destination, Func<long, object> deliveryMessageMapper)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(deliveryMessageMapper);
        if (_unconfirmed.Count >= MaxUnconfirmedMessages)
        {
            throw new MaxUnconfirmedMessagesExceededException(
                $"{_actor.PersistenceId} has {_unconfirmed.Count} unconfirmed messages; the most is {MaxUnconfirmedMessages}.");
        }
        long id = ++_deliveryId;
        var delivery = new Delivery(destination, deliveryMessageMapper(id));
        _unconfirmed.Add(id, delivery);
        // While it recovers a confirmation may still be among the events to come; what is left is sent at the end of recovery.
        if (!_actor.IsRecovering) { Send(delivery); }
    }

    /// <summary>Ends a delivery; false when it was not open.</summary>
    public bool ConfirmDelivery(long deliveryId) => _unconfirmed.Remove(deliveryId);

    /// <summary>State of the deliveries, for a snapshot.</summary>
    public AtLeastOnceDeliverySnapshot GetDeliverySnapshot() =>
        new(_deliveryId, [.. _unconfirmed.Select(open => new UnconfirmedDelivery(open.Key, open.Value.Destination, open.Value.Message))]);

    /// <summary>Takes over the state of a snapshot; attempts count from zero.</summary>
    public void SetDeliverySnapshot(AtLeastOnceDeliverySnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        _deliveryId = snapshot.CurrentDeliveryId;
        _unconfirmed.Clear();
        foreach (UnconfirmedDelivery open in snapshot.UnconfirmedDeliveries) { _unconfirmed.Add(open.DeliveryId, new Delivery(open.Destination, open.Message)); }
    }

    /// <summary>Recovery has ended: sends what is open and starts to look.</summary>
    internal void Start()
    {
        Redeliver();
        TimeSpan interval = RedeliverInterval / 2;
        _ticking ??= _system.Scheduler.ScheduleTellRepeatedlyCancelable(interval, interval, _actor.Cell.Self, RedeliveryTick.Instance, _actor.Cell.Self);
    }

    internal void Stop()
    {
        _ticking?.Cancel();
        _ticking = null;
    }

    /// <summary>False when the message is not for this.</summary>
    internal bool Handle(object message)
    {
        if (message is not RedeliveryTick) { return false; }
        Redeliver();
        return true;
    }

    private void Redeliver()
    {
        DateTimeOffset due = _system.Scheduler.Now - RedeliverInterval;
        var warnings = new List<UnconfirmedDelivery>();
        foreach ((long id, Delivery delivery) in _unconfirmed.Where(open => open.Value.SentAt is not { } at || at <= due).Take(RedeliveryBurstLimit))
        {
            Send(delivery);
            if (delivery.Attempts == WarnAfterNumberOfUnconfirmedAttempts) { warnings.Add(new UnconfirmedDelivery(id, delivery.Destination, delivery.Message)); }
        }
        if (warnings.Count > 0) { _actor.Cell.Self.Tell(new UnconfirmedWarning(warnings), ActorRefs.NoSender); }
    }

    private void Send(Delivery delivery)
    {
        delivery.SentAt = _system.Scheduler.Now;
        delivery.Attempts++;
        _system.ActorSelection(delivery.Destination).Tell(delivery.Message, _actor.Cell.Self);
    }

    private sealed class Delivery(ActorPath destination, object message)
    {
        public ActorPath Destination { get; } = destination;

        public object Message { get; } = message;

        /// <summary>Null until it is sent by this incarnation.</summary>
        public DateTimeOffset? SentAt { get; set; }

        public int Attempts { get; set; }
    }

    private sealed class RedeliveryTick : IDeadLetterSuppression, INotInfluenceReceiveTimeout
    {
        public static readonly RedeliveryTick Instance = new();
    }
}
