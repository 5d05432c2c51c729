using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using Microsoft.AspNetCore.Http;

namespace ClusterTransfer.Node.Api;

/// <summary>Reads the body of a node's limit. As of a transfer's, nothing but a written null means "no limit".</summary>
internal static class NodeLimitBody
{
    /// <exception cref="ClusterTransferException">The body is too large, not JSON, or a field is missing, unknown or wrong.</exception>
    public static async Task<LimitNode> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using JsonDocument document = await SubmitBody.ReadDocumentAsync(request, "limit, or configured", cancellationToken);
        JsonElement root = document.RootElement;
        bool said = false;
        foreach (JsonProperty property in root.EnumerateObject())
        {
            bool isLimit = property.Name.Equals("limit", StringComparison.OrdinalIgnoreCase);
            said |= isLimit;
            if (!isLimit && !property.Name.Equals("peer", StringComparison.OrdinalIgnoreCase) && !property.Name.Equals("configured", StringComparison.OrdinalIgnoreCase))
            {
                throw TransferHandlers.Invalid($"There is no field '{TransferHandlers.Shown(property.Name)}'; want limit or configured, and peer.");
            }
        }

        bool configured = SubmitBody.Field(root, "configured") switch
        {
            null or { ValueKind: JsonValueKind.False } => false,
            { ValueKind: JsonValueKind.True } => true,
            { } value => throw TransferHandlers.Invalid($"configured is {TransferHandlers.Shown(value.GetRawText())}; want true, or leave it out."),
        };
        long? limit = LimitBody.Read(root);
        return said || configured
            ? configured && limit is not null
                ? throw TransferHandlers.Invalid("configured and limit are both there; want one of them.")
                : new LimitNode { Peer = Peer(root), Limit = limit, Configured = configured ? true : null }
            : throw TransferHandlers.Invalid(
                $"limit is missing: want bytes per second, {RateLimit.Min} to {RateLimit.Max}, or null for no limit; or configured: true for what the node is configured with.");
    }

    private static NodeId? Peer(JsonElement root) => SubmitBody.Field(root, "peer") switch
    {
        null => null,
        { } value when NodeId.TryParse(SubmitBody.ReadString(value, "peer"), null, out NodeId peer) => peer,
        { } value => throw TransferHandlers.Invalid($"peer is {TransferHandlers.Shown(value.GetRawText())}; want the name of a node."),
    };
}
