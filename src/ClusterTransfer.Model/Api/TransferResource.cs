using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Model.Stages;

namespace ClusterTransfer.Model.Api;

/// <summary>Body of <c>POST /api/v1/transfers</c>.</summary>
public sealed record SubmitTransfer
{
    /// <summary>Makes a body with the defaults.</summary>
    public SubmitTransfer()
    {
    }

    // Without it the serializer would set what a body leaves out to zero instead of its default.
    [JsonConstructor]
    internal SubmitTransfer(
        ConflictPolicy conflict = ConflictPolicy.Fail,
        DurabilityLevel durability = DurabilityLevel.Flushed,
        ConnectionPolicy connectionPolicy = ConnectionPolicy.Flexible)
    {
        Conflict = conflict;
        Durability = durability;
        ConnectionPolicy = connectionPolicy;
    }

    /// <summary>What to copy, as <c>location:path</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The folder it goes into, as <c>location:path</c>; created if missing.</summary>
    public required string Destination { get; init; }

    /// <summary>Name of the result; null keeps the source's.</summary>
    public string? As { get; init; }

    /// <summary>What happens when a name is taken.</summary>
    public ConflictPolicy Conflict { get; init; } = ConflictPolicy.Fail;

    /// <summary>When a file counts as delivered.</summary>
    public DurabilityLevel Durability { get; init; } = DurabilityLevel.Flushed;

    /// <summary>Data connections wanted, 1 to 16; null leaves it to the nodes.</summary>
    public int? Connections { get; init; }

    /// <summary>What happens when not all of them can be had.</summary>
    public ConnectionPolicy ConnectionPolicy { get; init; } = ConnectionPolicy.Flexible;

    /// <summary>Most bytes per second that its source sends, 65536 to 1099511627776; null for no limit.</summary>
    public long? Limit { get; init; }

    /// <summary>Its part of a limit that it shares with others, 1 to 100, beside theirs; null for 10, which all have that were given none.</summary>
    public int? Weight { get; init; }
}

/// <summary>A transfer as the API shows it. Sizes in bytes, times in UTC.</summary>
public sealed record TransferResource : IJsonOnDeserialized
{
    /// <summary>Version of this shape; changes only add.</summary>
    public int SchemaVersion { get; init => field = Math.Max(1, value); } = 1;

    /// <summary>Its id.</summary>
    public required TransferId Id { get; init; }

    /// <summary>What is copied, as <c>location:path</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The folder it goes into, as <c>location:path</c>.</summary>
    public required string Destination { get; init; }

    /// <summary>Name of the result in that folder.</summary>
    public required string ResultName { get; init; }

    /// <summary>Where it is on its way. A held one is <c>Queued</c> with <see cref="Desired"/> <c>Pause</c>.</summary>
    public required TransferState State { get; init; }

    /// <summary>What the user wants of it.</summary>
    public required DesiredState Desired { get; init; }

    /// <summary>What happens when a name is taken.</summary>
    public ConflictPolicy Conflict { get; init; }

    /// <summary>When a file counts as delivered.</summary>
    public DurabilityLevel Durability { get; init; }

    /// <summary>Data connections wanted; null where the nodes decide.</summary>
    public int? Connections { get; init; }

    /// <summary>What happens when not all of them can be had.</summary>
    public ConnectionPolicy ConnectionPolicy { get; init; }

    /// <summary>Most bytes per second that its source sends, of file contents; null for no limit.</summary>
    public long? Limit { get; init; }

    /// <summary>Its part of a limit that it shares with others, beside theirs; null for 10.</summary>
    public int? Weight { get; init; }

    /// <summary>The node that sends, where it does not say that it can hold to <see cref="Limit"/>: an older one, which sends as fast as it can. Null otherwise.</summary>
    public NodeId? LimitIgnoredBy { get; init; }

    /// <summary>The limit that holds it back now; null when none does.</summary>
    public HeldBack? HeldBackBy { get; init; }

    /// <summary>What holds it up most while it runs; null when nothing moves, or when its source does not say.</summary>
    public BottleneckResource? Bottleneck { get; init; }

    /// <summary>How it copes with what goes wrong, as the hub was configured when it was submitted.</summary>
    public TransferPolicies Policies { get; init => field = value ?? new(); } = new();

    /// <summary>The node that reads; null while it has no session.</summary>
    public NodeId? SourceNode { get; init; }

    /// <summary>The node that writes; null while it has no session.</summary>
    public NodeId? DestinationNode { get; init; }

    /// <summary>The current attempt, as coordinator.session.</summary>
    public string Epoch { get; init => field = value ?? "0.0"; } = "0.0";

    /// <summary>How often it was taken up again by hand after it had ended.</summary>
    public int Retries { get; init; }

    /// <summary>Sessions opened so far.</summary>
    public int Sessions { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When bytes first could move; null before.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null while it runs.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How far it is.</summary>
    public TransferProgress Progress { get; init => field = value ?? new(); } = new();

    /// <summary>Durable bytes per second over the last seconds.</summary>
    public long CurrentRate { get; init; }

    /// <summary>Durable bytes per second since the start, or since it was taken up again.</summary>
    public long AverageRate { get; init; }

    /// <summary>The best <see cref="CurrentRate"/> seen, since it was taken up again if it was.</summary>
    public long PeakRate { get; init; }

    /// <summary>Estimated seconds to the end; null when that cannot be said.</summary>
    public double? EtaSeconds { get; init; }

    /// <summary>Why it waits, was cut short or failed; null when all is well.</summary>
    public Problem? Problem { get; init; }

    /// <summary>Since when it waits for what <see cref="Problem"/> says, or is held; null when it does not wait.</summary>
    public DateTimeOffset? WaitingSince { get; init; }

    /// <summary>Seconds to the next attempt, when one is waited for.</summary>
    public double? NextRetrySeconds { get; init; }

    /// <summary>The first files that were not delivered, at most 200; the counts in <see cref="Progress"/> cover all.</summary>
    public IReadOnlyList<FileIssue> Issues { get; init => field = value ?? []; } = [];

    /// <summary>Exit code of <c>ct</c> for this outcome; null while it runs.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Sequence number of its newest event.</summary>
    public long LastEvent { get; init; }

    void IJsonOnDeserialized.OnDeserialized() => WholeList.Require(Issues, nameof(Issues));
}

/// <summary>A page of transfers.</summary>
public sealed record TransferPage : IJsonOnDeserialized
{
    /// <summary>Version of this shape; changes only add.</summary>
    public int SchemaVersion { get; init => field = Math.Max(1, value); } = 1;

    /// <summary>The transfers of this page.</summary>
    public required IReadOnlyList<TransferResource> Items { get; init; }

    /// <summary>Give this as <c>cursor</c> for the next page; null on the last.</summary>
    public string? NextCursor { get; init; }

    void IJsonOnDeserialized.OnDeserialized() => WholeList.Require(Items, nameof(Items));
}

/// <summary>One line of a transfer's story.</summary>
/// <param name="Sequence">Grows by one within the transfer; the id of the server-sent event. 0 for passing progress, which is not kept.</param>
/// <param name="At">When.</param>
/// <param name="Kind">Stable kebab-case name, for example <c>accepted</c>, <c>session-opened</c>, <c>chunk-retried</c>, <c>progress</c>.</param>
/// <param name="Text">One sentence for people.</param>
/// <param name="Transfer">The transfer after it.</param>
/// <param name="Data">What it tells, for programs: at most 16 names, each with a number or a text. Null for events that are told by their text.</param>
public sealed record TransferEvent(
    long Sequence, DateTimeOffset At, string Kind, string Text, TransferResource Transfer, IReadOnlyDictionary<string, JsonElement>? Data = null);

/// <summary>What is kept of an event that has data; of others the transfer alone is kept.</summary>
/// <param name="Transfer">The transfer after it.</param>
/// <param name="Data">The event's data.</param>
public sealed record EventDetails(TransferResource Transfer, IReadOnlyDictionary<string, JsonElement> Data)
{
    /// <summary>Reads what is kept of an event.</summary>
    /// <exception cref="JsonException">It is neither of the two.</exception>
    public static (TransferResource Transfer, IReadOnlyDictionary<string, JsonElement>? Data) Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("transfer", out _))
        {
            EventDetails details = document.RootElement.Deserialize(ApiJson.Default.EventDetails) ?? throw new JsonException("There is no event.");
            return (details.Transfer, details.Data);
        }

        return (document.RootElement.Deserialize(ApiJson.Default.TransferResource) ?? throw new JsonException("There is no transfer."), null);
    }
}

/// <summary>How much of a transfer's story somebody has.</summary>
/// <param name="Sequence">The last sequence number; 0 for none.</param>
/// <param name="View">The number of the last passing progress, as <see cref="TransferEvents"/> gave it; 0 for none, null for whatever there is when it is asked.</param>
public readonly record struct EventPosition(long Sequence, long? View = null);

/// <summary>Events of one transfer after a position.</summary>
/// <param name="Items">In order.</param>
/// <param name="View">The number of the last progress that was told, to be given with the next question: progress is told once, however late that comes.</param>
public sealed record TransferEvents(IReadOnlyList<TransferEvent> Items, long? View = null) : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => WholeList.Require(Items, nameof(Items));
}
