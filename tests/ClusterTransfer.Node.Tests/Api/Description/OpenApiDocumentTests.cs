using System.Text.Json;
using System.Text.RegularExpressions;

namespace ClusterTransfer.Node.Tests.Api.Description;

/// <summary>What stands in the OpenAPI document.</summary>
public sealed class OpenApiDocumentTests
{
    private static readonly DocumentedApi Api = DocumentedApi.Parse(File.ReadAllText(Path.Combine(Configuration.RepositoryFiles.Root, "docs", "openapi.json")));

    [Fact]
    public async Task Document_IsWhatTheNodeServes()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var stranger = new HttpClient { BaseAddress = server.Address };

        string served = await stranger.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken);

        GeneratedFile.Check("docs/openapi.json", served);
    }

    [Fact]
    public void Operations_AreDescribed()
    {
        Assert.All(Api.Operations, operation =>
        {
            Assert.NotEmpty(operation.Json.GetProperty("summary").GetString()!);
            Assert.All(Regex.Matches(operation.Path, @"\{(\w+)\}").Select(match => match.Groups[1].Value), name => Assert.Contains(
                operation.Parameters, parameter => (parameter.GetProperty("in").GetString(), parameter.GetProperty("name").GetString()) == ("path", name)));
            Assert.All(operation.Answers, answer => Assert.NotEmpty(answer.Answer.GetProperty("description").GetString()!));
            Assert.Equal(operation.NeedsToken, operation.Answers.Any(answer => answer.Status == 401));
            Assert.Equal(operation.NeedsToken, operation.Path.StartsWith("/api/", StringComparison.Ordinal));
        });
        Assert.Equal(Api.Operations.Count, Api.Operations.Select(operation => operation.Id).Distinct().Count());
    }

    [Fact]
    public void Parameters_AreDescribedWithAnExampleThatFits() => Assert.All(
        Api.Operations.SelectMany(operation => operation.Parameters),
        parameter =>
        {
            Assert.NotEmpty(parameter.GetProperty("description").GetString()!);
            Assert.Empty(Api.Problems(parameter.GetProperty("example"), parameter.GetProperty("schema")));
        });

    [Fact]
    public void Schemas_DescribeEveryFieldAndValue()
    {
        Assert.All(Api.Document.GetProperty("components").GetProperty("schemas").EnumerateObject(), schema =>
        {
            Assert.NotEmpty(schema.Value.GetProperty("description").GetString()!);
            foreach (JsonProperty field in schema.Value.TryGetProperty("properties", out JsonElement fields) ? fields.EnumerateObject() : default)
            {
                Assert.True(field.Value.TryGetProperty("description", out JsonElement text) && text.GetString()!.Length > 0, $"{schema.Name}.{field.Name} is not described.");
                Assert.True(field.Value.TryGetProperty("type", out _) || field.Value.TryGetProperty("$ref", out _), $"{schema.Name}.{field.Name} has no type.");
            }

            foreach (JsonElement value in schema.Value.TryGetProperty("enum", out JsonElement values) ? values.EnumerateArray() : default)
            {
                Assert.Contains($"- `{value}`: ", schema.Value.GetProperty("description").GetString(), StringComparison.Ordinal);
            }

            foreach (JsonElement example in schema.Value.TryGetProperty("examples", out JsonElement examples) ? examples.EnumerateArray() : default)
            {
                Assert.Empty(Api.Problems(example, schema.Value));
            }
        });
    }

    [Fact]
    public void Bodies_HaveExamplesThatFit() => Assert.All(
        Api.Operations.Where(operation => operation.Json.TryGetProperty("requestBody", out _)),
        operation =>
        {
            JsonElement body = operation.Json.GetProperty("requestBody").GetProperty("content").GetProperty("application/json");
            JsonElement[] examples = [.. body.GetProperty("examples").EnumerateObject().Select(example => example.Value.GetProperty("value"))];
            Assert.NotEmpty(examples);
            Assert.All(examples, example => Assert.Empty(Api.Problems(example, body.GetProperty("schema"))));
        });

    [Theory]
    [InlineData("""{"id":"k3m9x2p7q4w8r5tz"}""", "has no source")]
    [InlineData("""{"id":"K3M9"}""", "$.id 'K3M9' does not match")]
    [InlineData("""{"state":"Sleeping"}""", "$.state 'Sleeping' is none of")]
    [InlineData("""{"surprise":1}""", "$.surprise is not documented")]
    [InlineData("""{"progress":{"bytesSent":-1}}""", "$.progress.bytesSent -1 is below 0")]
    [InlineData("""{"issues":[{"path":7}]}""", "$.issues[0].path is no string")]
    [InlineData("""{"createdAt":"today"}""", "$.createdAt 'today' is no time")]
    [InlineData("""{"endedAt":null}""", "$.endedAt is no string")]
    public void Check_FindsWhatDoesNotFit(string json, string problem)
    {
        using JsonDocument value = JsonDocument.Parse(json);

        Assert.Contains(Api.Problems(value.RootElement, Api.Schema("TransferResource")), found => found.Contains(problem, StringComparison.Ordinal));
    }
}
