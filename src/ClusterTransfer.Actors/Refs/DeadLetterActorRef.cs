namespace ClusterTransfer.Actors;

/// <summary>Takes what nobody received and publishes it on the event stream.</summary>
internal sealed class DeadLetterActorRef(ActorSystem system, ActorPath path) : InternalActorRef
{
    public override ActorPath Path { get; } = path;

    public override bool IsTerminated => false;

    public override void SendSystemMessage(SystemMessage message) => AnswerForTheDead(this, message);

    protected override void TellInternal(object message, IActorRef? sender) => system.PublishDeadLetter(message, sender, this);
}
