using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>Results of the blocking steps and of the chunk workers of <see cref="DestinationSession"/>.</summary>
internal static class DestinationProtocol
{
    public sealed record Opened(IncomingTransfer Incoming);

    /// <summary>A worker has dealt with a chunk.</summary>
    public sealed record ChunkHandled(ConnectionHandle From, ChunkIndex Chunk, int Length, Digest Expected, ChunkWrite Result);

    /// <summary>A checkpoint takes so long that acknowledgements are sent without it.</summary>
    public sealed record CheckpointSlow
    {
        public static readonly CheckpointSlow Instance = new();
    }

    /// <summary>A page is accepted, or was before: what of it is held already, and which files are final.</summary>
    public sealed record PageAnswered(ConnectionHandle From, int Page, HaveBits Held, IReadOnlyList<EntryIndex> Final);

    /// <summary>A page came before its predecessor, or is asked about before it was sent.</summary>
    public sealed record PageEarly(ConnectionHandle From, EntryIndex Page);

    public sealed record PageRefused(Problem Problem);

    public sealed record StepDone
    {
        public static readonly StepDone Instance = new();
    }

    public sealed record CheckpointDone(Checkpoint Checkpoint);

    /// <summary>The source vouched for files, and the store knows.</summary>
    public sealed record FilesVouchedFor(IReadOnlyList<EntryIndex> Entries);

    /// <summary>What was ready is published; which of the files that were vouched for have their outcome, whichever.</summary>
    public sealed record Published(Checkpoint Outcome, IReadOnlyList<EntryIndex> Final);

    /// <summary>Some durable chunks were re-hashed after an unclean stop.</summary>
    public sealed record Reverified(IReadOnlyList<ChunkIndex> Lost, bool More);

    public sealed record Finished
    {
        public static readonly Finished Instance = new();
    }

    /// <summary>Not all of the end could be published, because that must not be now.</summary>
    public sealed record FinishHeld
    {
        public static readonly FinishHeld Instance = new();
    }

    public sealed record Cancelled
    {
        public static readonly Cancelled Instance = new();
    }

    public sealed record CheckpointDue
    {
        public static readonly CheckpointDue Instance = new();
    }
}
