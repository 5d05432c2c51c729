namespace ClusterTransfer.Actors.Persistence;

/// <summary>An event as it was stored: its place in the stream, from 1, and what was persisted.</summary>
public readonly record struct PersistedEvent(long SequenceNr, object Payload);
