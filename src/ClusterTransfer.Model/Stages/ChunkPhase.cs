namespace ClusterTransfer.Model.Stages;

/// <summary>Where a chunk is at one end of a session, or what a place for one is empty for; see <see cref="StageClock"/>.</summary>
public enum ChunkPhase
{
    /// <summary>Source: waits until the transfer's limit lets it begin.</summary>
    Throttle,

    /// <summary>Source: waits for a buffer.</summary>
    Buffer,

    /// <summary>Source: waits for a worker.</summary>
    Worker,

    /// <summary>Source: is read.</summary>
    Read,

    /// <summary>Source: is hashed.</summary>
    Hash,

    /// <summary>Source: is compressed.</summary>
    Compress,

    /// <summary>Source: waits for its connection.</summary>
    Line,

    /// <summary>Source: is written to its connection.</summary>
    Send,

    /// <summary>Source: of <see cref="Send"/>, the time in which it was sealed.</summary>
    Seal,

    /// <summary>Source: in the middle of being written it waits for the limit.</summary>
    Pace,

    /// <summary>Source: was taken from the list and not answered yet; all of the above included.</summary>
    Flight,

    /// <summary>Source: a place that is empty because the window is full.</summary>
    Window,

    /// <summary>Source: a place that is empty because the list of files is behind.</summary>
    List,

    /// <summary>Destination: waits for a worker.</summary>
    Turn,

    /// <summary>Destination: is restored and hashed.</summary>
    Verify,

    /// <summary>Destination: is written.</summary>
    Write,

    /// <summary>Destination: its acknowledgement is held back while the disk flushes.</summary>
    Flush,
}
