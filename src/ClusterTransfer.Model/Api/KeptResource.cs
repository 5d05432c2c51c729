using System.Text.Json.Serialization;

namespace ClusterTransfer.Model.Api;

/// <summary>Why something lies in a node's private folder of transfers.</summary>
[JsonConverter(typeof(EnumNameConverter<KeptReason>))]
public enum KeptReason
{
    /// <summary>The transfer has not ended.</summary>
    Running,

    /// <summary>It failed or was partly delivered and can be retried.</summary>
    Retryable,

    /// <summary>It has ended for good; the node has missed the word. Can be removed.</summary>
    Ended,

    /// <summary>The hub knows no such transfer. Can be removed; goes by itself once nothing was written for <c>transfers.keep-failed</c>.</summary>
    Unknown,

    /// <summary>It is not of ClusterTransfer; never touched.</summary>
    Foreign,
}

/// <summary>Something that a node keeps of a transfer, or found beside.</summary>
public sealed record KeptResource
{
    /// <summary>The node.</summary>
    public required NodeId Node { get; init; }

    /// <summary>Where: <c>outgoing</c> for the lists of a source, else the location with its colon, for what a destination has staged.</summary>
    public required string Place { get; init; }

    /// <summary>Name of the folder or file there, escaped; one that is not of ClusterTransfer is cut to 100 characters.</summary>
    public required string Name { get; init; }

    /// <summary>The transfer it is of.</summary>
    public TransferId? Transfer { get; init; }

    /// <summary>The state that transfer is in, when the hub knows it.</summary>
    public TransferState? State { get; init; }

    /// <summary>What it takes on the disk, in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>When anything of it was written last, by the node's clock.</summary>
    public required DateTimeOffset LastWrittenAt { get; init; }

    /// <summary>Why it is there.</summary>
    public required KeptReason Why { get; init; }

    /// <summary>Whether its node was asked now to remove it; it does so unless a session has opened it meanwhile.</summary>
    public bool Removed { get; init; }

    /// <summary>The most that one list holds, the oldest: it must fit a message.</summary>
    public const int MaxListed = 1000;

    /// <summary>The place of what a source keeps.</summary>
    public const string Outgoing = "outgoing";
}
