using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using Microsoft.AspNetCore.Http;

namespace ClusterTransfer.Node.Api;

/// <summary>Reads the body of a submit and says which field is wrong. Unknown fields are left alone: a newer client may send them.</summary>
internal static class SubmitBody
{
    /// <summary>Most data connections that can be asked for.</summary>
    public const int MaxConnections = 16;

    private const int MaxDepth = 32;

    /// <exception cref="ClusterTransferException">The body is too large, not JSON, or a field is missing or of the wrong kind.</exception>
    public static async Task<SubmitTransfer> ReadAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        using JsonDocument document = await ReadDocumentAsync(request, "source and destination", cancellationToken);
        JsonElement root = document.RootElement;
        return new SubmitTransfer
        {
            Source = Text(root, "source") ?? throw Missing("source"),
            Destination = Text(root, "destination") ?? throw Missing("destination"),
            As = Text(root, "as"),
            Conflict = Named(root, "conflict", ConflictPolicy.Fail),
            Durability = Named(root, "durability", DurabilityLevel.Flushed),
            Connections = Connections(root),
            ConnectionPolicy = Named(root, "connectionPolicy", ConnectionPolicy.Flexible),
            Limit = LimitBody.Read(root),
            Weight = Weight(root),
        };
    }

    /// <summary>A body that is an object.</summary>
    /// <param name="request">The request.</param>
    /// <param name="fields">What it should have; only told.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ClusterTransferException">The body is too large, not JSON, or no object.</exception>
    public static async Task<JsonDocument> ReadDocumentAsync(HttpRequest request, string fields, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
        {
            throw TransferHandlers.Invalid($"Content-Type is '{PathText.Escape(request.ContentType ?? string.Empty)}'; want application/json.");
        }

        JsonDocument document = await ParseAsync(request, cancellationToken);
        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return document;
        }

        string kind = Kind(document.RootElement);
        document.Dispose();
        throw TransferHandlers.Invalid($"The body is a JSON {kind}; want an object with {fields}.");
    }

    private static async Task<JsonDocument> ParseAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            // Kestrel counts the bytes while they are read and stops at the limit the guard has set.
            return await JsonDocument.ParseAsync(request.Body, new JsonDocumentOptions { MaxDepth = MaxDepth }, cancellationToken);
        }
        catch (JsonException error)
        {
            throw TransferHandlers.Invalid($"The body is not JSON: line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}.");
        }
    }

    private static string? Text(JsonElement root, string name) => Field(root, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => ReadString(value, name),
        { } value => throw TransferHandlers.Invalid($"{name} is a JSON {Kind(value)}; want a string."),
    };

    /// <exception cref="ClusterTransferException">It is no string, or not valid UTF-8.</exception>
    public static string ReadString(JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            throw TransferHandlers.Invalid($"{name} has a JSON {Kind(value)}; want a string.");
        }

        try
        {
            return value.GetString()!;   // a string element has a string
        }
        catch (InvalidOperationException)
        {
            throw TransferHandlers.Invalid($"{name} is not valid UTF-8.");
        }
    }

    private static T Named<T>(JsonElement root, string name, T otherwise)
        where T : struct, Enum
    {
        string? text = Text(root, name);
        return text is null ? otherwise
            : EnumText.TryParse(text, out T value) ? value
            : throw TransferHandlers.Invalid($"{name} is '{PathText.Escape(text.Length > 64 ? text[..64] + "..." : text)}'; want one of {EnumText.Names<T>()}.");
    }

    private static int? Connections(JsonElement root) => Field(root, "connections") switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out int count) && count is >= 1 and <= MaxConnections => count,
        _ => throw TransferHandlers.Invalid($"connections: want a whole number, 1 to {MaxConnections}."),
    };

    private static int? Weight(JsonElement root) => Field(root, "weight") switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out int weight) && TransferWeight.IsValid(weight) => weight,
        _ => throw TransferHandlers.Invalid($"weight: want a whole number, {TransferWeight.Min} to {TransferWeight.Max}."),
    };

    /// <summary>A field. Null means the same as absent; names match as JsonSerializerDefaults.Web matches them: whatever their case.</summary>
    public static JsonElement? Field(JsonElement root, string name)
    {
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return property.Value.ValueKind == JsonValueKind.Null ? null : property.Value;
            }
        }

        return null;
    }

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => value.ValueKind.ToString().ToLowerInvariant(),
    };

    private static ClusterTransferException Missing(string name) => TransferHandlers.Invalid($"{name} is missing: want location:path.");
}
