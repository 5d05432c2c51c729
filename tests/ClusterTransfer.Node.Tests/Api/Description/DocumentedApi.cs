using System.Text.Json;
using System.Text.RegularExpressions;

namespace ClusterTransfer.Node.Tests.Api.Description;

/// <summary>The OpenAPI document as a test reads it: its operations, and the part of JSON Schema that it uses. What it does not know, it reports.</summary>
internal sealed class DocumentedApi(JsonElement document)
{
    // Said for people; nothing to check.
    private static readonly string[] Words = ["description", "examples", "default", "format"];

    public static DocumentedApi Parse(string json) => new(JsonDocument.Parse(json).RootElement);

    public JsonElement Document => document;

    public IReadOnlyList<DocumentedOperation> Operations { get; } =
    [
        .. from path in document.GetProperty("paths").EnumerateObject()
           from method in path.Value.EnumerateObject()
           select new DocumentedOperation(path.Name, method.Name.ToUpperInvariant(), method.Value),
    ];

    /// <summary>Everything about a value that its schema does not allow, or that the schema does not say.</summary>
    public IReadOnlyList<string> Problems(JsonElement value, JsonElement schema)
    {
        var problems = new List<string>();
        Check(value, schema, "$", problems);
        return problems;
    }

    /// <summary>The schema of that name.</summary>
    public JsonElement Schema(string name) => document.GetProperty("components").GetProperty("schemas").GetProperty(name);

    private void Check(JsonElement value, JsonElement schema, string at, List<string> problems)
    {
        foreach (JsonProperty rule in schema.EnumerateObject())
        {
            switch (rule.Name)
            {
                case "$ref":
                    Check(value, Schema(rule.Value.GetString()!.Split('/')[^1]), at, problems);
                    break;
                case "type":
                    Expect(
                        rule.Value.ValueKind == JsonValueKind.Array ? rule.Value.EnumerateArray().Any(type => IsOf(value, type.GetString()!)) : IsOf(value, rule.Value.GetString()!),
                        $"is no {rule.Value}");
                    break;
                case "properties" when value.ValueKind == JsonValueKind.Object:
                    CheckProperties(value, rule.Value, at, problems);
                    break;
                case "required" when value.ValueKind == JsonValueKind.Object:
                    foreach (JsonElement name in rule.Value.EnumerateArray())
                    {
                        Expect(value.TryGetProperty(name.GetString()!, out _), $"has no {name}");
                    }

                    break;
                case "items" when value.ValueKind == JsonValueKind.Array:
                    foreach ((int index, JsonElement item) in value.EnumerateArray().Index())
                    {
                        Check(item, rule.Value, $"{at}[{index}]", problems);
                    }

                    break;
                case "enum":
                    Expect(rule.Value.EnumerateArray().Any(allowed => allowed.ToString() == value.ToString()), $"'{value}' is none of {rule.Value}");
                    break;
                case "pattern":
                    Expect(Regex.IsMatch(value.ToString(), rule.Value.GetString()!), $"'{value}' does not match {rule.Value}");
                    break;
                case "format" when value.ValueKind == JsonValueKind.String && rule.Value.GetString() == "date-time":
                    Expect(value.TryGetDateTimeOffset(out _), $"'{value}' is no time");
                    break;
                case "minimum" or "maximum" when value.ValueKind == JsonValueKind.Null:
                    break;   // whether it may be null is said by its type
                case "minimum" when value.ValueKind == JsonValueKind.Number:
                    Expect(value.GetDouble() >= rule.Value.GetDouble(), $"{value} is below {rule.Value}");
                    break;
                case "maximum" when value.ValueKind == JsonValueKind.Number:
                    Expect(value.GetDouble() <= rule.Value.GetDouble(), $"{value} is above {rule.Value}");
                    break;
                case "minLength" when value.ValueKind == JsonValueKind.String:
                    Expect(value.GetString()!.Length >= rule.Value.GetInt32(), $"'{value}' is too short");
                    break;
                case "maxLength" when value.ValueKind == JsonValueKind.String:
                    Expect(value.GetString()!.Length <= rule.Value.GetInt32(), $"'{value}' is too long");
                    break;
                default:
                    Expect(Words.Contains(rule.Name), $"has a rule '{rule.Name}' that this test does not know or that does not fit a {value.ValueKind}");
                    break;
            }
        }

        void Expect(bool holds, string problem)
        {
            if (!holds)
            {
                problems.Add($"{at} {problem}");
            }
        }
    }

    // A reader may meet fields it does not know; the program that we test must not send any.
    private void CheckProperties(JsonElement value, JsonElement properties, string at, List<string> problems)
    {
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (properties.TryGetProperty(property.Name, out JsonElement schema))
            {
                Check(property.Value, schema, $"{at}.{property.Name}", problems);
            }
            else
            {
                problems.Add($"{at}.{property.Name} is not documented");
            }
        }
    }

    private static bool IsOf(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => false,
    };
}

/// <summary>One operation of the document.</summary>
internal sealed record DocumentedOperation(string Path, string Method, JsonElement Json)
{
    public string Id => Json.GetProperty("operationId").GetString()!;

    public bool NeedsToken => Json.GetProperty("security").GetArrayLength() > 0;

    public IEnumerable<JsonElement> Parameters => Json.TryGetProperty("parameters", out JsonElement parameters) ? parameters.EnumerateArray() : [];

    public IEnumerable<(int Status, JsonElement Answer)> Answers =>
        Json.GetProperty("responses").EnumerateObject().Select(answer => (int.Parse(answer.Name), answer.Value));
}
