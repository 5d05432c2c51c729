using System.Text.Json;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Output;

/// <summary>Standard output of one run: results in the form asked for, and with <c>jsonl</c> the summary as the last line.</summary>
internal sealed class Results(TextWriter output, OutputFormat format)
{
    private readonly Dictionary<string, long> _counts = [];
    private long _items;

    public OutputFormat Format => format;

    /// <summary>Whether a person reads it.</summary>
    public bool IsText => format is OutputFormat.Table or OutputFormat.Wide;

    /// <summary>What the summary says instead of the word that the exit code stands for; null leaves it that.</summary>
    public string? Status { get; set; }

    /// <summary>The transfer that all is about, so that who was interrupted can come back to it.</summary>
    public string? Transfer { get; set; }

    /// <summary>Why the thing asked for is not well, where that is no failure of the command itself.</summary>
    public Failure? Problem { get; set; }

    public void Write(Result result)
    {
        switch (format)
        {
            case OutputFormat.Json:
                output.WriteLine(JsonText.Indented(result.Document()));
                break;
            case OutputFormat.Yaml:
                output.Write(YamlText.Of(result.Document()));
                break;
            case OutputFormat.Jsonl:
                foreach (JsonElement line in result.Lines?.Invoke() ?? [result.Document()])
                {
                    WriteLine(line);
                }

                break;
            case OutputFormat.Name:
                foreach (string name in result.Names())
                {
                    output.WriteLine(PathText.EscapeControls(name));
                }

                break;
            default:
                result.Text(output, format == OutputFormat.Wide);
                break;
        }
    }

    /// <summary>A list whose items come one by one, each printed as it comes.</summary>
    /// <param name="header">First line for people; null for none.</param>
    public ResultStream Begin(string? header) => new(this, output, header);

    /// <summary>One resource of <c>jsonl</c>.</summary>
    public void WriteLine(JsonElement resource)
    {
        _items++;
        output.WriteLine(JsonText.ResourceLine(resource));
    }

    /// <summary>Adds a count to the summary.</summary>
    public void Count(string name, long count) => _counts[name] = count;

    /// <summary>Tells the outcome of a transfer that was followed.</summary>
    public void Count(TransferProgress progress)
    {
        Count("filesFound", progress.FilesFound);
        Count("filesPublished", progress.FilesPublished);
        Count("filesSkipped", progress.FilesSkipped);
        Count("filesParked", progress.FilesParked);
        Count("bytesPublished", progress.BytesPublished);
    }

    /// <summary>Ends the run: says how it went, also when nothing ran.</summary>
    public void Finish(int exitCode, Failure? failure)
    {
        if (format == OutputFormat.Jsonl)
        {
            output.WriteLine(JsonText.Line(JsonText.Of(json => WriteSummary(json, exitCode, failure ?? Problem), "summary")));
        }
    }

    private void WriteSummary(Utf8JsonWriter json, int exitCode, Failure? problem)
    {
        json.WriteString("status", exitCode == 0 && Status is not null ? Status : StatusOf(exitCode));
        json.WriteNumber("exitCode", exitCode);
        if (Transfer is not null)
        {
            json.WriteString("transfer", Transfer);
        }

        json.WriteStartObject("counts");
        json.WriteNumber("items", _items);
        foreach ((string name, long count) in _counts)
        {
            json.WriteNumber(name, count);
        }

        json.WriteEndObject();
        if (problem is not null)
        {
            json.WriteStartObject("problem");
            problem.WriteTo(json);
            json.WriteEndObject();
        }
    }

    private static string StatusOf(int exitCode) => exitCode switch
    {
        0 => "ok",
        4 => "partial",
        10 => "timed-out",
        11 => "cancelled",
        130 or 143 => "interrupted",
        _ => "failed",
    };
}
