namespace ClusterTransfer.Storage.Locations;

/// <summary>How the bytes of large files get to a location's disk. Both are flushed alike before anything is promised.</summary>
public enum WriteMode
{
    /// <summary>Whole blocks go past the page cache (O_DIRECT): no copy, and no pages to find. Where the file system refuses that, as <see cref="Buffered"/>.</summary>
    Direct,

    /// <summary>Through the page cache: for file systems that compress or checksum only what passes it, and when the files are read again at once.</summary>
    Buffered,
}
