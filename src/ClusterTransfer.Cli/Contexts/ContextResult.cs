using System.Text.Json;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Settings;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Contexts;

/// <summary>Contexts as results. Tokens are files here, never texts.</summary>
internal static class ContextResult
{
    /// <summary>All of them.</summary>
    /// <param name="file">The file.</param>
    /// <param name="chosen">The one that counts; null when none does.</param>
    public static Result List(ContextsFile file, string? chosen) => new()
    {
        Document = () => JsonText.Of(json =>
        {
            json.WriteString("file", file.Path);
            json.WriteString("current", chosen);
            json.WriteStartArray("items");
            foreach (ContextEntry context in file.Contexts.Values)
            {
                json.WriteStartObject();
                Write(json, context, chosen);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }),
        Lines = () => file.Contexts.Values.Select(context => JsonText.Of(json => Write(json, context, chosen))),
        Names = () => file.Contexts.Keys,
        Text = (output, isWide) => Column<ContextEntry>.Write(
            output,
            file.Contexts.Values,
            [
                new("CURRENT", context => context.Name == chosen ? "*" : string.Empty),
                new("NAME", context => context.Name),
                new("NODE", context => context.Node ?? NodeAddress.Default),
                new("TOKEN FILE", context => context.TokenFile?.FullPath ?? string.Empty),
                new("DEFAULTS", context => string.Join(' ', Defaults(context).Select(pair => $"{pair.Key}={pair.Value.Text}")), IsWide: true),
            ],
            isWide),
    };

    /// <summary>One of them, with what it takes from the section for all.</summary>
    public static Result One(ContextsFile file, ContextEntry context, string? chosen) => new()
    {
        Document = () => JsonText.Of(json => Write(json, context, chosen)),
        Names = () => [context.Name],
        Text = (output, _) =>
        {
            output.WriteLine($"# {context.Name}{(context.Name == chosen ? ", the current context" : string.Empty)}");
            foreach ((string key, ContextValue value) in context.Values.Concat(file.Shared.Where(shared => !context.Values.ContainsKey(shared.Key))))
            {
                output.WriteLine(PathText.EscapeControls($"{key} = {(key == SettingsTable.TokenFile.ContextKey ? value.FullPath : value.Text)}  # {value.Place}"));
            }
        },
    };

    private static void Write(Utf8JsonWriter json, ContextEntry context, string? chosen)
    {
        json.WriteString("name", context.Name);
        json.WriteBoolean("current", context.Name == chosen);
        json.WriteString("node", context.Node ?? NodeAddress.Default);
        json.WriteString("tokenFile", context.TokenFile?.FullPath);
        json.WriteStartObject("defaults");
        foreach ((string key, ContextValue value) in Defaults(context))
        {
            json.WriteString(key, value.Text);
        }

        json.WriteEndObject();
    }

    private static IEnumerable<KeyValuePair<string, ContextValue>> Defaults(ContextEntry context) =>
        context.Values.Where(pair => pair.Key != SettingsTable.Node.ContextKey && pair.Key != SettingsTable.TokenFile.ContextKey);
}
