namespace ClusterTransfer.Journal;

/// <summary>Limits of the SQLite journal.</summary>
public sealed record SqliteJournalOptions
{
    /// <summary>Writes that may wait for the writer; further callers wait for room. Default 1,024.</summary>
    public int WriteQueueLength { get; init; } = 1024;

    /// <summary>Writes that share one transaction, and so one flush. Default 128: at 5 ms a flush that is 25,600 writes a second.</summary>
    public int MaxBatch { get; init; } = 128;

    /// <summary>Reads that may wait for a reader. Default 1,024.</summary>
    public int ReadQueueLength { get; init; } = 1024;

    /// <summary>Threads and connections that read. Default 2.</summary>
    public int Readers { get; init; } = 2;

    /// <summary>How long SQLite waits for a lock of another process, a backup for example, before it reports busy. Default 10 s.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After an unclean stop a database up to this size in bytes is checked whole before it is used. Default 1 GiB: a few seconds of reading.</summary>
    public long MaxCheckedSize { get; init; } = 1024L * 1024 * 1024;
}
