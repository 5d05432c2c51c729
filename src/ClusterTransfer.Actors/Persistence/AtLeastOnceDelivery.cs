namespace ClusterTransfer.Actors.Persistence;

/// <summary>A message that was sent and not confirmed.</summary>
/// <param name="DeliveryId">Its number.</param>
/// <param name="Destination">Whom it is for.</param>
/// <param name="Message">The message.</param>
public sealed record UnconfirmedDelivery(long DeliveryId, ActorPath Destination, object Message);

/// <summary>Sent to the actor itself: these were sent as often as <see cref="AtLeastOnceDeliverySemantic.WarnAfterNumberOfUnconfirmedAttempts"/> says and are not confirmed. They go on being sent.</summary>
public sealed record UnconfirmedWarning(UnconfirmedDelivery[] UnconfirmedDeliveries);

/// <summary>State of the deliveries, to be kept in the actor's snapshot.</summary>
/// <param name="CurrentDeliveryId">The last number given.</param>
/// <param name="UnconfirmedDeliveries">What is not confirmed.</param>
public sealed record AtLeastOnceDeliverySnapshot(long CurrentDeliveryId, UnconfirmedDelivery[] UnconfirmedDeliveries);

/// <summary>Too many deliveries are not confirmed; this one was not taken.</summary>
public sealed class MaxUnconfirmedMessagesExceededException(string message) : Exception(message);
