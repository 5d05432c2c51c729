namespace ClusterTransfer.Actors;

/// <summary>Reference of an actor of this process.</summary>
internal sealed class LocalActorRef(ActorCell cell, ActorPath path) : InternalActorRef
{
    public ActorCell Cell { get; } = cell;

    public override ActorPath Path { get; } = path;

    public override bool IsTerminated => Cell.Mailbox.IsClosed;

    public override void SendSystemMessage(SystemMessage message)
    {
        if (!Cell.Mailbox.PostSystem(message)) { AnswerForTheDead(this, message); }
    }

    protected override void TellInternal(object message, IActorRef? sender)
    {
        int limit = Cell.Props.MailboxLimit;
        if (limit > 0 && Cell.Mailbox.Depth >= limit && message is not IAutoReceivedMessage)
        {
            Cell.System.PublishDeadLetter(message, sender, this);
            return;
        }
        Post(message, sender);
    }

    /// <summary>Delivers whatever the mailbox limit says; for the kernel's own messages.</summary>
    public void Post(object message, IActorRef? sender)
    {
        if (!Cell.Mailbox.Post(message, sender)) { Cell.System.PublishDeadLetter(message, sender, this); }
    }
}
