namespace ClusterTransfer.Actors;

/// <summary>A message its recipient did not get, published on the event stream.</summary>
/// <param name="Message">The message.</param>
/// <param name="Sender">Who sent it; dead letters when nobody did.</param>
/// <param name="Recipient">Whom it was meant for.</param>
public sealed record DeadLetter(object Message, IActorRef Sender, IActorRef Recipient);

/// <summary>A message that reached an actor which does not handle it in its present state, published on the event stream.</summary>
/// <param name="Message">The message.</param>
/// <param name="Sender">Who sent it.</param>
/// <param name="Recipient">Who did not handle it.</param>
public sealed record UnhandledMessage(object Message, IActorRef Sender, IActorRef Recipient);
