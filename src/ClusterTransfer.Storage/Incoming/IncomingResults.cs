using ClusterTransfer.Model;
using ClusterTransfer.Storage.NodeJournal;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>Answer to a manifest page.</summary>
/// <param name="FirstChunk">First chunk of the page.</param>
/// <param name="ChunkCount">Chunks of the page.</param>
/// <param name="Problem">Why it was refused; then nothing was changed.</param>
public readonly record struct PageResult(ChunkIndex FirstChunk, int ChunkCount, Problem? Problem)
{
    /// <summary>Whether the page is journaled.</summary>
    public bool IsAccepted => Problem is null;
}

/// <summary>What is not needed of a page. Bit i of byte i/8, lowest first: the chunk is durable or not wanted.</summary>
public sealed record HaveBits(int Page, uint FirstChunk, int Count, byte[] Bits);

/// <summary>What became of a chunk.</summary>
public enum ChunkWriteOutcome
{
    /// <summary>Written; durable with the next checkpoint.</summary>
    Stored,

    /// <summary>Here already with the same digest; nothing was written.</summary>
    Duplicate,

    /// <summary>The bytes do not have the digest; nothing was written.</summary>
    Corrupt,

    /// <summary>Here already with another digest; nothing was written.</summary>
    Conflict,

    /// <summary>No such chunk in the accepted pages, or an absent member that is not in the pack.</summary>
    OutOfRange,

    /// <summary>Not as many bytes as planned.</summary>
    WrongLength,

    /// <summary>Its file has an outcome already, or the transfer has ended; dropped.</summary>
    NotWanted,

    /// <summary>The disk refused; see the problem.</summary>
    Failed,
}

/// <summary>Answer to a chunk.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Actual">For corrupt ones the digest of what arrived, for conflicts the digest of what is stored.</param>
/// <param name="IsDurable">Whether the chunk needs no checkpoint any more.</param>
/// <param name="Problem">Why it failed.</param>
public readonly record struct ChunkWrite(ChunkWriteOutcome Outcome, Digest Actual = default, bool IsDurable = false, Problem? Problem = null);

/// <summary>A file under its final name, flushed and journaled.</summary>
/// <param name="Entry">Which.</param>
/// <param name="Path">Its path in the transfer.</param>
/// <param name="Size">Bytes; 0 for a link.</param>
public readonly record struct PublishedFile(EntryIndex Entry, SafeRelativePath Path, long Size);

/// <summary>What a checkpoint made true.</summary>
/// <param name="Durable">Chunks that are durable now: acknowledge them.</param>
/// <param name="Lost">Chunks whose staged file could not be flushed: they must be sent again.</param>
/// <param name="Published">Small files that were published.</param>
/// <param name="Issues">Files that got another outcome.</param>
public sealed record Checkpoint(
    IReadOnlyList<ChunkIndex> Durable, IReadOnlyList<ChunkRange> Lost, IReadOnlyList<PublishedFile> Published, IReadOnlyList<FileIssue> Issues);

/// <summary>What opening found; docs/recovery.md names the rows.</summary>
public sealed record RecoveryReport
{
    /// <summary>Whether nothing was known of the transfer here.</summary>
    public bool IsNew { get; init; }

    /// <summary>Whether the process before ended with <see cref="IncomingTransfer.Close"/>, so that nothing needs to be hashed again.</summary>
    public bool WasClean { get; init; }

    /// <summary>Whether an unfinished append was cut off.</summary>
    public bool TailCut { get; init; }

    /// <summary>Whether the journal was damaged and mended.</summary>
    public bool JournalDamaged { get; init; }

    /// <summary>Durable chunks whose staged file is gone or not as we left it.</summary>
    public long ChunksLost { get; init; }

    /// <summary>Verified files that recovery published or found published.</summary>
    public int FilesPublished { get; init; }

    /// <summary>Staged files that nothing in the journal vouches for; removed.</summary>
    public int StrayFilesRemoved { get; init; }

    /// <summary>Durable chunks that <see cref="IncomingTransfer.VerifyNext"/> will hash again.</summary>
    public long ChunksToVerify { get; init; }
}
