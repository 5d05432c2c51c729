using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterTransfer.Journal;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>What the coordinator journals, in the past tense. A type's name and version in the journal never change; new fields are optional.</summary>
internal static class TransferEvents
{
    /// <summary>The user's request was accepted.</summary>
    public sealed record Submitted(TransferId Id, TransferRequest Request, string ResultName, DateTimeOffset At);

    /// <summary>A session was given to a pair of nodes. Journaled before the nodes hear of it.</summary>
    public sealed record SessionGiven(
        Epoch Epoch,
        SessionId SessionId,
        byte[] Secret,
        NodeId Source,
        Incarnation SourceIncarnation,
        NodeId Destination,
        Incarnation DestinationIncarnation,
        IReadOnlyList<string> DataAddresses,
        DateTimeOffset At) : IJsonOnDeserialized
    {
        void IJsonOnDeserialized.OnDeserialized() => WholeList.Require(DataAddresses, nameof(DataAddresses));
    }

    /// <summary>Both ends opened: for the first time, or after a session that broke.</summary>
    public sealed record Started(DateTimeOffset At);

    /// <summary>The current session is over before its time; another follows, above <paramref name="Refused"/> where a node knew of a higher epoch than ours.</summary>
    public sealed record SessionBroken(Epoch Epoch, Problem Problem, long BytesSent, long ChunksRetried, DateTimeOffset At, Epoch? Refused = null);

    /// <summary>The user asked to hold.</summary>
    public sealed record PauseRequested(DateTimeOffset At);

    /// <summary>Both ends have closed the session of a transfer that is to hold.</summary>
    public sealed record SessionParked(Epoch Epoch, long BytesSent, long ChunksRetried, DateTimeOffset At);

    /// <summary>The user asked to go on.</summary>
    public sealed record ResumeRequested(DateTimeOffset At);

    /// <summary>The user asked that it sends that fast at most; null for no limit.</summary>
    public sealed record LimitChanged(long? Limit, DateTimeOffset At)
    {
        // No limit is written as nothing; without this it would be missed.
        [JsonConstructor]
        internal LimitChanged(DateTimeOffset at, long? limit = null)
            : this(limit, at)
        {
        }
    }

    /// <summary>The user asked to take up again what had ended; <paramref name="Rescan"/>: with a new list of the source; <paramref name="Files"/>: only these, all where it is null.</summary>
    public sealed record RetryRequested(bool Rescan, DateTimeOffset At, IReadOnlyList<string>? Files = null) : IJsonOnDeserialized
    {
        void IJsonOnDeserialized.OnDeserialized() => WholeList.Require(Files, nameof(Files));
    }

    /// <summary>The user asked for the end.</summary>
    public sealed record CancelRequested(DateTimeOffset At);

    /// <summary>The user asked that all transfers hold; in the stream of the queue.</summary>
    public sealed record QueuePaused(DateTimeOffset At);

    /// <summary>The user asked that all transfers go on; in the stream of the queue.</summary>
    public sealed record QueueResumed(DateTimeOffset At);

    /// <summary>The user asked that a node sends that fast at most, in all or to another; null for no limit; in the stream of the nodes' limits.</summary>
    public sealed record NodeLimitSet(NodeId Node, DateTimeOffset At, NodeId? Peer = null, long? Limit = null);

    /// <summary>The user asked that what the node is configured with holds again; in the same stream.</summary>
    public sealed record NodeLimitSetBack(NodeId Node, DateTimeOffset At, NodeId? Peer = null);

    /// <summary>The source gave up files because of a chunk. Journaled as it says so, with the evidence: what it says at its end may never come.</summary>
    public sealed record FilesParked(IReadOnlyList<FileIssue> Issues, DateTimeOffset At) : IJsonOnDeserialized
    {
        void IJsonOnDeserialized.OnDeserialized() => WholeList.Require(Issues, nameof(Issues));
    }

    /// <summary>The destination has given every entry its outcome; only the source's report is awaited.</summary>
    public sealed record DestinationDone(Epoch Epoch, TransferProgress Progress, IReadOnlyList<FileIssue> Issues, DateTimeOffset At) : IJsonOnDeserialized
    {
        void IJsonOnDeserialized.OnDeserialized() => WholeList.Require(Issues, nameof(Issues));
    }

    /// <summary>The end, unless it is retried. <paramref name="CountsUnknown"/>: the destination may hold more than the counts say, because a hub that had just started never heard its report.</summary>
    public sealed record Ended(TransferState State, Problem? Problem, TransferProgress Progress, IReadOnlyList<FileIssue> Issues, DateTimeOffset At, bool? CountsUnknown = null)
        : IJsonOnDeserialized
    {
        // A transfer that ended well has no problem, and nothing that is null is written; without this it would be missed.
        [JsonConstructor]
        internal Ended(
            TransferState state, TransferProgress progress, IReadOnlyList<FileIssue> issues, DateTimeOffset at, Problem? problem = null, bool? countsUnknown = null)
            : this(state, problem, progress, issues, at, countsUnknown)
        {
        }

        void IJsonOnDeserialized.OnDeserialized() => WholeList.Require(Issues, nameof(Issues));
    }

    /// <summary>The closed registry of event types.</summary>
    public static JournalTypes Register(JournalTypes types) => types
        .Add("transfer-submitted", 1, TransferEventsJson.Default.Submitted)
        .Add("session-given", 1, TransferEventsJson.Default.SessionGiven)
        .Add("transfer-started", 1, TransferEventsJson.Default.Started)
        .Add("session-broken", 1, TransferEventsJson.Default.SessionBroken)
        .Add("cancel-requested", 1, TransferEventsJson.Default.CancelRequested)
        .Add("pause-requested", 1, TransferEventsJson.Default.PauseRequested)
        .Add("session-parked", 1, TransferEventsJson.Default.SessionParked)
        .Add("resume-requested", 1, TransferEventsJson.Default.ResumeRequested)
        .Add("limit-changed", 1, TransferEventsJson.Default.LimitChanged)
        .Add("retry-requested", 1, TransferEventsJson.Default.RetryRequested)
        .Add("queue-paused", 1, TransferEventsJson.Default.QueuePaused)
        .Add("queue-resumed", 1, TransferEventsJson.Default.QueueResumed)
        .Add("node-limit-set", 1, TransferEventsJson.Default.NodeLimitSet)
        .Add("node-limit-set-back", 1, TransferEventsJson.Default.NodeLimitSetBack)
        .Add("files-parked", 1, TransferEventsJson.Default.FilesParked)
        .Add("destination-done", 1, TransferEventsJson.Default.DestinationDone)
        .Add("transfer-ended", 1, TransferEventsJson.Default.Ended);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = 32, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TransferEvents.Submitted))]
[JsonSerializable(typeof(TransferEvents.SessionGiven))]
[JsonSerializable(typeof(TransferEvents.Started))]
[JsonSerializable(typeof(TransferEvents.SessionBroken))]
[JsonSerializable(typeof(TransferEvents.CancelRequested))]
[JsonSerializable(typeof(TransferEvents.PauseRequested))]
[JsonSerializable(typeof(TransferEvents.SessionParked))]
[JsonSerializable(typeof(TransferEvents.ResumeRequested))]
[JsonSerializable(typeof(TransferEvents.LimitChanged))]
[JsonSerializable(typeof(TransferEvents.RetryRequested))]
[JsonSerializable(typeof(TransferEvents.QueuePaused))]
[JsonSerializable(typeof(TransferEvents.QueueResumed))]
[JsonSerializable(typeof(TransferEvents.NodeLimitSet))]
[JsonSerializable(typeof(TransferEvents.NodeLimitSetBack))]
[JsonSerializable(typeof(TransferEvents.FilesParked))]
[JsonSerializable(typeof(TransferEvents.DestinationDone))]
[JsonSerializable(typeof(TransferEvents.Ended))]
internal sealed partial class TransferEventsJson : JsonSerializerContext;
