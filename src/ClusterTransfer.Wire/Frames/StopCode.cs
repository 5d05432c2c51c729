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
}
