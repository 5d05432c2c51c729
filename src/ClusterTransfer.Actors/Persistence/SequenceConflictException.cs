namespace ClusterTransfer.Actors.Persistence;

/// <summary>Somebody else has written to the stream: the writer is not its owner any more and must stop and reload.</summary>
public sealed class SequenceConflictException : Exception
{
    /// <summary>Makes the exception for a stream.</summary>
    public SequenceConflictException(string persistenceId, long expectedSequenceNr, long actualSequenceNr)
        : base($"Stream '{persistenceId}' is at {actualSequenceNr}, expected {expectedSequenceNr}: another writer owns it.")
    {
        PersistenceId = persistenceId;
        ExpectedSequenceNr = expectedSequenceNr;
        ActualSequenceNr = actualSequenceNr;
    }

    /// <summary>Which stream.</summary>
    public string PersistenceId { get; }

    /// <summary>What the writer believed to be the highest stored sequence number.</summary>
    public long ExpectedSequenceNr { get; }

    /// <summary>What it is.</summary>
    public long ActualSequenceNr { get; }
}
