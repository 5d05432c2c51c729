using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using static ClusterTransfer.Node.Api.Description.ApiOperationParts;

namespace ClusterTransfer.Node.Api.Description;

/// <summary>The operations of the API.</summary>
internal static class ApiOperations
{
    public static readonly ApiOperation Submit = new("submitTransfer", Tags.Transfers, "Start a transfer")
    {
        Description = """
            Copies one file or folder of a location into a folder of another location. The transfer is journaled when the answer comes: it goes on whatever becomes of
            this client, and over restarts of the nodes. Follow it with `watchTransfer`, or read it with `getTransfer` until `exitCode` is there.

            Send an `Idempotency-Key` whenever an answer may get lost: a repeated request with the same key and body then gives the transfer of the first one
            (status 200, header `Idempotent-Replay`), whether its nodes are connected or not. Order of fields, and whether a default is written out, make no difference.
            A request that was refused claims no key.

            With curl: `curl -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: nightly-2026-03-14" --json '{"source":"src:photos/2024","destination":"beta:archive"}' http://127.0.0.1:7400/api/v1/transfers`
            """,
        Parameters =
        [
            new ApiParameter("Idempotency-Key", ApiPlace.Header, "Makes a repeat of this request harmless. Any text of your own; printable ASCII.")
            {
                Minimum = 1, Maximum = 200, Pattern = "^[ -~]+$", Example = "nightly-2026-03-14",
            },
        ],
        Body = new ApiBody(typeof(SubmitTransfer), "What to copy where. Fields that are not known are ignored.", SubmitExamples),
        Successes =
        [
            new ApiSuccess(201, "Accepted and journaled.", typeof(TransferResource)) { Headers = [LocationHeader] },
            new ApiSuccess(200, "A request with this key and body was accepted before; this is its transfer as it is now. Nothing was changed.", typeof(TransferResource))
            {
                Headers = [LocationHeader, new ApiHeader(TransferHandlers.ReplayHeader, "Always `true`.", "true")],
            },
        ],
        Refusals =
        [
            BadRequest("`invalid-request`: the body is not JSON, or `detail` names the field that is wrong."), NotAuthenticated,
            new(403, "`destination-not-writable`: the destination is read-only; or why a location cannot be used now; or " + NotPermitted.Description),
            new(404, "`location-unknown`: no node serves a location of that name."),
            new(409, "`key-reused`: the idempotency key belongs to a request with another body."),
            new(413, "`limit-reached`: the body has more than 1 MiB."),
            Busy, Unforeseen, Away,
        ],
    };

    public static readonly ApiOperation List = new("listTransfers", Tags.Transfers, "List transfers")
    {
        Description = """
            One page. All filters given must be met. `issues` of a listed transfer are empty: read the one transfer for them.
            A page costs the same wherever it is in the list.
            """,
        Parameters =
        [
            new ApiParameter("state", ApiPlace.Query, "Only transfers in one of these states.") { ValueType = typeof(TransferState), IsList = true, Example = "Active,Queued" },
            new ApiParameter("location", ApiPlace.Query, "Only transfers that read from or write to this location.") { ValueType = typeof(LocationName), Example = "src" },
            new ApiParameter("node", ApiPlace.Query, "Only transfers that this node reads or writes; of those that have ended, in their last session.") { ValueType = typeof(NodeId), Example = "alpha" },
            new ApiParameter("createdAfter", ApiPlace.Query, "Only transfers created at this time or later. Needs a zone; `+` is written `%2B` in an address.")
            {
                Format = "date-time", Example = "2026-03-14T00:00:00Z",
            },
            new ApiParameter("createdBefore", ApiPlace.Query, "Only transfers created before this time. Needs a zone; must be later than `createdAfter`.")
            {
                Format = "date-time", Example = "2026-03-15T00:00:00Z",
            },
            new ApiParameter(
                "sort", ApiPlace.Query, "The order: by creation or by end, a minus for the latest first. Transfers that have not ended count as ending last.")
            {
                Values = TransferSorts.All, Default = "\"-created\"", Example = "-ended",
            },
            new ApiParameter(
                "cursor", ApiPlace.Query, "Leads to the next page: `nextCursor` of the page before. Only with the same `sort` and filters; `limit` may differ. Empty is the same as absent.")
            {
                Maximum = 200, Example = "LWNyZWF0ZWQ",
            },
            new ApiParameter("limit", ApiPlace.Query, "Transfers of a page, at most.")
            {
                Type = "integer", Minimum = 1, Maximum = TransferListQuery.MaxLimit, Default = "50", Example = "20",
            },
        ],
        Successes = [Ok("A page; `nextCursor` is absent on the last.", typeof(TransferPage))],
        Refusals = [BadRequest("`invalid-request`: `detail` names the parameter that is unknown or wrong, or why the cursor does not fit."), NotAuthenticated, NotPermitted, OlderHub, Busy, Unforeseen, Away],
    };

    public static readonly ApiOperation Get = new("getTransfer", Tags.Transfers, "Read one transfer")
    {
        Parameters = [Id],
        Successes = [Ok("The transfer as it is now.", typeof(TransferResource))],
        Refusals = OfOneTransfer(OlderHub),
    };

    public static readonly ApiOperation Cancel = Wish(
        "cancelTransfer", "End a transfer", "Asks for the end. A wish: it is journaled when the answer comes, with `desired: Cancel`, and the transfer may still complete. Files published before stay; "
        + "what was staged is removed. A repeat is no error.");

    public static readonly ApiOperation Pause = Wish(
        "pauseTransfer", "Hold a transfer", "Asks that it holds at the next safe point: `desired` is `Pause` at once, `state` is `Queued` and no connection is open once it holds. What is durable stays. A repeat is no error.");

    public static readonly ApiOperation Resume = Wish(
        "resumeTransfer", "Let a held transfer go on", "Takes the wish to pause back: it goes on from what is durable. For one that is not held this changes nothing.");

    public static readonly ApiOperation Retry = Wish(
        "retryTransfer", "Take up a failed transfer again", "Only for one that is `Failed` or `Partial`, and while what its nodes kept of it is there (7 days by default). It goes on under its id; `retries` counts. "
        + "What was published stays and counts, what was skipped or given up is tried once more, and nothing that is durable is sent again.\n\n"
        + "With `files` or `chunks` in the body only the files named, or those of the chunks named, are tried once more; all others keep their outcome. They are named as `issues` and `getChunks` name them, "
        + "at most 200. With both, the files of either. An empty list means all of the kind. When all is delivered then, the transfer is `Completed`, else `Partial` again. "
        + "A transfer that failed before each of its files had an outcome can only be retried as a whole. ") with
    {
        Body = new ApiBody(typeof(RetryTransfer), "What to take up again. May be left out. A field that is not known is refused: misspelt, it would take up more than was meant.", RetryExamples) { IsRequired = false },
        Refusals =
        [
            BadRequest("`invalid-request`: the id has a wrong form or its beginning fits several transfers, a parameter is unknown, or `detail` names the field that is wrong."),
            NotAuthenticated, NotPermitted,
            new(404, "`transfer-unknown`: no transfer has this id; `path-not-found`: `detail` names the file or chunk that is none of this transfer's undelivered ones."),
            new(409, "`wrong-state`: `detail` names the state it, or the file or chunk, is in; `version-mismatch`: the hub is older than this node."),
            new(413, "`limit-reached`: the body has more than 1 MiB."),
            new(429, "`limit-reached`: too many requests wait already, or the names are more or longer than one retry takes."),
            Unforeseen, Away,
        ],
    };

    public static readonly ApiOperation Limit = Wish("limitTransfer", "Limit how fast a transfer sends", string.Empty) with
    {
        Description = """
            From now on its source sends no more bytes per second of file contents, over all connections together; the average over 5 s is met within 3 %.
            Journaled when the answer comes, so it outlives restarts and holds in every later session. A source that sends just now follows at once, at the latest with its next
            report (half a second). The change is an event `limit-changed` with the limit `before` and `after`. The limit it has already changes nothing.
            """,
        Body = new ApiBody(typeof(LimitTransfer), "The limit; only a written `null` takes it away. A field that is not known is refused.", LimitExamples),
        Refusals =
        [
            BadRequest("`invalid-request`: the id has a wrong form or its beginning fits several transfers, a parameter is unknown, or `detail` names what is wrong with the limit."),
            NotAuthenticated, NotPermitted,
            new(404, "`transfer-unknown`: no transfer has this id."),
            new(409, "`wrong-state`: `detail` names the state it is in; `version-mismatch`: the hub is older than this node."),
            new(413, "`limit-reached`: the body has more than 1 MiB."),
            Busy, Unforeseen, Away,
        ],
    };

    public static readonly ApiOperation Queue = OfQueue(
        "getQueue", "Show the queue", "Whether it is paused, how many transfers run and wait, and what each of the first 200 that wait is waiting for. "
        + "Nothing limits how many run at once, so that nobody waits for a turn; the order is that of creation.");

    public static readonly ApiOperation PauseQueue = OfQueue(
        "pauseQueue", "Hold all transfers", "Running ones hold at the next safe point, those that are submitted later are accepted and wait, with the problem `queue-paused`. Journaled when the answer comes, so it outlives restarts. "
        + "The wish is beside those of the transfers: `desired` of none changes. One that is ending, or is cancelled, ends. A repeat is no error. The request has no body.");

    public static readonly ApiOperation ResumeQueue = OfQueue(
        "resumeQueue", "Let all transfers go on", "Each goes back to what is wanted of it alone: one that is paused itself stays paused. When the queue is not paused this changes nothing. The request has no body.");

    public static readonly ApiOperation Connections = new("listConnections", Tags.Transfers, "List a transfer's connections")
    {
        Description = "The data connections that are open now, at most 16, as the source said last (it reports every half second). Empty while no session is open.",
        Parameters = [Id],
        Successes = [Ok("The connections.", typeof(ResourceList<ConnectionReport>))],
        Refusals = OfOneTransfer(OlderHub),
    };

    public static readonly ApiOperation Chunks = new("getChunks", Tags.Transfers, "Count a transfer's chunks")
    {
        Description = "A chunk is the unit of hashing and sending: up to 16 MiB of one file, or many small files. Those that were given up come with evidence.",
        Parameters = [Id],
        Successes = [Ok("The chunks.", typeof(ChunksResource))],
        Refusals = OfOneTransfer(OlderHub),
    };

    public static readonly ApiOperation Events = new("watchTransfer", Tags.Transfers, "Follow a transfer")
    {
        Description = $$"""
            Server-sent events (`text/event-stream`, UTF-8), over when the transfer is. An event is lines that end with an empty line:

            - `id: N`: its sequence number, from 1, without gaps within the transfer; of more than 10,000 the oldest are not kept, and `events-dropped` says how many. Events without `id` show passing progress and are not kept.
            - `event: KIND`: a stable kebab-case name, such as `accepted`, `session-opened`, `connections-wait`, `connections-complete`, `session-lost`, `connection-lost`, `chunk-retried`, `file-parked`, `pause-requested`, `paused`, `completed`, `partial`, `failed`, `cancelled`; `progress` for passing progress.
            - `data: JSON`: on one line, a `TransferEvent` (see the schemas): the event with the whole transfer as it was then.
            - Lines that begin with `:` are comments. One comes after 15 s without an event, so that silence of 45 s means a dead connection.

            Kept events come in order and each once; `progress` at most ten times a second. To go on after a break, send the last `id` in the header `Last-Event-ID` (browsers do
            so by themselves), or as `after`; the header wins. The stream ends after the last event of a transfer that has ended; asked again then, it gives one `progress` event
            with the outcome. A stream that ends earlier was cut, because the node stops or the client did not read for 20 s: come back with the last id.
            A transfer that was retried shows an event of its earlier end in the middle.

            With curl: `curl -N -H "Authorization: Bearer $TOKEN" http://127.0.0.1:7400{{ApiEndpoints.Root}}/transfers/$ID/events`
            """,
        Parameters =
        [
            Id,
            new ApiParameter("Last-Event-ID", ApiPlace.Header, "Only events after this sequence number.") { Type = "integer", Format = "int64", Minimum = 0, Example = "7" },
            new ApiParameter("after", ApiPlace.Query, "The same, for clients that cannot set headers.") { Type = "integer", Format = "int64", Minimum = 0, Default = "0", Example = "7" },
        ],
        EventType = typeof(TransferEvent),
        Successes = [new ApiSuccess(200, "The stream.", null) { ContentType = "text/event-stream", Example = StreamExample }],
        Refusals = OfOneTransfer(OlderHub, Busy with { Description = "`limit-reached`: 128 streams are open at this node, or the hub answers too many requests already." }),
    };

    public static readonly ApiOperation Kept = new("listKept", Tags.Cluster, "List what nodes keep of transfers")
    {
        Description = "Connected nodes are asked, one after the other, what lies in their folder of outgoing transfers and in the private folders of their locations; the hub says why it is there. "
            + "A page holds at most 200, may hold none and still lead on, and ends where the time does.",
        Parameters = [KeptCursor],
        Successes = [Ok("A page, by node, place and name; `nextCursor` is absent on the last.", typeof(KeptPage))],
        Refusals = OfKept,
    };

    public static readonly ApiOperation RemoveKept = new("removeKept", Tags.Cluster, "Remove what no transfer needs")
    {
        Description = "As `listKept`, and nodes remove what of the page is `Ended` or `Unknown`. What is gone has `removed`, what could not be removed has `problem`. What can be retried, what runs, "
            + "and what is not of ClusterTransfer stays. Ask for all pages to remove all. A repeat is no error. The request has no body.",
        Parameters = [KeptCursor],
        Successes = [Ok("What there was on this page, and what became of it.", typeof(KeptPage))],
        Refusals = OfKept,
    };

    public static readonly ApiOperation Nodes = Listing("listNodes", "List the nodes", "Those that this node knows, itself included. `limits` is missing where the hub, which knows them, does not answer.", typeof(ResourceList<NodeResource>));

    public static readonly ApiOperation LimitNode = new("limitNode", Tags.Cluster, "Limit how fast a node sends")
    {
        Description = """
            From now on the node sends no more bytes per second of file contents, over all its transfers, or with `peer` over all to that node; the average over 5 s is met within 3 %.
            Transfers share it by their weights, and what one has no use for goes to the others. What a node receives is not limited.
            It holds in place of what the node is configured with, until `{"configured":true}` sets that back. Journaled when the answer comes: it outlives restarts of the hub and of the
            node, which is told when it registers. The answer waits a moment for the node; `inForce` is false where it has not said yet that the limit holds.
            In the events of each transfer that the node sends just now the change is `node-limit-changed`.
            """,
        Parameters = [NodeName],
        Body = new ApiBody(typeof(LimitNode), "The limit, of all or of a peer; only a written `null` takes it away. A field that is not known is refused.", NodeLimitExamples),
        Successes = [Ok("What holds for the node.", typeof(NodeLimitsResource))],
        Refusals =
        [
            BadRequest("`invalid-request`: the name has a wrong form, a parameter is unknown, or `detail` names what is wrong with the limit."),
            NotAuthenticated, NotPermitted,
            new(409, "`version-mismatch`: the hub is older than this node, or the node that is to be limited is older than such limits."),
            new(413, "`limit-reached`: the body has more than 1 MiB."),
            new(429, "`limit-reached`: too many requests wait already, or limits are set for too many nodes."),
            Unforeseen,
            new(503, "`hub-unreachable`: the hub is not connected, or its journal does not answer. `node-unreachable`: the hub knows no node of that name."),
        ],
    };

    public static readonly ApiOperation Locations = Listing(
        "listLocations", "List the locations", "The folders that nodes serve: the first part of every address, before the colon.", typeof(ResourceList<LocationResource>));

    public static readonly ApiOperation Actors = Listing("listActors", "Show the node's actors", "The tree of this node's actors, for diagnosis. The list has one item, the root.", typeof(ResourceList<ActorResource>));

    public static readonly ApiOperation Version = Listing("getVersion", "Show the node's version", string.Empty, typeof(VersionResource));

    public static readonly ApiOperation Problems = Listing(
        "listProblems", "List the kinds of problems", "Every `code` that a problem answer, a transfer or a file can have.", typeof(ResourceList<ProblemKindResource>)) with
    {
        // A table in the program: nothing can go wrong with it.
        Tag = Tags.Problems,
        Refusals = [BadRequest("`invalid-request`: a query parameter, and there are none."), NotAuthenticated, NotPermitted],
    };

    public static readonly ApiOperation Problem = new("getProblem", Tags.Problems, "Show a kind of problem")
    {
        Description = "Where the `type` of a problem answer leads.",
        NeedsToken = false,
        Parameters = [new ApiParameter("code", ApiPlace.Path, "The code.") { Maximum = 64, Pattern = "^[a-z-]+$", Example = "key-reused" }],
        Successes = [Ok("The kind.", typeof(ProblemKindResource))],
        Refusals = [BadRequest("`invalid-request`: a query parameter, and there are none."), NotPermitted, new(404, "`version-mismatch`: this node knows no such code.")],
    };

    public static readonly ApiOperation Alive = new("isAlive", Tags.Health, "Does the process answer?")
    {
        NeedsToken = false,
        LeavesQueryAlone = true,
        Successes = [new ApiSuccess(200, "It does.", null) { ContentType = "text/plain", Example = "alive\n" }],
        Refusals = [NotPermitted],
    };

    public static readonly ApiOperation Ready = new("isReady", Tags.Health, "Can the node take work?")
    {
        NeedsToken = false,
        LeavesQueryAlone = true,
        Successes = [new ApiSuccess(200, "It can.", null) { ContentType = "text/plain", Example = "ready\n" }],
        Refusals = [NotPermitted, new(503, "It cannot now: `detail` says why.")],
    };

    public static readonly ApiOperation Document = new("getDocument", Tags.Health, "This document")
    {
        NeedsToken = false,
        LeavesQueryAlone = true,
        Successes = [new ApiSuccess(200, "OpenAPI 3.1 as JSON.", null)],
        Refusals = [NotPermitted],
    };

    private static ApiOperation Wish(string id, string summary, string description) => new(id, Tags.Transfers, summary)
    {
        Description = description + " The request has no body.",
        Parameters = [Id],
        Successes = [Ok("The transfer as it is once the wish is journaled.", typeof(TransferResource))],
        Refusals = OfOneTransfer(new ApiRefusal(409, "`wrong-state`: `detail` names the state it is in; `version-mismatch`: the hub is older than this node.")),
    };

    private static ApiParameter KeptCursor => new("cursor", ApiPlace.Query, "Leads to the next page: `nextCursor` of the page before. Empty is the same as absent.")
    {
        Maximum = TransferHandlers.MaxKeptCursorLength, Example = "beta.ZHN0OgBrM205",
    };

    private static ApiRefusal[] OfKept =>
    [
        BadRequest("`invalid-request`: `detail` names the parameter that is unknown, or says that the cursor is none."), NotAuthenticated, NotPermitted, OlderHub, Busy, Unforeseen,
        new(503, "`hub-unreachable`: the hub is not connected, or has just started. `node-unreachable`: a node did not answer; a list without it would look complete."),
    ];

    private static ApiOperation OfQueue(string id, string summary, string description) => new(id, Tags.Queue, summary)
    {
        Description = description,
        Successes = [Ok("The queue.", typeof(QueueResource))],
        Refusals = [BadRequest("`invalid-request`: a query parameter, and there are none."), NotAuthenticated, NotPermitted, OlderHub, Busy, Unforeseen, Away],
    };

    private static ApiOperation Listing(string id, string summary, string description, Type type) => new(id, Tags.Cluster, summary)
    {
        Description = description,
        Successes = [Ok("What this node knows now.", type)],
        Refusals = [BadRequest("`invalid-request`: a query parameter, and there are none."), NotAuthenticated, NotPermitted, Unforeseen],
    };
}
