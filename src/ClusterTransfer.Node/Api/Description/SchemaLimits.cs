using System.Globalization;
using System.Text.Json.Nodes;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Stages;
using Microsoft.OpenApi;

namespace ClusterTransfer.Node.Api.Description;

/// <summary>Ranges, defaults, forms and examples that no class says by itself.</summary>
internal static class SchemaLimits
{
    private static readonly Dictionary<(Type Type, string Property), Action<OpenApiSchema>> Properties = new()
    {
        [(typeof(SubmitTransfer), "source")] = Text("src:photos/2024"),
        [(typeof(SubmitTransfer), "destination")] = Text("beta:archive"),
        [(typeof(SubmitTransfer), "as")] = Text("photos-2024"),
        [(typeof(SubmitTransfer), "connections")] = schema => (schema.Minimum, schema.Maximum) = ("1", SubmitBody.MaxConnections.ToString(CultureInfo.InvariantCulture)),
        [(typeof(SubmitTransfer), "limit")] = Rate,
        [(typeof(SubmitTransfer), "weight")] = Range(TransferWeight.Min, TransferWeight.Max),
        [(typeof(TransferResource), "weight")] = Range(TransferWeight.Min, TransferWeight.Max),
        [(typeof(LimitTransfer), "limit")] = schema =>
        {
            Rate(schema);
            schema.Type |= JsonSchemaType.Null;   // the one field where it is said
        },
        [(typeof(LimitNode), "limit")] = schema =>
        {
            Rate(schema);
            schema.Type |= JsonSchemaType.Null;
        },
        [(typeof(NodeLimitsResource), "limit")] = Rate,
        [(typeof(PeerLimitResource), "limit")] = Rate,
        [(typeof(TransferResource), "limit")] = Rate,
        [(typeof(HeldBack), "bytesPerSecond")] = Rate,
        [(typeof(BottleneckResource), "share")] = Range(0, 1),
        [(typeof(StageShare), "share")] = Range(0, 1),
        [(typeof(TransferResource), "source")] = Text("src:photos/2024"),
        [(typeof(TransferResource), "destination")] = Text("beta:archive"),
        [(typeof(TransferResource), "resultName")] = Text("2024"),
        [(typeof(TransferResource), "epoch")] = Form("^[0-9]+\\.[0-9]+$", "1.2"),
        [(typeof(NodeResource), "state")] = Values("up", "unreachable"),
        [(typeof(NodeResource), "roles")] = schema => schema.Items = new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["hub", "mover"] },
        [(typeof(ConnectionReport), "remoteAddress")] = Text("192.0.2.7:7412"),
        [(typeof(ConnectionReport), "sentAgain")] = Range(0, 1),
        [(typeof(ParkedChunk), "expected")] = Form("^([0-9a-f]{64})?$", new string('a', 64)),
        [(typeof(ParkedChunk), "actual")] = Form("^([0-9a-f]{64})?$", new string('b', 64)),
        [(typeof(TransferEvent), "kind")] = Form("^[a-z]+(-[a-z]+)*$", "session-opened"),
        [(typeof(ProblemResource), "type")] = Form("^/problems/[a-z-]+$", "/problems/location-unknown"),
        [(typeof(ProblemResource), "code")] = Form("^[a-z-]+$", "location-unknown"),
        [(typeof(ProblemResource), "status")] = Range(400, 599),
        [(typeof(ProblemResource), "exitCode")] = Range(1, 125),
        [(typeof(ProblemKindResource), "code")] = Form("^[a-z-]+$", "location-unknown"),
        [(typeof(ProblemKindResource), "status")] = Range(200, 599),
        [(typeof(ProblemKindResource), "exitCode")] = Range(1, 125),
        [(typeof(TransferResource), "exitCode")] = Range(0, 125),
    };

    // What counts when a field of a request is left out.
    private static readonly Dictionary<(Type Type, string Property), string> Defaults = new()
    {
        [(typeof(SubmitTransfer), "conflict")] = nameof(ConflictPolicy.Fail),
        [(typeof(SubmitTransfer), "durability")] = nameof(DurabilityLevel.Flushed),
        [(typeof(SubmitTransfer), "connectionPolicy")] = nameof(ConnectionPolicy.Flexible),
    };

    /// <summary>Form and example of a class that is a text; null for others.</summary>
    public static (string Pattern, string Example)? OfText(Type type) =>
        type == typeof(TransferId) ? ("^[0-9a-hjkmnp-tv-z]{16}$", "k3m9x2p7q4w8r5tz")
        : type == typeof(NodeId) ? ("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", "alpha")
        : type == typeof(LocationName) ? ("^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$", "src")
        : type == typeof(Incarnation) ? ("^[0-9a-f]{32}$", "8f6f0b2e5f0c4a3c9a52d0c1f4b7e6d1")
        : null;

    /// <summary>An example of a class; null where it has none of its own.</summary>
    public static JsonNode? ExampleOf(Type type) =>
        type == typeof(TransferResource) ? JsonNode.Parse("""
            {
              "schemaVersion": 1, "id": "k3m9x2p7q4w8r5tz", "source": "src:photos/2024", "destination": "beta:archive", "resultName": "2024",
              "state": "Active", "desired": "Run", "conflict": "Fail", "durability": "Flushed", "connectionPolicy": "Flexible",
              "bottleneck": {
                "limiter": "Write", "share": 0.714, "since": "2026-03-14T09:27:01+00:00",
                "stages": [{ "stage": "Write", "share": 0.714 }, { "stage": "Network", "share": 0.255 }, { "stage": "Read", "share": 0.031 }]
              },
              "policies": {
                "chunkRetry": { "attempts": 8, "pauseMinSeconds": 0.1, "pauseMaxSeconds": 10 }, "acknowledgement": { "timeoutSeconds": 30, "repeats": 3 },
                "badChunks": { "limit": 3, "decay": "Good", "goodPerBad": 2, "forgiveAfterSeconds": 60 },
                "progress": { "bytes": 65536, "withinSeconds": 120 },
                "drain": { "limitSeconds": 5 },
                "checkpoint": { "bytes": 67108864, "intervalSeconds": 1 }, "compression": "Auto"
              },
              "sourceNode": "alpha", "destinationNode": "beta", "epoch": "1.1", "retries": 0, "sessions": 1,
              "createdAt": "2026-03-14T09:26:53.1234567+00:00", "startedAt": "2026-03-14T09:26:53.6+00:00",
              "progress": {
                "entriesFound": 1210, "filesFound": 1200, "bytesFound": 4294967296, "scanComplete": true,
                "bytesSent": 1082130432, "bytesReceived": 1077936128, "bytesDurable": 1073741824, "bytesVerified": 900000000,
                "bytesPublished": 900000000, "filesPublished": 250, "filesSkipped": 0, "filesParked": 0,
                "chunksFound": 1024, "chunksDurable": 256, "chunksRetried": 1, "chunksLz4": 0, "chunksZstandard": 250, "bytesSaved": 671088640, "connections": 4, "currentPath": "2024/march/0117.raw"
              },
              "currentRate": 110000000, "averageRate": 95000000, "peakRate": 130000000, "etaSeconds": 29.3, "issues": [], "lastEvent": 3
            }
            """)
        : type == typeof(ProblemResource) ? JsonNode.Parse("""
            {
              "type": "/problems/location-unknown", "title": "No such location.", "status": 404, "detail": "No node serves a location 'archvie'.", "code": "location-unknown",
              "remedy": "List the known ones with 'ct locations ls'; start the node that serves it.", "exitCode": 3
            }
            """)
        : null;

    /// <summary>Completes the schema of a property.</summary>
    public static void Apply(IOpenApiSchema schema, Type type, string property)
    {
        if (schema is OpenApiSchemaReference reference)
        {
            reference.Default = Defaults.GetValueOrDefault((type, property)) is { } value ? JsonValue.Create(value) : null;
        }
        else if (schema is OpenApiSchema own)
        {
            own.Minimum = property == "schemaVersion" ? "1" : own.Minimum;
            Properties.GetValueOrDefault((type, property))?.Invoke(own);
        }
    }

    private static void Rate(OpenApiSchema schema) =>
        (schema.Minimum, schema.Maximum) = (RateLimit.Min.ToString(CultureInfo.InvariantCulture), RateLimit.Max.ToString(CultureInfo.InvariantCulture));

    private static Action<OpenApiSchema> Text(string example) => schema => schema.Examples = [JsonValue.Create(example)];

    private static Action<OpenApiSchema> Form(string pattern, string example) => schema => (schema.Pattern, schema.Examples) = (pattern, [JsonValue.Create(example)]);

    private static Action<OpenApiSchema> Values(params string[] values) => schema => schema.Enum = [.. values.Select(value => JsonValue.Create(value))];

    private static Action<OpenApiSchema> Range(int least, int most) => schema =>
        (schema.Minimum, schema.Maximum) = (least.ToString(CultureInfo.InvariantCulture), most.ToString(CultureInfo.InvariantCulture));
}
