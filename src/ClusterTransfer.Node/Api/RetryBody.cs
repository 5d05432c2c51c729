using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ClusterTransfer.Node.Api;

/// <summary>Reads the body of a retry, which may be left out, and says which field is wrong.</summary>
/// <remarks>Unknown fields are refused: one that is misspelt and left alone would take up more than was asked for.</remarks>
internal static class RetryBody
{
    /// <exception cref="ClusterTransferException">The body is too large, not JSON, or a field is unknown or of the wrong kind.</exception>
    public static async Task<RetryTransfer> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return new RetryTransfer();
        }

        using JsonDocument document = await SubmitBody.ReadDocumentAsync(request, "files or chunks", cancellationToken);
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
        {
            if (!string.Equals(property.Name, "files", StringComparison.OrdinalIgnoreCase) && !string.Equals(property.Name, "chunks", StringComparison.OrdinalIgnoreCase))
            {
                throw TransferHandlers.Invalid($"There is no field '{TransferHandlers.Shown(property.Name)}'; want files or chunks.");
            }
        }

        return new RetryTransfer
        {
            Files = List(document.RootElement, "files", (item, name) => SubmitBody.ReadString(item, name) is { Length: > 0 } path ? path : throw Wrong(name)),
            Chunks = List(document.RootElement, "chunks", (item, name) => item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out long index) && index >= 0 ? index : throw Wrong(name)),
        };
    }

    private static List<T>? List<T>(JsonElement root, string name, Func<JsonElement, string, T> read)
    {
        if (SubmitBody.Field(root, name) is not { } list)
        {
            return null;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            throw Wrong(name);
        }

        if (list.GetArrayLength() > RetryTransfer.MaxFiles)
        {
            throw new ClusterTransferException(Reason.LimitReached, $"{name} has {list.GetArrayLength()} items; at most {RetryTransfer.MaxFiles} can be named. Leave it out to take up all.");
        }

        return [.. list.EnumerateArray().Select(item => item.ValueKind is JsonValueKind.String or JsonValueKind.Number ? read(item, name) : throw Wrong(name))];
    }

    private static ClusterTransferException Wrong(string name) =>
        TransferHandlers.Invalid($"{name}: want a list of {(name == "files" ? "paths" : "chunk indices, 0 or more")}.");
}
