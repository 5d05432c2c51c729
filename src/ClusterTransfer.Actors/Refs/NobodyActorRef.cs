namespace ClusterTransfer.Actors;

/// <summary>The reference that stands for no actor: everything sent to it vanishes.</summary>
internal sealed class NobodyActorRef : InternalActorRef
{
    public override ActorPath Path { get; } = new RootActorPath(Address.AllSystems) / "Nobody";

    public override bool IsTerminated => true;

    public override void SendSystemMessage(SystemMessage message) => AnswerForTheDead(this, message);

    protected override void TellInternal(object message, IActorRef? sender)
    {
        // Nobody listens, by definition.
    }
}
