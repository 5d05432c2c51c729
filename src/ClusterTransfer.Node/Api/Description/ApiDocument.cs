using System.Text;
using System.Text.Json.Serialization;
using ClusterTransfer.Model.Api;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace ClusterTransfer.Node.Api.Description;

/// <summary>The OpenAPI document of the API, made once from the endpoints, their <see cref="ApiOperation"/> and the model's XML documentation.</summary>
internal sealed class ApiDocument
{
    /// <summary>Where it is served.</summary>
    public const string Path = "/openapi/v1.json";

    private const string Name = "v1";

    private readonly Lazy<Task<byte[]>> _bytes;

    public ApiDocument([FromKeyedServices(Name)] IOpenApiDocumentProvider provider) =>
        _bytes = new Lazy<Task<byte[]>>(() => MakeAsync(provider));

    /// <summary>The document as UTF-8 JSON; the same for every node of this version.</summary>
    public Task<byte[]> BytesAsync() => _bytes.Value;

    /// <summary>Registers what making it needs.</summary>
    public static void AddTo(IServiceCollection services)
    {
        // The schemas are those of the serializer that writes the answers.
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Clear();
            json.SerializerOptions.TypeInfoResolverChain.Add(ApiJson.Default);
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        services.AddOpenApi(Name, options =>
        {
            var schemas = new SchemaText();
            options.CreateSchemaReferenceId = schemas.Note;
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.AddOperationTransformer(new OperationText());
            options.AddDocumentTransformer(schemas);
            options.AddDocumentTransformer(new DocumentText());
        });
        services.AddSingleton<ApiDocument>();
    }

    private static async Task<byte[]> MakeAsync(IOpenApiDocumentProvider provider)
    {
        OpenApiDocument document = await provider.GetOpenApiDocumentAsync();
        return Encoding.UTF8.GetBytes((await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1)).ReplaceLineEndings("\n") + "\n");
    }
}
