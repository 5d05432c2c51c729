using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Node.Hosting;

/// <summary>What tells two submits with one idempotency key apart: a hash over what they ask for.</summary>
/// <remarks>Stored for as long as the key, so it must not change: fields come in the order of their names, and one that has its default is left out.
/// A field that a later version adds therefore changes no hash of a request that does not use it.</remarks>
internal static class SubmitFingerprint
{
    // Source and destination have no default; no request has empty ones.
    private static readonly JsonObject Defaults = ToJson(new SubmitTransfer { Source = string.Empty, Destination = string.Empty });

    /// <summary>64 lower-case hex digits.</summary>
    public static string Of(SubmitTransfer body)
    {
        var text = new StringBuilder();
        foreach ((string name, JsonNode? value) in ToJson(body).OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            if (!JsonNode.DeepEquals(value, Defaults[name]))
            {
                // JSON text has no line break of its own.
                text.Append(name).Append('=').Append(value?.ToJsonString()).Append('\n');
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static JsonObject ToJson(SubmitTransfer body) => JsonSerializer.SerializeToNode(body, ApiJson.Default.SubmitTransfer)!.AsObject();
}
