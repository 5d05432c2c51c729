using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterTransfer.Model.Stages;

namespace ClusterTransfer.Model.Control;

/// <summary>Everything that crosses the message bus: a closed list, so that nothing else can be deserialised.</summary>
/// <remarks>May be lost, doubled, late or reordered; handlers are idempotent. Never carries file bytes.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(OpenSession), "open-session")]
[JsonDerivedType(typeof(LimitSession), "limit-session")]
[JsonDerivedType(typeof(SessionOpened), "session-opened")]
[JsonDerivedType(typeof(SessionRefused), "session-refused")]
[JsonDerivedType(typeof(StopSession), "stop-session")]
[JsonDerivedType(typeof(SessionProgressed), "session-progressed")]
[JsonDerivedType(typeof(SessionNoted), "session-noted")]
[JsonDerivedType(typeof(SessionDoubted), "session-doubted")]
[JsonDerivedType(typeof(SessionConfirmed), "session-confirmed")]
[JsonDerivedType(typeof(SessionEnded), "session-ended")]
[JsonDerivedType(typeof(OutcomeRecorded), "outcome-recorded")]
[JsonDerivedType(typeof(ForgetLeftover), "forget-leftover")]
[JsonDerivedType(typeof(HubRequest), "hub-request")]
[JsonDerivedType(typeof(HubReply), "hub-reply")]
public abstract record BusMessage;

/// <summary>Which end of a session a node plays.</summary>
[JsonConverter(typeof(EnumNameConverter<SessionRole>))]
public enum SessionRole
{
    /// <summary>Reads and sends.</summary>
    Source,

    /// <summary>Receives, verifies and publishes.</summary>
    Destination,
}

/// <summary>Messages between a coordinator and a node about one session carry who they are about.</summary>
/// <param name="TransferId">Which transfer.</param>
/// <param name="Epoch">Which attempt; a lower one than the highest seen is refused.</param>
public abstract record SessionMessage(TransferId TransferId, Epoch Epoch) : BusMessage;

/// <summary>Coordinator to node: open your end of a session. Repeated until answered; a repeat for a live session is answered again.</summary>
public sealed record OpenSession(TransferId TransferId, Epoch Epoch) : SessionMessage(TransferId, Epoch), IJsonOnDeserialized
{
    /// <summary>Identity of the command over its repeats.</summary>
    public required CommandId CommandId { get; init; }

    /// <summary>Name of the session in frame headers.</summary>
    public required SessionId SessionId { get; init; }

    /// <summary>Which end this node plays.</summary>
    public required SessionRole Role { get; init; }

    /// <summary>The run of the node process this is meant for; another run refuses, because its session state is gone.</summary>
    public required Incarnation Target { get; init; }

    /// <summary>The node at the other end.</summary>
    public required NodeId Peer { get; init; }

    /// <summary>Where the other end accepts data connections, as host:port; empty when it accepts none.</summary>
    public required IReadOnlyList<string> PeerDataAddresses { get; init; }

    /// <summary>32 random bytes that both ends prove to each other on every connection of the session.</summary>
    public required byte[] Secret { get; init; }

    /// <summary>What to move.</summary>
    public required TransferRequest Request { get; init; }

    /// <summary>How often the ended transfer was taken up again by hand. Where it is higher than the one a node knows, files that were given up are tried once more.</summary>
    public int Round { get; init; }

    /// <summary>Whether that round lists the source anew; else the manifest of the round before goes on.</summary>
    public bool Rescan { get; init; }

    /// <summary>The files that round is for, with all beneath them, as issues name them; others keep their outcome. Null for all. At most <see cref="MaxFilesBytes"/> as JSON.</summary>
    public IReadOnlyList<string>? Files { get; init; }

    /// <summary>Most bytes per second that the source sends; null for no limit. That of the request is only what was wanted at first.</summary>
    public long? Limit { get; init; }

    /// <summary>What the names may take in a control message.</summary>
    public const int MaxFilesBytes = 32 * 1024;

    void IJsonOnDeserialized.OnDeserialized()
    {
        WholeList.Require(PeerDataAddresses, nameof(PeerDataAddresses));
        WholeList.Require(Files, nameof(Files));
    }
}

/// <summary>Coordinator to the source of a session: send that fast at most, from now on. Repeated until a report of progress has that limit.</summary>
public sealed record LimitSession(TransferId TransferId, Epoch Epoch) : SessionMessage(TransferId, Epoch)
{
    /// <summary>Most bytes per second; null for no limit.</summary>
    public long? Limit { get; init; }
}

/// <summary>Node to coordinator: my end is open.</summary>
public sealed record SessionOpened(TransferId TransferId, Epoch Epoch, SessionRole Role, Incarnation Incarnation) : SessionMessage(TransferId, Epoch);

/// <summary>Node to coordinator: I cannot open my end.</summary>
public sealed record SessionRefused(TransferId TransferId, Epoch Epoch, SessionRole Role, Problem Problem) : SessionMessage(TransferId, Epoch)
{
    /// <summary>The highest epoch this node has seen, when that is why.</summary>
    public Epoch HighestEpoch { get; init; }
}

/// <summary>Why a coordinator asks a node to end its end of a session.</summary>
[JsonConverter(typeof(EnumNameConverter<StopIntent>))]
public enum StopIntent
{
    /// <summary>Keep what is durable; a later session continues.</summary>
    Suspend,

    /// <summary>End the transfer: the destination answers with what was published before.</summary>
    Cancel,
}

/// <summary>Coordinator to node: end your end. Repeated until a <see cref="SessionEnded"/> answers it.</summary>
public sealed record StopSession(TransferId TransferId, Epoch Epoch, CommandId CommandId, StopIntent Intent) : SessionMessage(TransferId, Epoch)
{
    /// <summary>The end that is meant; null for whichever this node plays.</summary>
    public SessionRole? Role { get; init; }

    /// <summary>How often the ended transfer was taken up again. What a node knows of an earlier round is no answer.</summary>
    public int Round { get; init; }

    /// <summary>Where the transfer writes to, so that a node without a live session can answer from its journal.</summary>
    public TransferAddress? Destination { get; init; }

    /// <summary>What is moved, so that a source without a live session can report from the manifest it kept.</summary>
    public TransferRequest? Request { get; init; }
}

/// <summary>Node to coordinator, a few times a second at most, may be lost: how far it is.</summary>
public sealed record SessionProgressed(TransferId TransferId, Epoch Epoch, SessionRole Role, TransferProgress Progress) : SessionMessage(TransferId, Epoch), IJsonOnDeserialized
{
    /// <summary>The run of the node that reports.</summary>
    public Incarnation Incarnation { get; init; }

    /// <summary>The live connections, said by the source; at most <see cref="MaxConnections"/>.</summary>
    public IReadOnlyList<ConnectionReport> Connections { get; init => field = value ?? []; } = [];

    /// <summary>Whether this end works on its own disk now, or lets a pause before another attempt pass, so that it is no wonder when nothing moves between the two.</summary>
    public bool Busy { get; init; }

    /// <summary>Bytes of the session's frames that have reached this end, of frames that are not whole yet as well; said by the destination.</summary>
    public long BytesArrived { get; init; }

    /// <summary>The limit in force, said by the source; null for none.</summary>
    public long? Limit { get; init; }

    /// <summary>The limit that something waited for since the report before, said by the source; null when nothing did.</summary>
    public HeldBack? HeldBackBy { get; init; }

    /// <summary>Some of the files that were given up because of a chunk, with the evidence, said by the source; at most <see cref="MaxParked"/>. Others in the next report, and so on in turn.</summary>
    public IReadOnlyList<FileIssue> Parked { get; init => field = value ?? []; } = [];

    /// <summary>What this end was at since its report before; null of an end that does not count it.</summary>
    public StageReport? Stages { get; init; }

    /// <summary>How many connections a report lists.</summary>
    public const int MaxConnections = 16;

    /// <summary>How many files given up a report lists.</summary>
    public const int MaxParked = 4;

    void IJsonOnDeserialized.OnDeserialized()
    {
        WholeList.Require(Connections, nameof(Connections));
        WholeList.Require(Parked, nameof(Parked));
        Stages?.Require();
    }
}

/// <summary>Node to coordinator, may be lost: something worth a line in the transfer's event log.</summary>
public sealed record SessionNoted(TransferId TransferId, Epoch Epoch, SessionRole Role, string Kind, string Text) : SessionMessage(TransferId, Epoch)
{
    /// <summary>The same for programs, see <see cref="EventData"/>; null for none.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Data { get; init; }
}

/// <summary>Node to coordinator: this process did not run for a while; is my end still the one that counts? Repeated until answered, by <see cref="SessionConfirmed"/>,
/// or by <see cref="OutcomeRecorded"/> when the session is over.</summary>
/// <param name="TransferId">Which transfer.</param>
/// <param name="Epoch">Which attempt.</param>
/// <param name="Role">Which end.</param>
/// <param name="Gap">How often this process did not run for a while. An answer to an earlier question is none to a later one.</param>
public sealed record SessionDoubted(TransferId TransferId, Epoch Epoch, SessionRole Role, int Gap) : SessionMessage(TransferId, Epoch)
{
    /// <summary>The run of the node that asks: each counts its gaps from the start.</summary>
    public Incarnation Incarnation { get; init; }
}

/// <summary>Coordinator to node: it is, no other was given the transfer.</summary>
/// <param name="TransferId">Which transfer.</param>
/// <param name="Epoch">Which attempt.</param>
/// <param name="Role">Which end.</param>
/// <param name="Gap">That of the question.</param>
public sealed record SessionConfirmed(TransferId TransferId, Epoch Epoch, SessionRole Role, int Gap) : SessionMessage(TransferId, Epoch)
{
    /// <summary>That of the question. For another run of the node it is no answer.</summary>
    public Incarnation Incarnation { get; init; }
}

/// <summary>How a node's end of a session ended.</summary>
[JsonConverter(typeof(EnumNameConverter<SessionEnd>))]
public enum SessionEnd
{
    /// <summary>Every entry has its outcome.</summary>
    Completed,

    /// <summary>Ended by <see cref="StopIntent.Cancel"/>.</summary>
    Cancelled,

    /// <summary>Ended before its time; a later session can continue from what is durable.</summary>
    Suspended,

    /// <summary>Ended for a reason that another session would meet again.</summary>
    Failed,
}

/// <summary>Node to coordinator: my end is over. Repeated until <see cref="OutcomeRecorded"/> answers it.</summary>
public sealed record SessionEnded(TransferId TransferId, Epoch Epoch, SessionRole Role, SessionEnd End) : SessionMessage(TransferId, Epoch), IJsonOnDeserialized
{
    /// <summary>Why, unless it completed.</summary>
    public Problem? Problem { get; init; }

    /// <summary>The final counts of this end.</summary>
    public required TransferProgress Progress { get; init; }

    /// <summary>The first files that were not delivered, at most <see cref="MaxIssues"/>.</summary>
    public IReadOnlyList<FileIssue> Issues { get; init => field = value ?? []; } = [];

    /// <summary>How many issues a report lists; the counts in <see cref="Progress"/> cover all.</summary>
    public const int MaxIssues = 200;

    void IJsonOnDeserialized.OnDeserialized() => WholeList.Require(Issues, nameof(Issues));
}

/// <summary>Coordinator to node: the end of your session is journaled. When the transfer has ended, the node may forget it.</summary>
public sealed record OutcomeRecorded(TransferId TransferId, Epoch Epoch, SessionRole Role) : SessionMessage(TransferId, Epoch)
{
    /// <summary>Whether the transfer is over, so that manifests, journals and staged files of it can go.</summary>
    public required bool TransferEnded { get; init; }

    /// <summary>Whether the transfer, though over, can be taken up again by hand: what is durable stays.</summary>
    public bool Keep { get; init; }

    /// <summary>Where the transfer writes to.</summary>
    public TransferAddress? Destination { get; init; }
}

/// <summary>Hub to node: remove what you keep of a transfer that no session of yours has open. It has ended for good, or the hub knows no such transfer.</summary>
/// <param name="TransferId">Which transfer.</param>
/// <param name="Epoch">Of the message that this answers; without meaning otherwise.</param>
/// <param name="Role">Which end.</param>
public sealed record ForgetLeftover(TransferId TransferId, Epoch Epoch, SessionRole Role) : SessionMessage(TransferId, Epoch)
{
    /// <summary>Only if nothing of it was written for so long. A hub that went back to an older copy of its journal does not know every transfer.</summary>
    public TimeSpan UnusedFor { get; init; }
}

/// <summary>Any node to the hub: a request of the API that only the hub can answer. The hub to any node: a question that only the node can answer.</summary>
/// <param name="RequestId">Pairs the reply with the request.</param>
/// <param name="Operation">One of the names in <see cref="HubOperations"/>.</param>
/// <param name="Body">The operation's argument as JSON.</param>
public sealed record HubRequest(CommandId RequestId, string Operation, string Body) : BusMessage;

/// <summary>The hub's answer.</summary>
public sealed record HubReply(CommandId RequestId, string? Body = null, Problem? Problem = null) : BusMessage;

/// <summary>What can be asked of the hub.</summary>
public static class HubOperations
{
    /// <summary>Journals a new transfer.</summary>
    public const string Submit = "submit";

    /// <summary>The same of one with a limit; a name of its own, because a hub that does not know it would send without one.</summary>
    public const string SubmitLimited = "submit-limited";

    /// <summary>Lists transfers.</summary>
    public const string List = "list";

    /// <summary>Reads one transfer.</summary>
    public const string Get = "get";

    /// <summary>Requests that a transfer ends.</summary>
    public const string Cancel = "cancel";

    /// <summary>Requests that a transfer holds.</summary>
    public const string Pause = "pause";

    /// <summary>Requests that a paused transfer goes on.</summary>
    public const string Resume = "resume";

    /// <summary>Takes up again a transfer that failed or was partly delivered.</summary>
    public const string Retry = "retry";

    /// <summary>The same for some of its files; a name of its own, because a hub that does not know it would take up all of them.</summary>
    public const string RetrySome = "retry-some";

    /// <summary>Limits how fast a transfer sends.</summary>
    public const string Limit = "limit";

    /// <summary>Reads how fast nodes send at most.</summary>
    public const string NodeLimits = "node-limits";

    /// <summary>Limits how fast a node sends.</summary>
    public const string LimitNode = "limit-node";

    /// <summary>The hub tells a node which of its limits are set, and hears what holds.</summary>
    public const string LimitHere = "limit-here";

    /// <summary>Reads whether the queue is paused, and who waits.</summary>
    public const string Queue = "queue";

    /// <summary>Requests that all transfers hold.</summary>
    public const string PauseQueue = "queue-pause";

    /// <summary>Requests that all transfers go on.</summary>
    public const string ResumeQueue = "queue-resume";

    /// <summary>Reads the live connections of one transfer.</summary>
    public const string Connections = "connections";

    /// <summary>Reads the chunks of one transfer that could not be moved, with counts.</summary>
    public const string Chunks = "chunks";

    /// <summary>Lists what all nodes keep of transfers, and removes what nobody needs.</summary>
    public const string Kept = "kept";

    /// <summary>The hub asks a node: what do you keep of transfers?</summary>
    public const string KeptHere = "kept-here";

    /// <summary>The hub asks a node to remove what it keeps of transfers that nobody needs, and to say what became of it.</summary>
    public const string ForgetHere = "forget-here";

    /// <summary>Reads events after a sequence number, waiting a bounded time for the first.</summary>
    public const string Events = "events";
}
