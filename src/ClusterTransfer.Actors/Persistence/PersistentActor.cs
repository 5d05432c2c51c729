namespace ClusterTransfer.Actors.Persistence;

/// <summary>A persistent actor whose methods say whether they handled what they were given.</summary>
public abstract class PersistentActor : Eventsourced;
