using ClusterTransfer.Model;
using ClusterTransfer.Storage.Outgoing;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Chunks;

/// <summary>Messages of <see cref="ChunkActor"/>, and what it tells its session.</summary>
internal static class ChunkProtocol
{
    /// <summary>The destination has the chunk in memory or on disk and found it good.</summary>
    public sealed record Acknowledged
    {
        public static readonly Acknowledged Instance = new();
    }

    /// <summary>The destination refused the chunk.</summary>
    public sealed record Refused(NackReason Reason, string Detail, Digest Expected, Digest Actual)
    {
        /// <summary>Why, for people.</summary>
        public string Why => $"{Reason}: {Detail}";
    }

    public sealed record Moved(ChunkMove Move);

    public sealed record MoveFailed(Exception Error);

    /// <summary>Its last byte was handed to the socket, or will not be: then the connection ends.</summary>
    public sealed record HandedOver(bool IsWritten);

    /// <summary>It was recalled before it was written: a limit was lowered.</summary>
    public sealed record TakenBack
    {
        public static readonly TakenBack Instance = new();
    }

    public sealed record AckOverdue
    {
        public static readonly AckOverdue Instance = new();
    }

    /// <summary>To the session: the connection has taken the chunk, there is room for another.</summary>
    public sealed record Sent(ChunkIndex Chunk, Digest Digest, IReadOnlyList<EntryProblem> Absent);

    /// <summary>To the session: acknowledged; the chunk actor ends.</summary>
    public sealed record Settled(ChunkIndex Chunk);

    /// <summary>To the session: its connection ended under it. Send it again at once, it costs no attempt; the chunk actor ends.</summary>
    public sealed record Displaced(ChunkIndex Chunk);

    /// <summary>To the session: it said that it was sent, and was not, because its buffer was wanted. Send it again at once, it costs no attempt; the chunk actor ends.</summary>
    public sealed record Recalled(ChunkIndex Chunk);

    /// <summary>To the session: this attempt failed. Send it again after a pause; the chunk actor ends.</summary>
    public sealed record Again(ChunkIndex Chunk, int Attempts, string Why);

    /// <summary>To the session: the limit of attempts is reached; the chunk actor ends.</summary>
    public sealed record GivenUp(ChunkIndex Chunk, int Attempts, Refused Last);

    /// <summary>To the session: its file changed or cannot be read; the chunk actor ends.</summary>
    public sealed record Unreadable(ChunkIndex Chunk, Problem Problem);

    /// <summary>To the session: no acknowledgement came in time over this connection.</summary>
    public sealed record Overdue(ChunkIndex Chunk, int Connection, int Times);
}
