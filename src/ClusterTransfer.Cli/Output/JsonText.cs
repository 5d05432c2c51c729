using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Output;

/// <summary>JSON as <c>ct</c> prints it: readable letters of all scripts, and nothing that could steer a terminal.</summary>
internal static class JsonText
{
    private const int SchemaVersion = 1;

    /// <summary>A resource of the API in its own schema; generated, so that nothing falls back to reflection.</summary>
    public static JsonElement Of<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToElement(value, type);

    /// <summary>An object made by hand, beginning with <c>schemaVersion</c>, and before it with <c>type</c> where one is given.</summary>
    public static JsonElement Of(Action<Utf8JsonWriter> write, string? type = null)
    {
        using MemoryStream buffer = Write(isIndented: false, json =>
        {
            json.WriteStartObject();
            if (type is not null)
            {
                json.WriteString("type", type);
            }

            json.WriteNumber("schemaVersion", SchemaVersion);
            write(json);
            json.WriteEndObject();
        });
        using JsonDocument document = JsonDocument.Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
        return document.RootElement.Clone();
    }

    /// <summary>The element over several lines, without a line's end behind it.</summary>
    public static string Indented(JsonElement element) => Text(isIndented: true, element.WriteTo);

    /// <summary>The element on one line.</summary>
    public static string Line(JsonElement element) => Text(isIndented: false, element.WriteTo);

    /// <summary>A resource on one line; it stands alone there, so it says its <c>schemaVersion</c> also where its kind has none of its own.</summary>
    public static string ResourceLine(JsonElement resource) => resource.TryGetProperty("schemaVersion", out _) ? Line(resource) : Text(isIndented: false, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("schemaVersion", SchemaVersion);
        foreach (JsonProperty property in resource.EnumerateObject())
        {
            property.WriteTo(json);
        }

        json.WriteEndObject();
    });

    private static string Text(bool isIndented, Action<Utf8JsonWriter> write)
    {
        using MemoryStream buffer = Write(isIndented, write);
        return Safe(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    private static MemoryStream Write(bool isIndented, Action<Utf8JsonWriter> write)
    {
        var buffer = new MemoryStream();
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = isIndented, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        write(json);
        return buffer;
    }

    // The relaxed encoder keeps quotes and letters readable but lets format characters through. Outside of strings JSON is ASCII, so what is found here is inside one.
    private static string Safe(string json)
    {
        bool isSafe = true;
        foreach (Rune rune in json.EnumerateRunes())
        {
            isSafe &= rune.Value == '\n' || !PathText.IsUnsafe(rune);
        }

        if (isSafe)
        {
            return json;
        }

        var text = new StringBuilder(json.Length + 16);
        foreach (Rune rune in json.EnumerateRunes())
        {
            string characters = rune.ToString();
            if (rune.Value == '\n' || !PathText.IsUnsafe(rune))
            {
                text.Append(characters);
                continue;
            }

            foreach (char unit in characters)
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
            }
        }

        return text.ToString();
    }
}
