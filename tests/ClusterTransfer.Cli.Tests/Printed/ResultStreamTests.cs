using System.Text.Json;
using ClusterTransfer.Cli.Output;

namespace ClusterTransfer.Cli.Tests.Printed;

/// <summary>A list that is printed while it comes is the same text as one that was there as a whole.</summary>
public sealed class ResultStreamTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(0, 2)]
    [InlineData(2, 1)]
    public void Stream_InDocuments_IsTheDocument(int items, int problems)
    {
        JsonElement[] resources = [.. Enumerable.Range(0, items).Select(i => JsonDocument.Parse($$"""{"id":"no","list":[{{i}},[]],"text":"a\nb","inner":{"x":null} }""").RootElement)];
        var failure = new Failure("What:\n", "Remedy.", "code", 3, IsPassing: false);
        JsonElement whole = JsonText.Of(json =>
        {
            json.WriteStartArray("items");
            resources.ToList().ForEach(resource => resource.WriteTo(json));
            json.WriteEndArray();
            if (problems > 0)
            {
                json.WriteStartArray("problems");
                for (int i = 0; i < problems; i++)
                {
                    json.WriteStartObject();
                    json.WriteString("id", $"{i}");
                    failure.WriteTo(json);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }
        });

        Assert.Equal(JsonText.Indented(whole) + "\n", Print(OutputFormat.Json));
        Assert.Equal(YamlText.Of(whole), Print(OutputFormat.Yaml));

        string Print(OutputFormat format)
        {
            using var output = new StringWriter { NewLine = "\n" };
            using (ResultStream stream = new Results(output, format).Begin("HEADER"))
            {
                foreach (JsonElement resource in resources)
                {
                    stream.Add(resource, () => "line");
                }

                for (int i = 0; i < problems; i++)
                {
                    stream.AddProblem($"{i}", failure);
                }
            }

            return output.ToString();
        }
    }
}
