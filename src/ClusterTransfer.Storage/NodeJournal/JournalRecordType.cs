namespace ClusterTransfer.Storage.NodeJournal;

/// <summary>Records of the node journal; <c>docs/recovery.md</c> says what each means and after what it may be written. Numbers are never reused.</summary>
internal enum JournalRecordType : byte
{
    Begun = 1,
    EpochRaised = 2,
    PageAccepted = 3,
    FoldersMerged = 4,
    Sealed = 5,
    ChunksDurable = 6,
    ChunksLost = 7,
    SourceDone = 8,
    FilesVerified = 9,
    FilesCompleted = 10,
    EntriesSettled = 11,
    Finished = 12,
    Cancelled = 13,
    Clean = 14,
    FilesUnverified = 15,
    FilesUndone = 16,
    RoundBegan = 17,
    PlacedBefore = 18,
    RoundBeganFor = 19,
}
