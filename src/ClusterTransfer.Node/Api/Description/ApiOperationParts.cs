using ClusterTransfer.Model;

namespace ClusterTransfer.Node.Api.Description;

/// <summary>What several operations share.</summary>
internal static class ApiOperationParts
{
    public static readonly ApiParameter Id = new("id", ApiPlace.Path, "The transfer's id, or its first 4 or more characters where these are unique.")
    {
        Minimum = 4, Maximum = TransferId.Length, Pattern = "^[0-9A-Za-z]+$", Example = "k3m9x2p7q4w8r5tz",
    };

    public static readonly ApiHeader LocationHeader = new("Location", "Path of the transfer.", "/api/v1/transfers/k3m9x2p7q4w8r5tz");

    public static readonly ApiRefusal NotAuthenticated = new(401, "`not-authenticated`: no token, or not the one of this node.");

    public static readonly ApiRefusal NotPermitted = new(403, "`not-permitted`: the `Host` header names something else than this machine's loopback (`localhost`, `127.x.x.x`, `[::1]`).");

    public static readonly ApiRefusal OlderHub = new(409, "`version-mismatch`: the hub is older than this node and does not know the request.");

    public static readonly ApiRefusal Busy = new(429, "`limit-reached`: too many requests wait already.");

    public static readonly ApiRefusal Unforeseen = new(500, "`unclassified` or `disk-error`: the node's log has more.");

    public static readonly ApiRefusal Away = new(503, "`hub-unreachable` or `node-unreachable`: the hub, or a node that is needed, is not connected.");

    public static readonly IReadOnlyDictionary<string, (string Summary, string Json)> SubmitExamples = new Dictionary<string, (string, string)>
    {
        ["least"] = ("Location `src`'s folder `photos/2024` into location `beta`'s folder `archive`", """{"source":"src:photos/2024","destination":"beta:archive"}"""),
        ["all"] = ("Every field", """
            {"source":"src:photos/2024","destination":"beta:archive","as":"photos-2024","conflict":"Skip","durability":"Verified","connections":8,"connectionPolicy":"Strict"}
            """),
    };

    public static readonly IReadOnlyDictionary<string, (string Summary, string Json)> RetryExamples = new Dictionary<string, (string, string)>
    {
        ["all"] = ("All that was not delivered", "{}"),
        ["files"] = ("Two files, as `issues` names them", """{"files":["2024/a.raw","2024/b.raw"]}"""),
        ["chunks"] = ("The files of all chunks that were given up", """{"chunks":[]}"""),
    };

    public static readonly IReadOnlyDictionary<string, (string Summary, string Json)> LimitExamples = new Dictionary<string, (string, string)>
    {
        ["limit"] = ("20 MiB/s", """{"limit":20971520}"""),
        ["none"] = ("No limit", """{"limit":null}"""),
    };

    public static readonly ApiParameter NodeName = new("name", ApiPlace.Path, "The node's name.") { ValueType = typeof(NodeId), Example = "alpha" };

    public static readonly IReadOnlyDictionary<string, (string Summary, string Json)> NodeLimitExamples = new Dictionary<string, (string, string)>
    {
        ["limit"] = ("20 MiB/s of all it sends", """{"limit":20971520}"""),
        ["peer"] = ("5 MiB/s of what it sends to node beta", """{"peer":"beta","limit":5242880}"""),
        ["none"] = ("No limit, whatever is configured", """{"limit":null}"""),
        ["configured"] = ("As it is configured", """{"configured":true}"""),
    };

    public const string StreamExample = """
        id: 1
        event: accepted
        data: {"sequence":1,"at":"2026-03-14T09:26:53.1+00:00","kind":"accepted","text":"Accepted.","transfer":{"schemaVersion":1,"id":"k3m9x2p7q4w8r5tz","state":"Queued","...":"..."}}

        event: progress
        data: {"sequence":0,"at":"2026-03-14T09:26:55.2+00:00","kind":"progress","text":"","transfer":{"schemaVersion":1,"id":"k3m9x2p7q4w8r5tz","state":"Active","...":"..."}}

        : still here

        id: 2
        event: completed
        data: {"sequence":2,"at":"2026-03-14T09:27:35.8+00:00","kind":"completed","text":"Completed.","transfer":{"schemaVersion":1,"id":"k3m9x2p7q4w8r5tz","state":"Completed","...":"..."}}


        """;

    public static ApiRefusal BadRequest(string description) => new(400, description);

    public static ApiSuccess Ok(string description, Type type) => new(200, description, type);

    /// <summary>The refusals of an operation on one transfer.</summary>
    public static IReadOnlyList<ApiRefusal> OfOneTransfer(ApiRefusal conflict, ApiRefusal? busy = null) =>
    [
        BadRequest("`invalid-request`: the id has a wrong form, its beginning fits several transfers, or a parameter is unknown or wrong."),
        NotAuthenticated, NotPermitted,
        new(404, "`transfer-unknown`: no transfer has this id."),
        conflict, busy ?? Busy, Unforeseen, Away,
    ];

    /// <summary>Groups of operations.</summary>
    public static class Tags
    {
        public const string Transfers = "transfers";
        public const string Queue = "queue";
        public const string Cluster = "cluster";
        public const string Problems = "problems";
        public const string Health = "health";

        public static readonly IReadOnlyList<(string Name, string Description)> All =
        [
            (Transfers, "Start, list, follow and steer transfers. Any node can be asked; it passes the request to the hub, which keeps them."),
            (Queue, "All transfers at once."),
            (Cluster, "What there is."),
            (Problems, "What the codes of refusals and failures mean."),
            (Health, "For whoever runs the node, and for programs that read this document. Without token."),
        ];
    }
}
