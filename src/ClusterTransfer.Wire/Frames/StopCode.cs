namespace ClusterTransfer.Wire.Frames;

/// <summary>How a session ended. The numbers are the wire form.</summary>
public enum StopCode : byte
{
    /// <summary>Every entry has its outcome.</summary>
    Completed = 1,

    /// <summary>Ended on request; it does not come back.</summary>
    Cancelled = 2,

    /// <summary>Ended for now; a later session continues.</summary>
    Suspended = 3,

    /// <summary>Ended by a failure; the reason says whether a later session may continue.</summary>
    Failed = 4,

    /// <summary>Will end for now: the source begins no other chunk, what is on its way is still taken, and its own Stop ends the session.</summary>
    Drain = 5,
}
