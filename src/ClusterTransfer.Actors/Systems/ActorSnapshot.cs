namespace ClusterTransfer.Actors;

/// <summary>One actor as an operator sees it at one moment, with everything below it.</summary>
/// <param name="Path">Such as <c>/user/a/b</c>.</param>
/// <param name="Type">Name of the actor's class.</param>
/// <param name="State">Name of the behaviour method last given to <c>Become</c>; <c>Running</c> before that.</param>
/// <param name="MailboxDepth">Messages that wait, without the stash.</param>
/// <param name="Restarts">Restarts since the actor was made.</param>
/// <param name="LastFailure">Type and message of its last failure; null when it never failed.</param>
/// <param name="Children">Its children.</param>
public sealed record ActorSnapshot(string Path, string Type, string State, int MailboxDepth, int Restarts, string? LastFailure, IReadOnlyList<ActorSnapshot> Children);
