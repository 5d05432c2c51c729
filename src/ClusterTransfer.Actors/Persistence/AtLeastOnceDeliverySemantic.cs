namespace ClusterTransfer.Actors.Persistence;

/// <summary>
/// Sends messages again until they are confirmed. What is not confirmed is part of the actor's state: deliver and confirm in the
/// methods recovery uses too, and after recovery the rest is sent again.
/// </summary>
public sealed class AtLeastOnceDeliverySemantic
{
    private readonly PersistenceSettings.AtLeastOnceDeliverySettings _settings;
    private readonly IActorRef _self;
    private readonly ActorSystem _system;
    private readonly SortedDictionary<long, Delivery> _unconfirmed = [];
    private ICancelable? _ticking;
    private long _deliveryId;

    /// <summary>For the actor of that context; its base class calls <see cref="OnReplaySuccess"/>, <see cref="AroundReceive"/> and <see cref="Cancel"/>.</summary>
    public AtLeastOnceDeliverySemantic(IActorContext context, PersistenceSettings.AtLeastOnceDeliverySettings settings)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(settings.RedeliverInterval, TimeSpan.Zero);
        _settings = settings;
        _self = context.Self;
        _system = context.System;
    }

    /// <summary>Time from one sending to the next.</summary>
    public TimeSpan RedeliverInterval => _settings.RedeliverInterval;

    /// <summary>Messages sent again at one look at most.</summary>
    public int RedeliveryBurstLimit => _settings.RedeliveryBurstLimit;

    /// <summary>Sendings until an <see cref="UnconfirmedWarning"/>.</summary>
    public int WarnAfterNumberOfUnconfirmedAttempts => _settings.WarnAfterNumberOfUnconfirmedAttempts;

    /// <summary>Deliveries that may be open at once.</summary>
    public int MaxUnconfirmedMessages => _settings.MaxUnconfirmedMessages;

    /// <summary>Deliveries that are open.</summary>
    public int UnconfirmedCount => _unconfirmed.Count;

    /// <summary>Sends to an actor by its path; the mapper puts the number of the delivery into the message.</summary>
    /// <exception cref="MaxUnconfirmedMessagesExceededException">Too many are open.</exception>
    public void Deliver(ActorPath destination, Func<long, object> deliveryMessageMapper, bool isRecovering)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(deliveryMessageMapper);
        if (_unconfirmed.Count >= MaxUnconfirmedMessages)
        {
            throw new MaxUnconfirmedMessagesExceededException(
                $"{_self.Path} has {_unconfirmed.Count} unconfirmed messages; the most is {MaxUnconfirmedMessages}.");
        }
        long id = ++_deliveryId;
        var delivery = new Delivery(destination, deliveryMessageMapper(id));
        _unconfirmed.Add(id, delivery);
        // While it recovers a confirmation may still be among the events to come; what is left is sent at the end of recovery.
        if (!isRecovering) { Send(delivery); }
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
    public void OnReplaySuccess()
    {
        Redeliver();
        TimeSpan interval = RedeliverInterval / 2;
        _ticking ??= _system.Scheduler.ScheduleTellRepeatedlyCancelable(interval, interval, _self, RedeliveryTick.Instance, _self);
    }

    /// <summary>Ends the looking; the actor stops or restarts.</summary>
    public void Cancel()
    {
        _ticking?.Cancel();
        _ticking = null;
    }

    /// <summary>Sends what is due when it is time; false when the message is not for this.</summary>
    public bool AroundReceive(Receive receive, object message)
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
        if (warnings.Count > 0) { _self.Tell(new UnconfirmedWarning([.. warnings]), ActorRefs.NoSender); }
    }

    private void Send(Delivery delivery)
    {
        delivery.SentAt = _system.Scheduler.Now;
        delivery.Attempts++;
        _system.ActorSelection(delivery.Destination).Tell(delivery.Message, _self);
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
