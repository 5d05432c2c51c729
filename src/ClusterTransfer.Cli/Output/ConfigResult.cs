using System.Text.Json;
using ClusterTransfer.Hocon;
using ClusterTransfer.Model;
using ClusterTransfer.Node.Configuration;

namespace ClusterTransfer.Cli.Output;

/// <summary>A node's configuration as results. Files are named by what <c>near</c> makes of them: as the user knows them.</summary>
internal static class ConfigResult
{
    public static Result Check(string file, IReadOnlyList<string> problems) => new()
    {
        Document = () => JsonText.Of(json =>
        {
            json.WriteString("file", file);
            json.WriteBoolean("valid", problems.Count == 0);
            WriteList(json, "problems", problems);
        }),
        Text = (output, _) =>
        {
            output.WriteLine(PathText.EscapeControls($"{file}: {problems.Count switch { 0 => "no problems", 1 => "1 problem", int count => $"{count} problems" }}"));
            foreach (string problem in problems)
            {
                output.WriteLine(PathText.EscapeControls($"  - {problem}"));
            }
        },
    };

    public static Result Value(ConfiguredKey key, Func<string, string> near) => new()
    {
        Document = () => JsonText.Of(json => WriteValue(json, key)),
        Names = () => [key.Key],
        Text = (output, isWide) => WriteText(output, [key], near, isWide, narrow => narrow.WriteLine(PathText.EscapeControls(key.Value ?? string.Empty))),
    };

    /// <summary>A section as lines of HOCON, what has no value as a comment; wide as a table that tells who said it.</summary>
    public static Result Section(IReadOnlyList<ConfiguredKey> keys, Func<string, string> near) => new()
    {
        Document = () => JsonText.Of(json =>
        {
            json.WriteStartArray("keys");
            foreach (ConfiguredKey key in keys)
            {
                json.WriteStartObject();
                WriteValue(json, key);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }),
        Lines = () => keys.Select(key => JsonText.Of(json => WriteValue(json, key))),
        Names = () => keys.Select(key => key.Key),
        Text = (output, isWide) => WriteText(output, keys, near, isWide, narrow =>
        {
            foreach (ConfiguredKey key in keys)
            {
                narrow.WriteLine(key.Value is null ? $"# {key.Key} is {(key.IsRequired ? "required" : "not set")}" : $"{key.Key} = {AsHocon(key.Value)}");
            }
        }),
    };

    public static Result Explanation(ConfiguredKey key, Func<string, string> near) => new()
    {
        Document = () => JsonText.Of(json =>
        {
            WriteValue(json, key);
            json.WriteString("source", SourceName(key.Source));
            json.WriteString("place", key.Place is null ? null : near(key.Place));
            json.WriteString("default", key.Default);
            json.WriteBoolean("required", key.IsRequired);
            json.WriteString("unit", key.Unit);
            json.WriteString("range", key.Range);
            json.WriteString("variable", key.Variable);
            json.WriteString("reason", key.Reason);
            WriteList(json, "problems", key.Problems.Select(near));
        }),
        Text = (output, _) => WriteExplanation(output, key, near),
    };

    private static void WriteExplanation(TextWriter output, ConfiguredKey key, Func<string, string> near)
    {
        void Field(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                output.WriteLine(PathText.EscapeControls($"{name + ":",-10}{value}"));
            }
        }

        Field("Key", key.Key);
        Field("Value", key.Value ?? "none");
        Field("From", PlaceOf(key, near));
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

    private static void WriteText(TextWriter output, IReadOnlyList<ConfiguredKey> keys, Func<string, string> near, bool isWide, Action<TextWriter> narrow)
    {
        if (!isWide)
        {
            narrow(output);
            return;
        }

        Column<ConfiguredKey>[] columns =
        [
            new("KEY", key => key.Key),
            new("VALUE", key => key.Value ?? string.Empty),
            new("FROM", key => PlaceOf(key, near)),
            new("DEFAULT", key => key.Default ?? string.Empty),
            new("VARIABLE", key => key.Variable ?? string.Empty),
        ];
        Column<ConfiguredKey>.Write(output, keys, columns, isWide);
    }

    private static string PlaceOf(ConfiguredKey key, Func<string, string> near) =>
        key.Place is null ? (key.IsRequired ? "nowhere" : "default") : $"{SourceName(key.Source)} {near(key.Place)}";

    private static string SourceName(ConfigurationSource source) => source switch
    {
        ConfigurationSource.Flag => "flag",
        ConfigurationSource.Environment => "environment",
        ConfigurationSource.File => "file",
        _ => "default",
    };

    // Lists of host:port, whose items need quotes, and maps of node names and rates, which need none, are the only values that are no scalars.
    private static string AsHocon(string value) => value is ['{', .., '}'] ? value : value is ['[', .., ']']
        ? $"[{string.Join(", ", value[1..^1].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(AsScalar))}]"
        : AsScalar(value);

    private static string AsScalar(string value) =>
        new HoconScalar(value, isQuoted: new HoconScalar(value, isQuoted: false, default).Kind == HoconScalarKind.Text, default).Render().TrimEnd('\n');

    private static void WriteValue(Utf8JsonWriter json, ConfiguredKey key)
    {
        json.WriteString("key", key.Key);
        json.WriteString("value", key.Value);
    }

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> items)
    {
        json.WriteStartArray(name);
        foreach (string item in items)
        {
            json.WriteStringValue(item);
        }

        json.WriteEndArray();
    }
}
