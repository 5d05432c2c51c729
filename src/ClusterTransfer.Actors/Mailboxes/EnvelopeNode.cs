namespace ClusterTransfer.Actors;

/// <summary>One message in a mailbox: the single allocation of a tell.</summary>
internal sealed class EnvelopeNode(object message, IActorRef? sender)
{
    public readonly object Message = message;
    public readonly IActorRef? Sender = sender;
    public EnvelopeNode? Next;

    /// <summary>Messages in the stack below and including this one, so that depth costs no second atomic operation.</summary>
    public int Depth;
}
