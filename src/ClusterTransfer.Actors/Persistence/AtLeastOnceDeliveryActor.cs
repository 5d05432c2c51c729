namespace ClusterTransfer.Actors.Persistence;

/// <summary>A persistent actor that delivers messages until they are confirmed; see <see cref="AtLeastOnceDeliverySemantic"/>.</summary>
public abstract class AtLeastOnceDeliveryActor : PersistentActor
{
    private AtLeastOnceDeliverySemantic? _delivery;

    /// <inheritdoc cref="AtLeastOnceDeliverySemantic.RedeliverInterval"/>
    public virtual TimeSpan RedeliverInterval => TimeSpan.FromSeconds(5);

    /// <inheritdoc cref="AtLeastOnceDeliverySemantic.RedeliveryBurstLimit"/>
    public virtual int RedeliveryBurstLimit => 10_000;

    /// <inheritdoc cref="AtLeastOnceDeliverySemantic.WarnAfterNumberOfUnconfirmedAttempts"/>
    public virtual int WarnAfterNumberOfUnconfirmedAttempts => 5;

    /// <inheritdoc cref="AtLeastOnceDeliverySemantic.MaxUnconfirmedMessages"/>
    public virtual int MaxUnconfirmedMessages => 100_000;

    /// <inheritdoc cref="AtLeastOnceDeliverySemantic.UnconfirmedCount"/>
    public int UnconfirmedCount => Delivery.UnconfirmedCount;

    // Made when first used: the settings are virtual and must not be asked before the constructor of the class has run.
    private AtLeastOnceDeliverySemantic Delivery => _delivery ??= new AtLeastOnceDeliverySemantic(this)
    {
        RedeliverInterval = RedeliverInterval,
        RedeliveryBurstLimit = RedeliveryBurstLimit,
        WarnAfterNumberOfUnconfirmedAttempts = WarnAfterNumberOfUnconfirmedAttempts,
        MaxUnconfirmedMessages = MaxUnconfirmedMessages,
    };

    /// <summary>Sends to an actor by its path until confirmed; the mapper puts the number of the delivery into the message.</summary>
    /// <exception cref="MaxUnconfirmedMessagesExceededException">Too many deliveries are open.</exception>
    public void Deliver(ActorPath destination, Func<long, object> deliveryMessageMapper) => Delivery.Deliver(destination, deliveryMessageMapper);

    /// <summary>Sends to the actor at a selection without wildcards until confirmed.</summary>
    /// <exception cref="MaxUnconfirmedMessagesExceededException">Too many deliveries are open.</exception>
    /// <exception cref="InvalidOperationException">The selection has wildcards.</exception>
    public void Deliver(ActorSelection destination, Func<long, object> deliveryMessageMapper) => Delivery.Deliver(Selections.SinglePath(destination), deliveryMessageMapper);

    /// <summary>Ends a delivery; false when it was not open.</summary>
    public bool ConfirmDelivery(long deliveryId) => Delivery.ConfirmDelivery(deliveryId);

    /// <summary>State of the deliveries, for a snapshot.</summary>
    public AtLeastOnceDeliverySnapshot GetDeliverySnapshot() => Delivery.GetDeliverySnapshot();

    /// <summary>Takes over the state of a snapshot.</summary>
    public void SetDeliverySnapshot(AtLeastOnceDeliverySnapshot snapshot) => Delivery.SetDeliverySnapshot(snapshot);

    /// <inheritdoc/>
    protected override void OnReplaySuccess()
    {
        Delivery.Start();
        base.OnReplaySuccess();
    }

    /// <inheritdoc/>
    protected internal override bool AroundReceive(Receive receive, object message) => Delivery.Handle(message) || base.AroundReceive(receive, message);

    internal override void AroundPreRestart(Exception cause, object? message)
    {
        Delivery.Stop();
        base.AroundPreRestart(cause, message);
    }

    internal override void AroundPostStop()
    {
        Delivery.Stop();
        base.AroundPostStop();
    }
}
