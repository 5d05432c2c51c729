namespace ClusterTransfer.Actors;

/// <summary>Well-known references.</summary>
public static class ActorRefs
{
    /// <summary>A reference nobody is behind; what <c>Context.Child</c> returns for an unknown name.</summary>
    public static readonly IActorRef Nobody = new NobodyActorRef();

    /// <summary>No sender: answers go to dead letters.</summary>
    public static readonly IActorRef? NoSender;

    /// <summary>Whether this is null or <see cref="Nobody"/>.</summary>
    public static bool IsNobody(this IActorRef? actorRef) => actorRef is null or NobodyActorRef;
}
