using System.Text.Json.Serialization;

namespace ClusterTransfer.Model;

/// <summary>Why something was refused, waits or failed. The codes are stable: scripts may compare them.</summary>
/// <remarks><see cref="ReasonCatalogue"/> has the code of each.</remarks>
[JsonConverter(typeof(ReasonJsonConverter))]
public enum Reason
{
    /// <summary>No reason: all is well.</summary>
    None,

    /// <summary>Something nobody foresaw; the log has the details.</summary>
    Unclassified,

    /// <summary>The request is malformed.</summary>
    InvalidRequest,

    /// <summary>No location of that name is known.</summary>
    LocationUnknown,

    /// <summary>No transfer of that id is known.</summary>
    TransferUnknown,

    /// <summary>No file or folder of that name.</summary>
    PathNotFound,

    /// <summary>Neither a regular file, a folder nor a link, so it cannot be copied.</summary>
    NotCopyable,

    /// <summary>The node that serves a location is not connected.</summary>
    NodeUnreachable,

    /// <summary>The hub, which keeps the transfers, cannot be reached from this node.</summary>
    HubUnreachable,

    /// <summary>A session ended early and is tried again.</summary>
    SessionLost,

    /// <summary>A chunk arrived damaged more often than the retry limit allows.</summary>
    ChunkCorrupt,

    /// <summary>A chunk was sent as often as the retry limit allows and never acknowledged.</summary>
    ChunkUnanswered,

    /// <summary>The whole file's digest is not the source's.</summary>
    IntegrityFailure,

    /// <summary>No or a wrong token.</summary>
    NotAuthenticated,

    /// <summary>The token or the file mode does not allow it.</summary>
    NotPermitted,

    /// <summary>A limit of this node or transfer is reached.</summary>
    LimitReached,

    /// <summary>The destination has not enough free space.</summary>
    NoSpace,

    /// <summary>The destination's file system grants this node's user no more.</summary>
    QuotaExceeded,

    /// <summary>The destination's file system holds no file of that size.</summary>
    FileTooBig,

    /// <summary>The name is taken at the destination.</summary>
    DestinationExists,

    /// <summary>The name cannot exist at the destination.</summary>
    NameRefused,

    /// <summary>The destination cannot be written.</summary>
    DestinationNotWritable,

    /// <summary>The source file changed while it was read.</summary>
    SourceChanged,

    /// <summary>The source file cannot be read.</summary>
    SourceUnreadable,

    /// <summary>A disk reported an error.</summary>
    DiskError,

    /// <summary>A peer's certificate or node name is not the expected one.</summary>
    IdentityRefused,

    /// <summary>The two ends speak no common version.</summary>
    VersionMismatch,

    /// <summary>A peer broke the protocol.</summary>
    ProtocolViolation,

    /// <summary>A newer session or coordinator has taken over.</summary>
    Superseded,

    /// <summary>Ended on request.</summary>
    Cancelled,

    /// <summary>The operation does not fit the state the transfer is in.</summary>
    WrongState,

    /// <summary>All transfers hold, because somebody paused the queue.</summary>
    QueuePaused,

    /// <summary>The idempotency key was used with another body.</summary>
    KeyReused,

    /// <summary>Not all the data connections of a strict transfer could be had.</summary>
    ConnectionsMissing,

    /// <summary>A session moved too little for too long although both ends were there.</summary>
    NoProgress,

    /// <summary>A wait ran out of time; the transfer still runs.</summary>
    TimedOut,

    /// <summary>Some files were not delivered; each is listed.</summary>
    PartlyDelivered,
}

/// <summary>How an error is treated: retries happen only for transient ones, always within a budget.</summary>
public enum ReasonClass
{
    /// <summary>Repeating does not help; a person must act.</summary>
    Permanent,

    /// <summary>Repeating later may help.</summary>
    Transient,

    /// <summary>The process must not go on.</summary>
    Fatal,
}
