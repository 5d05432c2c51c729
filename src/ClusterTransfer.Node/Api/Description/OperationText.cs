using System.Globalization;
using System.Text.Json.Nodes;
using ClusterTransfer.Model.Api;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ClusterTransfer.Node.Api.Description;

/// <summary>Writes what an endpoint's <see cref="ApiOperation"/> says into its operation of the document.</summary>
internal sealed class OperationText : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        ApiOperation described = context.Description.ActionDescriptor.EndpointMetadata.OfType<ApiOperation>().Single();
        OpenApiDocument document = context.Document!;   // given whenever a document is made
        operation.OperationId = described.Id;
        operation.Summary = described.Summary;
        operation.Description = described.Description.Length > 0 ? described.Description : null;
        operation.Tags = new HashSet<OpenApiTagReference> { new(described.Tag, document) };
        operation.Security = described.NeedsToken
            ? [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(DocumentText.Token, document)] = [] }]
            : [];
        operation.Parameters = described.Parameters.Count > 0 ? [.. described.Parameters.Select(parameter => ToParameter(parameter, document))] : null;
        operation.RequestBody = described.Body is { } body ? ToBody(body, document) : null;
        operation.Responses = [];
        foreach (ApiSuccess success in described.Successes)
        {
            operation.Responses[Status(success.Status)] = ToResponse(success, document);
        }

        foreach (ApiRefusal refusal in described.Refusals)
        {
            operation.Responses[Status(refusal.Status)] = ToResponse(refusal, document);
        }

        return Task.CompletedTask;
    }

    private static OpenApiParameter ToParameter(ApiParameter parameter, OpenApiDocument document)
    {
        IOpenApiSchema value = parameter.ValueType is { } type ? SchemaText.Reference(type, document) : ToSchema(parameter);
        return new OpenApiParameter
        {
            Name = parameter.Name,
            In = parameter.Place switch
            {
                ApiPlace.Path => ParameterLocation.Path,
                ApiPlace.Query => ParameterLocation.Query,
                _ => ParameterLocation.Header,
            },
            Required = parameter.Place == ApiPlace.Path,
            Description = parameter.Description + (parameter.IsList ? " Several with commas between, or repeated. Upper and lower case are the same." : string.Empty),
            Schema = parameter.IsList ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = value } : value,

            // A list is written with commas. Said of a list only: what the default is depends on the place.
            Style = parameter.IsList ? ParameterStyle.Form : null,
            Explode = parameter.Place == ApiPlace.Query && !parameter.IsList,
            Example = parameter.IsList ? new JsonArray([.. parameter.Example.Split(',').Select(one => JsonValue.Create(one))])
                : parameter.Type == "integer" ? JsonNode.Parse(parameter.Example) : JsonValue.Create(parameter.Example),
        };
    }

    private static OpenApiSchema ToSchema(ApiParameter parameter)
    {
        bool isNumber = parameter.Type == "integer";
        return new OpenApiSchema
        {
            Type = isNumber ? JsonSchemaType.Integer : JsonSchemaType.String,
            Format = parameter.Format,
            Pattern = parameter.Pattern,
            Minimum = isNumber ? parameter.Minimum?.ToString(CultureInfo.InvariantCulture) : null,
            Maximum = isNumber ? parameter.Maximum?.ToString(CultureInfo.InvariantCulture) : null,
            MinLength = isNumber ? null : parameter.Minimum,
            MaxLength = isNumber ? null : parameter.Maximum,
            Default = parameter.Default is { } text ? JsonNode.Parse(text) : null,
            Enum = parameter.Values.Count > 0 ? [.. parameter.Values.Select(value => JsonValue.Create(value))] : null,
        };
    }

    private static OpenApiRequestBody ToBody(ApiBody body, OpenApiDocument document) => new()
    {
        Required = body.IsRequired,
        Description = body.Description,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            ["application/json"] = new()
            {
                Schema = SchemaText.Reference(body.Type, document),
                Examples = body.Examples.ToDictionary(
                    example => example.Key, IOpenApiExample (example) => new OpenApiExample { Summary = example.Value.Summary, Value = JsonNode.Parse(example.Value.Json) }),
            },
        },
    };

    private static OpenApiResponse ToResponse(ApiSuccess success, OpenApiDocument document) => new()
    {
        Description = success.Description,
        Headers = success.Headers.Count > 0 ? success.Headers.ToDictionary(header => header.Name, ToHeader) : null,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            [success.ContentType] = new()
            {
                Schema = success.Type is { } type ? SchemaText.Reference(type, document)
                    : new OpenApiSchema { Type = success.ContentType == "application/json" ? JsonSchemaType.Object : JsonSchemaType.String },
                Example = success.Example is { } text ? JsonValue.Create(text) : null,
            },
        },
    };

    private static OpenApiResponse ToResponse(ApiRefusal refusal, OpenApiDocument document)
    {
        ApiHeader? header = refusal.Status switch
        {
            401 => new ApiHeader("WWW-Authenticate", "Always `Bearer`.", "Bearer"),
            429 or 503 => new ApiHeader("Retry-After", "Seconds to wait before the next attempt.", "5"),
            _ => null,
        };
        return new OpenApiResponse
        {
            Description = refusal.Description,
            Headers = header is null ? null : new Dictionary<string, IOpenApiHeader> { [header.Name] = ToHeader(header) },
            Content = new Dictionary<string, OpenApiMediaType> { ["application/problem+json"] = new() { Schema = SchemaText.Reference(typeof(ProblemResource), document) } },
        };
    }

    private static IOpenApiHeader ToHeader(ApiHeader header) => new OpenApiHeader
    {
        Description = header.Description,
        Required = true,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        Example = JsonValue.Create(header.Example),
    };

    private static string Status(int status) => status.ToString(CultureInfo.InvariantCulture);
}
