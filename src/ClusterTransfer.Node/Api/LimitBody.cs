using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using Microsoft.AspNetCore.Http;

namespace ClusterTransfer.Node.Api;

/// <summary>Reads the body of a limit, and limits in other bodies.</summary>
/// <remarks>Nothing but a written null means "no limit": a body without the field, or with another one, is refused.</remarks>
internal static class LimitBody
{
    /// <exception cref="ClusterTransferException">The body is too large, not JSON, or its field is missing, unknown or wrong.</exception>
    public static async Task<LimitTransfer> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using JsonDocument document = await SubmitBody.ReadDocumentAsync(request, "limit", cancellationToken);
        bool said = false;
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
        {
            said = string.Equals(property.Name, "limit", StringComparison.OrdinalIgnoreCase)
                ? true
                : throw TransferHandlers.Invalid($"There is no field '{TransferHandlers.Shown(property.Name)}'; want limit.");
        }

        return said
            ? new LimitTransfer { Limit = Read(document.RootElement) }
            : throw TransferHandlers.Invalid($"limit is missing: want bytes per second, {RateLimit.Min} to {RateLimit.Max}, or null for no limit.");
    }

    /// <summary>The field <c>limit</c> of a body; null when it is null or absent.</summary>
    /// <exception cref="ClusterTransferException">It is something else.</exception>
    public static long? Read(JsonElement root) => SubmitBody.Field(root, "limit") switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out long limit) && RateLimit.IsValid(limit) => limit,
        { } value => throw TransferHandlers.Invalid(
            $"limit is {TransferHandlers.Shown(value.GetRawText())}; want a whole number of bytes per second, {RateLimit.Min} to {RateLimit.Max}, or null for no limit."),
    };
}
