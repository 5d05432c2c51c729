using System.Text.Json.Serialization;
using ClusterTransfer.Model.Control;

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

    /// <summary>Whether it was removed now; <see cref="Bytes"/> are free then.</summary>
    public bool Removed { get; init; }

    /// <summary>Why it could not be removed now, though nobody needs it; null when it was, or when that was not asked for.</summary>
    public Problem? Problem { get; init; }

    /// <summary>The place of what a source keeps.</summary>
    public const string Outgoing = "outgoing";
}

/// <summary>A page of what nodes keep.</summary>
public sealed record KeptPage : IJsonOnDeserialized
{
    /// <summary>The most that a page holds: it must fit a message, and what is removed must be in time for the answer.</summary>
    public const int MaxItems = 200;

    /// <summary>Version of this shape; changes only add.</summary>
    public int SchemaVersion { get; init => field = Math.Max(1, value); } = 1;

    /// <summary>The items of this page, by node, place and name. May be empty and still lead on.</summary>
    public required IReadOnlyList<KeptResource> Items { get; init; }

    /// <summary>Give this as <c>cursor</c> for the next page; null on the last.</summary>
    public string? NextCursor { get; init; }

    void IJsonOnDeserialized.OnDeserialized() => WholeList.Require(Items, nameof(Items));
}

/// <summary>A node is to remove what it keeps of these transfers.</summary>
/// <param name="Items">The transfers and places; at most <see cref="KeptPage.MaxItems"/>.</param>
public sealed record ForgetKept(IReadOnlyList<KeptKey> Items) : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => WholeList.Require(Items, nameof(Items));
}

/// <summary>What a node keeps of a transfer in one place.</summary>
/// <param name="Transfer">The transfer.</param>
/// <param name="Place">As <see cref="KeptResource.Place"/>.</param>
public sealed record KeptKey(TransferId Transfer, string Place);

/// <summary>What became of that, in the same order.</summary>
/// <param name="Items">One for each that was reached in time: the first one at least.</param>
/// <param name="NextCursor">When not all were: what the node lists from there on begins with the first that was not.</param>
public sealed record ForgottenKept(IReadOnlyList<ForgottenItem> Items, string? NextCursor = null) : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => WholeList.Require(Items, nameof(Items));
}

/// <summary>What became of one.</summary>
/// <param name="Bytes">What was removed of it, in bytes on the disk.</param>
/// <param name="Problem">Why it is there still; null when it is gone.</param>
public sealed record ForgottenItem(long Bytes, Problem? Problem = null);
