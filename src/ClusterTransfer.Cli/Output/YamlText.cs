using System.Globalization;
using System.Text;
using System.Text.Json;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Output;

/// <summary>Writes a JSON element as the same document in YAML 1.2.</summary>
/// <remarks>Block style, two spaces a level. A text stands without quotes only where no reader, of YAML 1.1 neither, can take it for anything else.</remarks>
internal static class YamlText
{
    private const int Step = 2;

    // What some reader or other takes for a truth value, a number or nothing.
    private static readonly HashSet<string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nil", "none", "nan", "inf", "infinity",
    };

    /// <summary>The document, ended by a line's end.</summary>
    public static string Of(JsonElement element) => Of(element, indent: 0) + "\n";

    /// <summary>The element for a place that many columns from the left; the first line without the indent, the last without its end.</summary>
    public static string Of(JsonElement element, int indent)
    {
        var text = new StringBuilder();
        Write(text, element, indent);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonElement element, int indent)
    {
        bool isFirst = true;
        switch (element.ValueKind)
        {
            case JsonValueKind.Object when !IsEmpty(element):
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    StartLine(text, ref isFirst, indent);
                    text.Append(Scalar(property.Name)).Append(':');
                    if (IsBlock(property.Value))
                    {
                        text.Append('\n').Append(' ', indent + Step);
                        Write(text, property.Value, indent + Step);
                    }
                    else
                    {
                        text.Append(' ');
                        Write(text, property.Value, indent);
                    }
                }

                break;
            case JsonValueKind.Array when !IsEmpty(element):
                foreach (JsonElement item in element.EnumerateArray())
                {
                    StartLine(text, ref isFirst, indent);
                    text.Append("- ");
                    Write(text, item, indent + Step);
                }

                break;
            case JsonValueKind.Object:
                text.Append("{}");
                break;
            case JsonValueKind.Array:
                text.Append("[]");
                break;
            case JsonValueKind.String:
                text.Append(Scalar(element.GetString()!));
                break;
            case JsonValueKind.Number:
                text.Append(Number(element.GetRawText()));
                break;
            default:
                text.Append(element.ValueKind switch { JsonValueKind.True => "true", JsonValueKind.False => "false", _ => "null" });
                break;
        }
    }

    private static void StartLine(StringBuilder text, ref bool isFirst, int indent)
    {
        if (!isFirst)
        {
            text.Append('\n').Append(' ', indent);
        }

        isFirst = false;
    }

    private static bool IsBlock(JsonElement element) => element.ValueKind is JsonValueKind.Object or JsonValueKind.Array && !IsEmpty(element);

    private static bool IsEmpty(JsonElement element) => element.ValueKind == JsonValueKind.Array ? element.GetArrayLength() == 0 : !element.EnumerateObject().Any();

    // Readers of YAML 1.1 take 1E5 for a text: their numbers with an exponent have a point and a sign.
    private static string Number(string json)
    {
        int exponent = json.IndexOfAny(['e', 'E']);
        if (exponent < 0)
        {
            return json;
        }

        string mantissa = json[..exponent].Contains('.', StringComparison.Ordinal) ? json[..exponent] : json[..exponent] + ".0";
        string power = json[(exponent + 1)..];
        return $"{mantissa}e{(power[0] is '+' or '-' ? string.Empty : "+")}{power}";
    }

    private static string Scalar(string value) => IsPlain(value) ? value : Quoted(value);

    private static bool IsPlain(string value) =>
        value.Length > 0
        && char.IsAsciiLetter(value[0])
        && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/')
        && !Words.Contains(value);

    private static string Quoted(string value)
    {
        var text = new StringBuilder(value.Length + 2).Append('"');
        foreach (Rune rune in value.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append(@"\\"),
                '\n' => text.Append(@"\n"),
                '\r' => text.Append(@"\r"),
                '\t' => text.Append(@"\t"),
                _ when !PathText.IsUnsafe(rune) => text.Append(rune.ToString()),
                <= 0xff => text.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                <= 0xffff => text.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => text.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
            };
        }

        return text.Append('"').ToString();
    }
}
