namespace ClusterTransfer.Actors.Persistence;

/// <summary>What comes back to a persistent actor from its journal and snapshot store.</summary>
internal static class JournalReplies
{
    public sealed record SnapshotLoaded(SelectedSnapshot? Selected);

    public sealed record EventsReplayed(IReadOnlyList<PersistedEvent> Events, long ToSequenceNr, long HighestSequenceNr);

    public sealed record RecoveryStepFailed(Exception Cause);

    public sealed record Written(Queue<PersistInvocation> Invocations);

    public sealed record WriteFailed(Queue<PersistInvocation> Invocations, Exception Cause);
}

/// <summary>A handler that waits for its event to be durable, with the message and sender that were current when it was given.</summary>
internal sealed record PersistInvocation(object Event, Action<object> Handler, bool IsPersistent, bool HoldsCommands, object? Message, IActorRef? Sender);
