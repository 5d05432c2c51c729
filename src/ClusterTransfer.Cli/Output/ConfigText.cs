using System.Text;
using System.Text.Json;
using ClusterTransfer.Hocon;
using ClusterTransfer.Model;
using ClusterTransfer.Node.Configuration;

namespace ClusterTransfer.Cli.Output;

/// <summary>What <c>ct config</c> prints.</summary>
internal static class ConfigText
{
    public static void WriteCheck(TextWriter output, string file, IReadOnlyList<string> problems, bool isJson)
    {
        if (isJson)
        {
            WriteJson(output, json =>
            {
                json.WriteString("file", file);
                json.WriteBoolean("valid", problems.Count == 0);
                WriteList(json, "problems", problems);
            });
            return;
        }

        output.WriteLine(PathText.EscapeControls($"{file}: {problems.Count switch { 0 => "no problems", 1 => "1 problem", int count => $"{count} problems" }}"));
        foreach (string problem in problems)
        {
            output.WriteLine(PathText.EscapeControls($"  - {problem}"));
        }
    }

    public static void WriteValue(TextWriter output, ConfiguredKey key, bool isJson)
    {
        if (isJson)
        {
            WriteJson(output, json =>
            {
                json.WriteString("key", key.Key);
                json.WriteString("value", key.Value);
            });
        }
        else
        {
            output.WriteLine(PathText.EscapeControls(key.Value ?? string.Empty));
        }
    }

    /// <summary>A section as lines of HOCON; what has no value is a comment.</summary>
    public static void WriteSection(TextWriter output, IReadOnlyList<ConfiguredKey> keys, bool isJson)
    {
        if (isJson)
        {
            WriteJson(output, json =>
            {
                json.WriteStartArray("keys");
                foreach (ConfiguredKey key in keys)
                {
                    json.WriteStartObject();
                    json.WriteString("key", key.Key);
                    json.WriteString("value", key.Value);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
            return;
        }

        foreach (ConfiguredKey key in keys)
        {
            output.WriteLine(key.Value is null ? $"# {key.Key} is {(key.IsRequired ? "required" : "not set")}" : $"{key.Key} = {AsHocon(key.Value)}");
        }
    }

    public static void WriteExplanation(TextWriter output, ConfiguredKey key, Func<string, string> near, bool isJson)
    {
        if (isJson)
        {
            WriteJson(output, json =>
            {
                json.WriteString("key", key.Key);
                json.WriteString("value", key.Value);
                json.WriteString("source", SourceName(key.Source));
                json.WriteString("place", key.Place is null ? null : near(key.Place));
                json.WriteString("default", key.Default);
                json.WriteBoolean("required", key.IsRequired);
                json.WriteString("unit", key.Unit);
                json.WriteString("range", key.Range);
                json.WriteString("variable", key.Variable);
                json.WriteString("reason", key.Reason);
                WriteList(json, "problems", key.Problems.Select(near));
            });
            return;
        }

        void Field(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                output.WriteLine(PathText.EscapeControls($"{name + ":",-10}{value}"));
            }
        }

        Field("Key", key.Key);
        Field("Value", key.Value ?? "none");
        Field("From", key.Place is null ? (key.IsRequired ? "nowhere" : "default") : $"{SourceName(key.Source)} {near(key.Place)}");
        Field("Default", key.IsRequired ? "none, it is required" : key.Default);
        Field("Range", key.Range);
        Field("Unit", key.Unit);
        Field("Variable", key.Variable);
        Field("Reason", key.Reason);
        foreach (string problem in key.Problems)
        {
            Field("Problem", near(problem));
        }
    }

    private static string SourceName(ConfigurationSource source) => source switch
    {
        ConfigurationSource.Flag => "flag",
        ConfigurationSource.Environment => "environment",
        ConfigurationSource.File => "file",
        _ => "default",
    };

    // Lists of host:port are the only values that are no scalars; their items need quotes.
    private static string AsHocon(string value) => value is ['[', .., ']']
        ? $"[{string.Join(", ", value[1..^1].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(AsScalar))}]"
        : AsScalar(value);

    private static string AsScalar(string value) =>
        new HoconScalar(value, isQuoted: new HoconScalar(value, isQuoted: false, default).Kind == HoconScalarKind.Text, default).Render().TrimEnd('\n');

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> items)
    {
        json.WriteStartArray(name);
        foreach (string item in items)
        {
            json.WriteStringValue(item);
        }

        json.WriteEndArray();
    }

    private static void WriteJson(TextWriter output, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteNumber("schemaVersion", 1);
            write(json);
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.ToArray()));
    }
}
