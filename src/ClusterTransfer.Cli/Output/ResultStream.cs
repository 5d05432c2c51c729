using System.Text.Json;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Output;

/// <summary>A list that is printed while it comes, with no more of it in memory than one item. Disposing ends it, so that a document is whole also when its list was cut.</summary>
internal sealed class ResultStream : IDisposable
{
    private const int ItemIndent = 4;

    private readonly Results _results;
    private readonly TextWriter _output;
    private readonly List<Action<Utf8JsonWriter>> _problems = [];
    private bool _any;

    public ResultStream(Results results, TextWriter output, string? header)
    {
        (_results, _output) = (results, output);
        switch (results.Format)
        {
            case OutputFormat.Json:
                output.Write("{\n  \"schemaVersion\": 1,\n  \"items\": [");
                break;
            case OutputFormat.Yaml:
                output.Write("schemaVersion: 1\nitems:");
                break;
            case OutputFormat.Table or OutputFormat.Wide when header is not null:
                output.WriteLine(header);
                break;
        }
    }

    /// <summary>Prints one item.</summary>
    /// <param name="item">The resource.</param>
    /// <param name="line">What people read; made only for them.</param>
    /// <param name="name">Its id or name, where it has one.</param>
    public void Add(JsonElement item, Func<string> line, string? name = null)
    {
        switch (_results.Format)
        {
            case OutputFormat.Json:
                _output.Write($"{(_any ? "," : string.Empty)}\n    {JsonText.Indented(item).Replace("\n", "\n    ", StringComparison.Ordinal)}");
                break;
            case OutputFormat.Yaml:
                _output.Write($"\n  - {YamlText.Of(item, ItemIndent)}");
                break;
            case OutputFormat.Jsonl:
                _results.WriteLine(item);
                break;
            default:
                _output.WriteLine(PathText.EscapeControls(_results.Format == OutputFormat.Name ? name ?? string.Empty : line()));
                break;
        }

        _any = true;
        _output.Flush();
    }

    /// <summary>Notes something that was asked for and is not to be had: in a document behind the items as <c>problems</c>. Who reads has it on standard error.</summary>
    public void AddProblem(string id, Failure failure)
    {
        void Write(Utf8JsonWriter json)
        {
            json.WriteString("id", id);
            failure.WriteTo(json);
        }

        _problems.Add(Write);
        if (_results.Format == OutputFormat.Jsonl)
        {
            _output.WriteLine(JsonText.Line(JsonText.Of(Write, "problem")));
        }
    }

    public void Dispose()
    {
        if (_results.Format == OutputFormat.Json)
        {
            _output.Write(_any ? "\n  ]" : "]");
            if (_problems.Count > 0)
            {
                _output.Write($",\n  \"problems\": {JsonText.Indented(Problems()).Replace("\n", "\n  ", StringComparison.Ordinal)}");
            }

            _output.Write("\n}\n");
        }
        else if (_results.Format == OutputFormat.Yaml)
        {
            _output.Write(_any ? "\n" : " []\n");
            if (_problems.Count > 0)
            {
                _output.Write($"problems:\n  {YamlText.Of(Problems(), ItemIndent - 2)}\n");
            }
        }
    }

    private JsonElement Problems() => JsonText.Of(json =>
    {
        json.WriteStartArray("problems");
        foreach (Action<Utf8JsonWriter> write in _problems)
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }).GetProperty("problems");
}
