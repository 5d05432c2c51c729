namespace ClusterTransfer.Actors;

/// <summary>Base of what is published for messages their recipients did not get: subscribe to it to see all of them.</summary>
/// <param name="Message">The message.</param>
/// <param name="Sender">Who sent it; dead letters when nobody did.</param>
/// <param name="Recipient">Whom it was meant for.</param>
public abstract record AllDeadLetters(object Message, IActorRef Sender, IActorRef Recipient);

/// <summary>A message its recipient did not get, published on the event stream.</summary>
public sealed record DeadLetter(object Message, IActorRef Sender, IActorRef Recipient)
    : AllDeadLetters(Message, Sender, Recipient);

/// <summary>The same for messages whose loss is normal (<see cref="IDeadLetterSuppression"/>).</summary>
public sealed record SuppressedDeadLetter(object Message, IActorRef Sender, IActorRef Recipient)
    : AllDeadLetters(Message, Sender, Recipient);

/// <summary>A message that reached an actor which does not handle it in its present state, published on the event stream.</summary>
/// <param name="Message">The message.</param>
/// <param name="Sender">Who sent it.</param>
/// <param name="Recipient">Who did not handle it.</param>
public sealed record UnhandledMessage(object Message, IActorRef Sender, IActorRef Recipient);
