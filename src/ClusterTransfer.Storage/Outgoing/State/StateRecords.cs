using ClusterTransfer.Model;
using ClusterTransfer.Storage.Outgoing.Scanning;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Outgoing.State;

/// <summary>Payloads of the records in a source's log; the first byte says which.</summary>
internal enum StateRecordType : byte
{
    /// <summary>What is copied, so that a state folder is never used for something else.</summary>
    Start = 1,

    /// <summary>Issues found, a page of entries or none, and how far the scan came with them.</summary>
    Batch = 2,

    /// <summary>The end of the scan.</summary>
    Seal = 3,

    /// <summary>Files given up because of a chunk, in a log of their own.</summary>
    Parked = 4,
}

/// <summary>What is copied.</summary>
internal sealed record StartRecord(string Location, SafeRelativePath Root, SafeRelativePath ResultName, int BaseChunkSize);

/// <summary>A persisted part of the scan.</summary>
/// <param name="Position">How far the scan came with this part.</param>
/// <param name="Page">What the page holds; null when there were only issues.</param>
/// <param name="Issues">Issues found since the part before.</param>
internal sealed record BatchRecord(ScanPosition Position, PageSummary? Page, IReadOnlyList<FileIssue> Issues);

/// <summary>What is kept in memory of each page.</summary>
/// <param name="Number">Its place, from 0.</param>
/// <param name="FirstEntry">Its first entry.</param>
/// <param name="EntryCount">Entries in it.</param>
/// <param name="FirstChunk">Its first chunk.</param>
/// <param name="ChunkCount">Chunks in it.</param>
/// <param name="Files">Files in it.</param>
/// <param name="Bytes">Sum of their sizes.</param>
/// <param name="Hash">Hash of the encoded page.</param>
/// <param name="Length">Bytes of the encoded page.</param>
internal sealed record PageSummary(
    int Number, uint FirstEntry, int EntryCount, uint FirstChunk, int ChunkCount, int Files, long Bytes, Digest Hash, int Length);
