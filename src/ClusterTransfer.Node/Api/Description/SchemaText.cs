using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ClusterTransfer.Node.Api.Description;

/// <summary>Completes the schemas that the framework made from the serializer: what each field and value means, which are always there, and in which range.</summary>
internal sealed class SchemaText : IOpenApiDocumentTransformer
{
    /// <summary>Requests: fields that may be left out stay so, whatever their class says.</summary>
    private static readonly Type[] Requests = [typeof(SubmitTransfer)];

    private readonly ModelDocumentation _texts = ModelDocumentation.Load();
    private readonly Dictionary<string, Type> _types = [];

    /// <summary>Name of a class among the schemas; null for one that has no schema of its own.</summary>
    private static string? NameOf(JsonTypeInfo type) => OpenApiOptions.CreateDefaultSchemaReferenceId(type);

    /// <summary>The same, and remembers the class: the framework calls this for each that it makes a schema of.</summary>
    public string? Note(JsonTypeInfo type)
    {
        string? name = NameOf(type);
        if (name is not null)
        {
            _types[name] = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        }

        return name;
    }

    /// <summary>A reference to the schema of a class.</summary>
    public static OpenApiSchemaReference Reference(Type type, OpenApiDocument document) => new(
        NameOf(ApiJson.Default.GetTypeInfo(type)!)!, document);   // asked only for classes of the API's JSON that have a schema

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        foreach ((string name, IOpenApiSchema schema) in document.Components?.Schemas ?? new Dictionary<string, IOpenApiSchema>())
        {
            Complete((OpenApiSchema)schema, _types[name], document);
        }

        return Task.CompletedTask;
    }

    private void Complete(OpenApiSchema schema, Type type, OpenApiDocument document)
    {
        schema.Description = _texts.Of(type);
        if (type == typeof(Reason))
        {
            CompleteEnum(schema, ReasonCatalogue.All.Where(pair => pair.Key != Reason.None).Select(pair => (pair.Value.Code, pair.Value.Title)));
        }
        else if (type.IsEnum)
        {
            CompleteEnum(schema, Enum.GetNames(type).Select(name => (name, _texts.Of(type.GetField(name)!))));   // a name of the enum has a field
        }
        else if (SchemaLimits.OfText(type) is { } text)
        {
            schema.Type = JsonSchemaType.String;
            schema.Pattern = text.Pattern;
            schema.Examples = [JsonValue.Create(text.Example)];
        }
        else
        {
            CompleteObject(schema, type, document);
        }
    }

    private static void CompleteEnum(OpenApiSchema schema, IEnumerable<(string Value, string Meaning)> values)
    {
        (string Value, string Meaning)[] all = [.. values];
        schema.Type = JsonSchemaType.String;
        schema.Enum = [.. all.Select(value => (JsonNode)JsonValue.Create(value.Value))];
        schema.Description += "\n\n" + string.Join('\n', all.Select(value => $"- `{value.Value}`: {value.Meaning}"));
    }

    private void CompleteObject(OpenApiSchema schema, Type type, OpenApiDocument document)
    {
        Dictionary<string, PropertyInfo> members = type.GetProperties().ToDictionary(member => JsonNamingPolicy.CamelCase.ConvertName(member.Name));
        schema.Required ??= new HashSet<string>();
        schema.Examples = SchemaLimits.ExampleOf(type) is { } example ? [example] : null;
        IDictionary<string, IOpenApiSchema> properties = schema.Properties!;   // the schema of an object has properties
        foreach ((string name, IOpenApiSchema property) in properties.ToArray())
        {
            IOpenApiSchema completed = CompleteProperty(property, members[name], document);
            completed.Description = _texts.Of(members[name]);
            SchemaLimits.Apply(completed, type, name);
            properties[name] = completed;
            if (!Requests.Contains(type) && !IsNullable(members[name]))
            {
                schema.Required.Add(name);
            }
        }
    }

    // A field without a value is left out, so none is ever null.
    private static IOpenApiSchema CompleteProperty(IOpenApiSchema schema, PropertyInfo member, OpenApiDocument document)
    {
        if (schema.OneOf is { Count: 2 } either && either.OfType<OpenApiSchemaReference>().SingleOrDefault() is { Reference.Id: { } target })
        {
            return new OpenApiSchemaReference(target, document);
        }

        if (schema is OpenApiSchema own)
        {
            own.Type &= ~JsonSchemaType.Null;
            if (own.Type is JsonSchemaType.Integer or JsonSchemaType.Number)
            {
                own.Minimum = "0";   // nothing here counts or measures below
            }

            if (own is { Type: JsonSchemaType.Array, Items: null })
            {
                // The framework knows nothing of texts that a converter of ours writes, and leaves them out.
                own.Items = Reference(member.PropertyType.GetGenericArguments()[0], document);
            }
        }

        return schema;
    }

    private static bool IsNullable(PropertyInfo member) =>
        Nullable.GetUnderlyingType(member.PropertyType) is not null || new NullabilityInfoContext().Create(member).ReadState == NullabilityState.Nullable;
}
