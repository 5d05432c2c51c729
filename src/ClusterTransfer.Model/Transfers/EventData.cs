using System.Globalization;
using System.Text.Json;

namespace ClusterTransfer.Model;

/// <summary>The data of an event for programs, beside its sentence for people: a few names, each with a number or a text.</summary>
public static class EventData
{
    /// <summary>The most entries an event has.</summary>
    public const int MaxEntries = 16;

    /// <summary>The longest name.</summary>
    public const int MaxNameLength = 40;

    /// <summary>The longest text; longer ones are cut.</summary>
    public const int MaxTextLength = 256;

    private const int MaxNumberLength = 32;

    /// <summary>Makes the data of an event. What has no value is left out.</summary>
    /// <param name="entries">Names in camel case; values are whole numbers, or are written as text.</param>
    public static IReadOnlyDictionary<string, JsonElement> Of(params ReadOnlySpan<(string Name, object? Value)> entries)
    {
        var data = new Dictionary<string, JsonElement>();
        foreach ((string name, object? value) in entries)
        {
            if (value is not null)
            {
                data[name] = value is int or uint or long
                    ? JsonElement.Parse(Convert.ToString(value, CultureInfo.InvariantCulture)!)
                    : TextOf(Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty);
            }
        }

        return data;
    }

    /// <summary>Of what another node said, what an event may have: within the bounds, only numbers and texts. Null when nothing is left.</summary>
    public static IReadOnlyDictionary<string, JsonElement>? Fit(IReadOnlyDictionary<string, JsonElement>? said)
    {
        var data = new Dictionary<string, JsonElement>();
        foreach ((string name, JsonElement value) in said ?? data)
        {
            if (data.Count >= MaxEntries || name.Length is 0 or > MaxNameLength || !name.All(char.IsAsciiLetterOrDigit))
            {
                continue;
            }

            if (value.ValueKind == JsonValueKind.Number && value.GetRawText().Length <= MaxNumberLength)
            {
                data[name] = value.Clone();
            }
            else if (value.ValueKind == JsonValueKind.String && TextIn(value) is { } text)
            {
                data[name] = TextOf(PathText.EscapeControls(text));
            }
        }

        return data.Count == 0 ? null : data;
    }

    private static string? TextIn(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;   // It has half of a surrogate pair, which only the escapes of JSON can bring in, and which JSON cannot be made of.
        }
    }

    private static JsonElement TextOf(string text) => JsonElement.Parse($"\"{JsonEncodedText.Encode(Cut(text))}\"");

    // Never half of a surrogate pair.
    private static string Cut(string text) =>
        text.Length <= MaxTextLength ? text : text[..(MaxTextLength - (char.IsHighSurrogate(text[MaxTextLength - 1]) ? 1 : 0))];
}
