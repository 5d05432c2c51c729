using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ClusterTransfer.Node.Api.Description;

/// <summary>Writes what holds for the whole API into the document.</summary>
internal sealed class DocumentText : IOpenApiDocumentTransformer
{
    /// <summary>Name of the way to authenticate.</summary>
    public const string Token = "token";

    private const string Rules = """
        A node of ClusterTransfer serves this API on its machine's loopback. It copies files and folders between the locations of a cluster's nodes.

        **Token.** Everything below `/api` needs `Authorization: Bearer TOKEN`. The node makes its token at its first start and keeps it in the file `api-token` of its state
        folder (or where `api.token-file` of its configuration says), readable for its user only.

        **Addresses.** `location:relative/path`, for example `src:photos/2024`. `listLocations` shows the locations; `location:` is the whole location.

        **JSON.** Requests and answers are UTF-8 JSON. A body needs `Content-Type: application/json` and has at most 1 MiB and 32 levels. Sizes are bytes, rates bytes per
        second, durations seconds, times UTC in RFC 3339. A field without a value is left out of an answer, where these texts say null; in a request, `null` is the same as
        leaving it out. Paths are shown escaped: bytes that are not printable UTF-8 as `\xHH`, a backslash doubled.

        **Changes only add.** A reader must ignore fields, enum values and events that it does not know. Unknown fields of a request are ignored, unknown values and unknown
        query parameters are refused.

        **Refusals** are problem details (RFC 9457). Compare `code`: it is stable; `listProblems` lists all. `detail` names what was wrong; `remedy` says what to do. An answer with
        429 or 503 carries `Retry-After`. What this node does not have is answered with 404 and the code `version-mismatch`.

        **First steps.** `TOKEN=$(cat STATE_FOLDER/api-token)`, then `curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:7400/api/v1/locations`, then `submitTransfer`, then `watchTransfer`.
        """;

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo { Title = "ClusterTransfer node API", Version = "1", Description = Rules };
        document.Servers = [new OpenApiServer { Url = "http://127.0.0.1:7400", Description = "The default address; api.listen of the node's configuration." }];
        document.Tags = new HashSet<OpenApiTag>(ApiOperationParts.Tags.All.Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Description }));
        document.AddComponent<IOpenApiSecurityScheme>(Token, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "The node's token: 43 characters of base64url, in the file `api-token` of its state folder. Each node has its own.",
        });
        return Task.CompletedTask;
    }
}
