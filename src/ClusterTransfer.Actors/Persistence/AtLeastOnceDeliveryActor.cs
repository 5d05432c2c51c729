namespace ClusterTransfer.Actors.Persistence;

/// <summary>A persistent actor that delivers messages until they are confirmed; see <see cref="AtLeastOnceDeliverySemantic"/>.</summary>
public abstract class AtLeastOnceDeliveryActor : PersistentActor
{
    private readonly AtLeastOnceDeliverySemantic _delivery;

    /// <summary>With the default settings.</summary>
    protected AtLeastOnceDeliveryActor()
        : this(PersistenceSettings.AtLeastOnceDeliverySettings.Default) { }

    /// <summary>With these settings.</summary>
    protected AtLeastOnceDeliveryActor(PersistenceSettings.AtLeastOnceDeliverySettings settings) => _delivery = new AtLeastOnceDeliverySemantic(Context, settings);

    /// <summary>With changed default settings.</summary>
    protected AtLeastOnceDeliveryActor(Func<PersistenceSettings.AtLeastOnceDeliverySettings, PersistenceSettings.AtLeastOnceDeliverySettings> overrideSettings)
        : this(overrideSettings(PersistenceSettings.AtLeastOnceDeliverySettings.Default)) { }

    /// <inheritdoc cref="AtLeastOnceDeliverySemantic.RedeliverInterval"/>
    public TimeSpan RedeliverInterval => _delivery.RedeliverInterval;

    /// <inheritdoc cref="AtLeastOnceDeliverySemantic.RedeliveryBurstLimit"/>
    public int RedeliveryBurstLimit => _delivery.RedeliveryBurstLimit;

    /// <inheritdoc cref="AtLeastOnceDeliverySemantic.WarnAfterNumberOfUnconfirmedAttempts"/>
    public int WarnAfterNumberOfUnconfirmedAttempts => _delivery.WarnAfterNumberOfUnconfirmedAttempts;

    /// <inheritdoc cref="AtLeastOnceDeliverySemantic.MaxUnconfirmedMessages"/>
    public int MaxUnconfirmedMessages => _delivery.MaxUnconfirmedMessages;

    /// <inheritdoc cref="AtLeastOnceDeliverySemantic.UnconfirmedCount"/>
    public int UnconfirmedCount => _delivery.UnconfirmedCount;

    /// <summary>Sends to an actor by its path until confirmed; the mapper puts the number of the delivery into the message.</summary>
    /// <exception cref="MaxUnconfirmedMessagesExceededException">Too many deliveries are open.</exception>
    public void Deliver(ActorPath destination, Func<long, object> deliveryMessageMapper) => _delivery.Deliver(destination, deliveryMessageMapper, IsRecovering);

    /// <summary>Sends to the actor at a selection without wildcards until confirmed.</summary>
    /// <exception cref="MaxUnconfirmedMessagesExceededException">Too many deliveries are open.</exception>
    /// <exception cref="NotSupportedException">The selection has wildcards.</exception>
    public void Deliver(ActorSelection destination, Func<long, object> deliveryMessageMapper) => _delivery.Deliver(Selections.SinglePath(destination), deliveryMessageMapper, IsRecovering);

    /// <summary>Ends a delivery; false when it was not open.</summary>
    public bool ConfirmDelivery(long deliveryId) => _delivery.ConfirmDelivery(deliveryId);

    /// <summary>State of the deliveries, for a snapshot.</summary>
    public AtLeastOnceDeliverySnapshot GetDeliverySnapshot() => _delivery.GetDeliverySnapshot();

    /// <summary>Takes over the state of a snapshot.</summary>
    public void SetDeliverySnapshot(AtLeastOnceDeliverySnapshot snapshot) => _delivery.SetDeliverySnapshot(snapshot);

    /// <inheritdoc/>
    protected override void OnReplaySuccess()
    {
        _delivery.OnReplaySuccess();
        base.OnReplaySuccess();
    }

    /// <inheritdoc/>
    protected internal override bool AroundReceive(Receive receive, object message) => _delivery.AroundReceive(receive, message) || base.AroundReceive(receive, message);

    /// <inheritdoc/>
    public override void AroundPreRestart(Exception cause, object? message)
    {
        _delivery.Cancel();
        base.AroundPreRestart(cause, message);
    }

    /// <inheritdoc/>
    public override void AroundPostStop()
    {
        _delivery.Cancel();
        base.AroundPostStop();
    }
}
