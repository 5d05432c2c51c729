using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClusterTransfer.Model;

/// <summary>What a reason means to a script, a web client and a person.</summary>
/// <param name="Code">Stable kebab-case name.</param>
/// <param name="ExitCode">Exit code of <c>ct</c>.</param>
/// <param name="HttpStatus">Status of a problem answer.</param>
/// <param name="Class">How it is treated.</param>
/// <param name="Title">One sentence for people.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record ReasonInfo(string Code, int ExitCode, int HttpStatus, ReasonClass Class, string Title, string Remedy);

/// <summary>The one table of reasons: codes, exit codes, HTTP statuses and remedies.</summary>
public static class ReasonCatalogue
{
    private static readonly FrozenDictionary<Reason, ReasonInfo> Infos = new Dictionary<Reason, ReasonInfo>
    {
        [Reason.None] = new("none", 0, 200, ReasonClass.Permanent, "Nothing is wrong.", "Nothing to do."),
        [Reason.Unclassified] = new("unclassified", 1, 500, ReasonClass.Permanent, "Something unforeseen happened.", "Look in the node's log; report it with the transfer's id."),
        [Reason.InvalidRequest] = new("invalid-request", 2, 400, ReasonClass.Permanent, "The request is malformed.", "Correct the named field."),
        [Reason.LocationUnknown] = new("location-unknown", 3, 404, ReasonClass.Permanent, "No such location.", "List the known ones with 'ct locations ls'; start the node that serves it."),
        [Reason.TransferUnknown] = new("transfer-unknown", 3, 404, ReasonClass.Permanent, "No such transfer.", "List them with 'ct ls'."),
        [Reason.PathNotFound] = new("path-not-found", 3, 404, ReasonClass.Permanent, "No such file or folder.", "Check the path at the source."),
        [Reason.NotCopyable] = new("not-copyable", 3, 422, ReasonClass.Permanent, "Not a file, folder or link.", "Sockets, pipes and devices are not copied; leave it out."),
        [Reason.NodeUnreachable] = new("node-unreachable", 14, 503, ReasonClass.Transient, "The node is not connected.", "Start it or check its link; 'ct nodes ls' shows who is there."),
        [Reason.HubUnreachable] = new("hub-unreachable", 14, 503, ReasonClass.Transient, "The hub cannot be reached.", "Start the hub or check the link to it."),
        [Reason.SessionLost] = new("session-lost", 5, 503, ReasonClass.Transient, "The session ended early.", "It is tried again by itself."),
        [Reason.ChunkCorrupt] = new("chunk-corrupt", 6, 502, ReasonClass.Permanent, "A chunk arrived damaged again and again.", "Check memory and disks of both nodes; then take it up again with 'ct retry ID'."),
        [Reason.ChunkUnanswered] = new("chunk-unanswered", 5, 504, ReasonClass.Permanent, "A chunk was never acknowledged.", "Look for what swallows or delays data between the nodes, and at the destination's disk; then take it up again with 'ct retry ID'."),
        [Reason.IntegrityFailure] = new("integrity-failure", 6, 502, ReasonClass.Permanent, "The file's digest differs from the source's.", "Check memory and disks of both nodes; then take it up again with 'ct retry ID'."),
        [Reason.NotAuthenticated] = new("not-authenticated", 7, 401, ReasonClass.Permanent, "No valid token.", "Give the node's token with --token-file or CT_TOKEN_FILE."),
        [Reason.NotPermitted] = new("not-permitted", 7, 403, ReasonClass.Permanent, "Not permitted.", "Use a location or a token that allows it."),
        [Reason.LimitReached] = new("limit-reached", 8, 429, ReasonClass.Transient, "A limit is reached.", "Wait for other transfers to end, or raise the limit."),
        [Reason.NoSpace] = new("no-space", 12, 507, ReasonClass.Permanent, "Not enough free space at the destination.", "Free some space there: a transfer that has begun waits for it, one that never fitted is submitted again."),
        [Reason.QuotaExceeded] = new("quota-exceeded", 12, 507, ReasonClass.Permanent, "The quota of the destination's file system is used up.", "Raise the quota of the node's user there, or free some of it; then 'ct retry ID'."),
        [Reason.FileTooBig] = new("file-too-big", 18, 422, ReasonClass.Permanent, "The destination's file system holds no file of that size.", "Use a location on another file system."),
        [Reason.DestinationExists] = new("destination-exists", 13, 409, ReasonClass.Permanent, "The name is taken at the destination.", "Use --as NAME, or --conflict overwrite|skip."),
        [Reason.NameRefused] = new("name-refused", 18, 422, ReasonClass.Permanent, "The destination cannot hold this name.", "Rename it at the source or use --as NAME."),
        [Reason.DestinationNotWritable] = new("destination-not-writable", 18, 403, ReasonClass.Permanent, "The destination cannot be written.", "Check that the location is not read-only and that the node's user may write there."),
        [Reason.SourceChanged] = new("source-changed", 16, 409, ReasonClass.Permanent, "The source changed while it was read.", "Wait until nobody writes to it, then take it up again with 'ct retry ID'."),
        [Reason.SourceUnreadable] = new("source-unreadable", 7, 403, ReasonClass.Permanent, "The source cannot be read.", "Check that the node's user may read it."),
        [Reason.DiskError] = new("disk-error", 1, 500, ReasonClass.Permanent, "A disk reported an error.", "Check the disk and the kernel log of that node; then take it up again with 'ct retry ID'."),
        [Reason.IdentityRefused] = new("identity-refused", 17, 502, ReasonClass.Permanent, "A node's certificate is not the expected one.", "Issue it again with 'ct pki issue' from the cluster's CA and restart that node."),
        [Reason.VersionMismatch] = new("version-mismatch", 15, 409, ReasonClass.Permanent, "The versions do not fit together.", "Upgrade the older one."),
        [Reason.ProtocolViolation] = new("protocol-violation", 1, 502, ReasonClass.Permanent, "A peer broke the protocol.", "Check that both nodes run a released version."),
        [Reason.Superseded] = new("superseded", 5, 409, ReasonClass.Transient, "A newer session has taken over.", "Nothing to do."),
        [Reason.Cancelled] = new("cancelled", 11, 409, ReasonClass.Permanent, "Cancelled on request.", "Submit it again if that was a mistake."),
        [Reason.WrongState] = new("wrong-state", 13, 409, ReasonClass.Permanent, "The transfer is not in a state for that.", "See its state with 'ct get ID'; take up one that failed or was partly delivered with 'ct retry ID', submit any other again."),
        [Reason.QueuePaused] = new("queue-paused", 5, 503, ReasonClass.Transient, "The queue is paused.", "'ct queue resume' lets all transfers go on, but for those that are paused themselves."),
        [Reason.KeyReused] = new("key-reused", 13, 409, ReasonClass.Permanent, "The idempotency key belongs to another request.", "Use a new key for a new request; repeat a request with exactly its body."),
        [Reason.ConnectionsMissing] = new("connections-missing", 5, 503, ReasonClass.Permanent, "Not all connections of a strict transfer stand.", "Retry with 'ct retry ID', or submit with fewer connections or --connection-policy flexible."),
        [Reason.NoProgress] = new("no-progress", 5, 503, ReasonClass.Transient, "Too little moved for too long.", "It is tried again by itself; if it comes back, look at the link between the two nodes with 'ct conns ID'."),
        [Reason.TimedOut] = new("timed-out", 10, 408, ReasonClass.Transient, "The wait ran out of time; the transfer still runs.", "Wait again with 'ct wait ID'."),
        [Reason.PartlyDelivered] = new("partly-delivered", 4, 200, ReasonClass.Permanent, "Some files were not delivered.", "See them with 'ct get ID'; 'ct retry ID' takes them up again."),
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, Reason> Codes =
        Infos.ToFrozenDictionary(pair => pair.Value.Code, pair => pair.Key, StringComparer.Ordinal);

    /// <summary>All reasons, for documentation and completeness tests.</summary>
    public static IReadOnlyDictionary<Reason, ReasonInfo> All => Infos;

    /// <summary>What the reason means.</summary>
    public static ReasonInfo Info(this Reason reason) => Infos[reason];

    /// <summary>The reason with that code; <see cref="Reason.Unclassified"/> for a code of a newer version.</summary>
    public static Reason FromCode(string? code) =>
        code is not null && Codes.TryGetValue(code, out Reason reason) ? reason : Reason.Unclassified;
}

/// <summary>Writes a reason as its stable code.</summary>
public sealed class ReasonJsonConverter : JsonConverter<Reason>
{
    /// <inheritdoc/>
    public override Reason Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ReasonCatalogue.FromCode(reader.GetString());

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Reason value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Info().Code);
}
