using System.Text.Json.Serialization;

namespace ClusterTransfer.Model;

/// <summary>Where a transfer is on its way. The same names in code, journal, API, CLI and dashboard.</summary>
[JsonConverter(typeof(EnumNameConverter<TransferState>))]
public enum TransferState
{
    /// <summary>Accepted and journaled; no session yet.</summary>
    Queued,

    /// <summary>A session is being opened at source and destination.</summary>
    Negotiating,

    /// <summary>Bytes move.</summary>
    Active,

    /// <summary>All files have an outcome; folders get their metadata and the outcome is being recorded.</summary>
    Finishing,

    /// <summary>Everything was published at the requested durability.</summary>
    Completed,

    /// <summary>Some files were published, others were skipped or parked; each is listed with its reason.</summary>
    Partial,

    /// <summary>Nothing more will happen without a person.</summary>
    Failed,

    /// <summary>Ended by request; files published before stay.</summary>
    Cancelled,
}

/// <summary>What the user wants of a transfer, beside the state it is in.</summary>
[JsonConverter(typeof(EnumNameConverter<DesiredState>))]
public enum DesiredState
{
    /// <summary>Go on until it ends.</summary>
    Run,

    /// <summary>Hold at the next safe point.</summary>
    Pause,

    /// <summary>End it.</summary>
    Cancel,
}

/// <summary>Where one file is on its way.</summary>
[JsonConverter(typeof(EnumNameConverter<FileState>))]
public enum FileState
{
    /// <summary>Listed; nothing sent yet.</summary>
    Pending,

    /// <summary>Some of its chunks are on the way or have arrived.</summary>
    Transferring,

    /// <summary>All bytes are here; late frames are dropped, writers end.</summary>
    Draining,

    /// <summary>Metadata set, flushed, root compared.</summary>
    Verifying,

    /// <summary>Being renamed to its final name.</summary>
    Publishing,

    /// <summary>Under its final name and durable.</summary>
    Published,

    /// <summary>Left alone by policy, with a reason.</summary>
    Skipped,

    /// <summary>Cannot go on, with a reason and evidence; a person can take it up again.</summary>
    Parked,
}

/// <summary>What happens when the name at the destination is taken.</summary>
[JsonConverter(typeof(EnumNameConverter<ConflictPolicy>))]
public enum ConflictPolicy
{
    /// <summary>A single file fails; in a tree the file is skipped and the rest goes on.</summary>
    Fail,

    /// <summary>The existing file is replaced atomically.</summary>
    Overwrite,

    /// <summary>The existing file stays; this is not an error.</summary>
    Skip,
}

/// <summary>When a file counts as delivered. The flush before the rename holds at every level.</summary>
[JsonConverter(typeof(EnumNameConverter<DurabilityLevel>))]
public enum DurabilityLevel
{
    /// <summary>Reported once its bytes were received, checked and flushed under a staging name and renamed.</summary>
    Received,

    /// <summary>And its folder flushed.</summary>
    Flushed,

    /// <summary>And its bytes read back from disk and hashed again before the rename.</summary>
    Verified,
}
