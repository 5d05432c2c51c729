namespace ClusterTransfer.Wire.Frames;

/// <summary>Why a chunk, a proof or a page was refused. The numbers are the wire form and are never reused.</summary>
public enum NackReason : ushort
{
    /// <summary>The digest of what arrived is another one: send again.</summary>
    Corrupt = 1,

    /// <summary>No such chunk, or a frame with a type or length that is not allowed.</summary>
    OutOfRange = 2,

    /// <summary>The payload's length is not the planned one.</summary>
    WrongLength = 3,

    /// <summary>The chunk is stored already, with another digest.</summary>
    Conflict = 4,

    /// <summary>The chunk's page is not accepted yet: send again after it is.</summary>
    NotReady = 5,

    /// <summary>A durable chunk was found damaged at recovery: send again.</summary>
    Lost = 6,

    /// <summary>No such session on this connection: prove it first.</summary>
    SessionUnknown = 7,

    /// <summary>The session proof is wrong.</summary>
    ProofRefused = 8,

    /// <summary>The page is invalid, or does not follow the last one.</summary>
    PageRefused = 9,

    /// <summary>The destination's disk reported an error.</summary>
    DiskError = 10,

    /// <summary>The destination has no space left.</summary>
    NoSpace = 11,

    /// <summary>A newer session has taken over.</summary>
    EpochTooOld = 12,

    /// <summary>The root of a whole file is not the one that FileDone gave.</summary>
    IntegrityFailure = 13,
}
